/** What is known of providers' models without asking anybody. Nobody is contacted, and no key is looked at. */
import { BUILT_IN_PROVIDERS, type Provider } from "@dragoman/llm";
import type { ProviderEntry } from "../configuration.ts";

export interface KnownProvider {
  readonly supports: (model: string) => boolean;
  /** For suggestions. */
  readonly models: readonly string[];
}

/** By name. Undefined where the models depend on who runs it: an engine, a package, a cloud's deployments, a router's hundreds. */
export function createReference(
  providers: Readonly<Record<string, ProviderEntry>>,
): ReadonlyMap<string, KnownProvider | undefined> {
  return new Map(Object.entries(providers).map(([name, entry]) => [name, knownProvider(name, entry)]));
}

function knownProvider(name: string, { type = name, aliases, prices, capabilities }: ProviderEntry): KnownProvider | undefined {
  const builtIn = BUILT_IN_PROVIDERS.find(({ id }) => id === type);
  if (builtIn === undefined || !HAS_CATALOGUE.has(type)) return undefined;
  const provider: Provider = builtIn.create({
    id: name,
    secrets: { environment: {} },
    ...(aliases && { aliases }),
    ...(prices && { prices }),
    ...(capabilities && { capabilities }),
  });
  return { supports: (model) => provider.supports(model), models: provider.knownModels?.() ?? [] };
}

/** Vendors whose own models the bundled catalogue lists. Hosts of others' models have more than any list. */
const HAS_CATALOGUE: ReadonlySet<string> = new Set([
  "anthropic",
  "openai",
  "gemini",
  "cohere",
  "mistral",
  "moonshot",
  "groq",
  "deepseek",
  "xai",
  "cerebras",
  "perplexity",
  "zai",
]);
