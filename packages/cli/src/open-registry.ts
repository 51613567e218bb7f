/** The registry that every command uses: what the environment offers, or the simulator when it offers nothing. */
import { type Discovery, discoverProviders, KNOWN_PROVIDERS } from "@dragoman/gateway/discover";
import { BUILT_IN_PROVIDERS, createRegistry, type Provider, type ProviderOptions, type Registry } from "@dragoman/llm";
import { readOwnPrices } from "./own-prices.ts";
import { readUserData } from "./user-data.ts";

export interface OpenedRegistry {
  readonly registry: Registry;
  readonly discovery: Discovery;
  /** The model that a command uses when none is named, as `provider:model`; undefined where no provider lists any. */
  readonly defaultModel: () => Promise<string | undefined>;
  /** True when only the simulator answers. */
  readonly simulated: boolean;
}

export interface OpenOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Filled with what is found. Default: a new one. */
  readonly registry?: Registry;
  /** The address of our own server, so that no provider leads back to it. */
  readonly ownUrl?: string;
  /** A model's name that tells which provider alone is wanted, as in `anthropic:claude-sonnet`. */
  readonly named?: string | undefined;
  /** How long an engine on this machine may take to answer. Milliseconds. Default 2 000. */
  readonly engineWaitMs?: number;
}

const ENGINE_WAIT_MS = 2_000;

export async function openRegistry(options: OpenOptions = {}): Promise<OpenedRegistry> {
  const { environment = process.env, registry = createRegistry(), engineWaitMs = ENGINE_WAIT_MS } = options;
  const discovery = await discover(environment, engineWaitMs, options);
  const simulated = discovery.usable.length === 0;
  for (const provider of discovery.usable) registry.register(provider);
  if (simulated || environment.DRAGOMAN_SIMULATOR === "1") registry.register(await simulator());
  return { registry, discovery, simulated, defaultModel: () => chooseDefault(registry, environment) };
}

/** Looks again, without our limit, for engines that were too slow; gives back those that are there now. */
export async function addLateEngines(registry: Registry, environment = process.env): Promise<readonly string[]> {
  const { usable } = await discover(environment, undefined);
  const late = usable.filter((provider) => registry.provider(provider.id) === undefined);
  for (const provider of late) registry.register(provider);
  return late.map((provider) => provider.id);
}

async function discover(
  environment: NodeJS.ProcessEnv,
  engineWaitMs: number | undefined,
  { ownUrl, named }: Pick<OpenOptions, "ownUrl" | "named"> = {},
): Promise<Discovery> {
  const providers = await userOptions(environment);
  const wanted = named?.split(":", 1)[0];
  return discoverProviders({
    environment,
    providers,
    ...(ownUrl === undefined ? {} : { ownUrl }),
    ...(wanted !== undefined && KNOWN_PROVIDERS.includes(wanted) ? { only: [wanted] } : {}),
    ...(engineWaitMs === undefined ? {} : { signal: AbortSignal.timeout(engineWaitMs) }),
  });
}

async function simulator(): Promise<Provider> {
  const { createSimulator } = await import("@dragoman/llm/testing/simulator");
  return createSimulator();
}

/** Findings of `probe`, a refreshed catalogue and own prices, per provider. */
export async function userOptions(environment: NodeJS.ProcessEnv): Promise<Readonly<Record<string, ProviderOptions>>> {
  const [{ capabilities, catalogues }, ownPrices] = await Promise.all([readUserData(environment), readOwnPrices(environment)]);
  const ids = new Set([capabilities, catalogues, ownPrices].flatMap(Object.keys));
  return Object.fromEntries(
    [...ids].map((id) => {
      const known = capabilities[id];
      const catalogue = catalogues[id];
      const prices = ownPrices[id];
      return [
        id,
        {
          ...(known === undefined ? {} : { probed: known }),
          ...(catalogue === undefined ? {} : { catalogue }),
          ...(prices === undefined ? {} : { prices }),
        },
      ];
    }),
  );
}

/** Models that local engines list beside those that answer. */
const NOT_CHAT = /embed|rerank|whisper|\bbge-|minilm|\btts\b/i;

async function chooseDefault(registry: Registry, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = environment.DRAGOMAN_MODEL?.trim();
  if (named) return named;
  for (const provider of registry.providers()) {
    const everyday = provider.id === "sim" ? "echo" : BUILT_IN_PROVIDERS.find(({ id }) => id === provider.id)?.everydayModel;
    if (everyday !== undefined) return `${provider.id}:${everyday}`;
    const models = await provider.models({ signal: AbortSignal.timeout(ENGINE_WAIT_MS) }).catch(() => []);
    const first = models.find((model) => !NOT_CHAT.test(model.id));
    if (first !== undefined) return `${provider.id}:${first.id}`;
  }
  return undefined;
}
