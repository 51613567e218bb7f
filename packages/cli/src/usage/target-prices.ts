/** What a model of the configuration costs, by whatever price list is asked. Sends nothing; no key is read. */
import { readFile } from "node:fs/promises";
import type { GatewayConfiguration } from "@dragoman/gateway";
import {
  createRegistry,
  DragomanError,
  loadProviders,
  type Pricing,
  type ProviderConfiguration,
  type Registry,
} from "@dragoman/llm";

export type PriceOf = (provider: string, model: string) => Pricing | undefined;

/** The providers of a configuration, with what is known of their models. Those that cannot be made are left out, and told. */
export async function offlineRegistry({ providers, preferred }: GatewayConfiguration): Promise<Registry> {
  if (Object.keys(providers).length === 0) return builtInRegistry();
  const rows = Object.entries(providers).map(([name, entry]): [string, ProviderConfiguration] => {
    const { defaultModel: _defaultModel, fallback: _fallback, ...provider } = entry;
    return [name, provider];
  });
  return loadProviders({ providers: Object.fromEntries(rows), preferred }, {});
}

/** Without a configuration: every provider under its own name, with the user's prices and catalogues. */
async function builtInRegistry(): Promise<Registry> {
  const [{ BUILT_IN_PROVIDERS, Secret }, { userOptions }, { createSimulator }] = await Promise.all([
    import("@dragoman/llm"),
    import("../open-registry.ts"),
    import("@dragoman/llm/testing/simulator"),
  ]);
  const options = await userOptions(process.env);
  const registry = createRegistry([createSimulator()]);
  for (const { id, create } of BUILT_IN_PROVIDERS) {
    try {
      registry.register(create({ key: new Secret("unused"), ...options[id] }));
    } catch (thrown) {
      // Some cannot be made without an address of their own; their models have no price then.
      if (!DragomanError.is(thrown)) throw thrown;
    }
  }
  return registry;
}

/** `bundled`: as the configuration's providers say, own prices included. Else a file of own prices, and nothing beside it. */
export async function pricesFrom(source: string, configuration: GatewayConfiguration): Promise<PriceOf> {
  if (source !== "bundled") return pricesOfFile(source, configuration);
  const registry = await offlineRegistry(configuration);
  return (provider, model) => registry.provider(provider)?.pricing(model);
}

async function pricesOfFile(file: string, { providers }: GatewayConfiguration): Promise<PriceOf> {
  const { parseOwnPrices } = await import("../own-prices.ts");
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const detail = `${file} cannot be read (${cause.code ?? "unknown"})`;
    throw new DragomanError({ code: "configuration", detail, advice: "name a file of own prices, or bundled", cause });
  });
  const prices = parseOwnPrices(text, file);
  return (provider, model) => {
    const rates = prices[provider]?.[model] ?? prices[providers[provider]?.type ?? provider]?.[model];
    return rates === undefined ? undefined : { ...rates, catalogue: "own" };
  };
}
