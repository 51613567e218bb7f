/**
 * What a provider knows of its models, from all sources, each over the one before: the family's rule, the catalogue's row,
 * the vendor's listing, a probe, the owner.
 */
import { type Capabilities, type CapabilityFacts, withCapabilities } from "./capabilities.ts";
import { catalogueCapabilities, cataloguePricing, EMPTY_CATALOGUE, findModel } from "./catalogue.ts";
import type { PriceRates, Pricing } from "./pricing.ts";
import type { ModelInfo } from "./provider.ts";
import type { ModelFacts, ProviderDefinition } from "./provider-definition.ts";

export interface ModelKnowledge {
  readonly aliases: ReadonlyMap<string, string>;
  /** The model's id for a short name; any other name as it is. */
  modelOf(name: string): string;
  supports(name: string): boolean;
  knownModels(): readonly string[];
  capabilities(name: string): Capabilities;
  pricing(name: string): Pricing | undefined;
  /** Takes in the vendor's own listing, and gives it back with all that is known. An empty one: the catalogue's models. */
  infos(listed: readonly ModelFacts[]): readonly ModelInfo[];
}

export function createModelKnowledge(provider: string, definition: ProviderDefinition): ModelKnowledge {
  const options = definition.options ?? {};
  const catalogue = options.catalogue ?? definition.catalogue ?? EMPTY_CATALOGUE;
  const aliases = new Map(Object.entries({ ...definition.aliases, ...options.aliases }));
  const factor = definition.batchPriceFactor;
  const ownPrices = byModel(options.prices);
  const probed = byModel(options.probed);
  const ownCapabilities = byModel(options.capabilities);
  const learned = new Map<string, CapabilityFacts>();
  const learnedPrices = new Map<string, PriceRates>();
  const capabilityCache = new Map<string, Capabilities>();
  const pricingCache = new Map<string, Pricing | undefined>();

  function modelOf(name: string): string {
    return aliases.get(name) ?? name;
  }

  /** What is said of models, under their own ids where an alias names them. */
  function byModel<Facts>(rows: Readonly<Record<string, Facts>> = {}): ReadonlyMap<string, Facts> {
    return new Map(Object.entries(rows).map(([name, facts]) => [modelOf(name), facts]));
  }

  function capabilities(name: string): Capabilities {
    const model = modelOf(name);
    const cached = capabilityCache.get(model);
    if (cached !== undefined) return cached;
    let known = catalogueCapabilities(catalogue, definition.families ?? [], model);
    for (const [facts, source] of [
      [learned.get(model), "vendor"],
      [probed.get(model), "probe"],
      [ownCapabilities.get(model), "configuration"],
    ] as const) {
      if (facts !== undefined) known = withCapabilities(known, facts, source);
    }
    remember(capabilityCache, model, known);
    return known;
  }

  function pricing(name: string): Pricing | undefined {
    const model = modelOf(name);
    if (pricingCache.has(model)) return pricingCache.get(model);
    const own = ownPrices.get(model);
    const told = learnedPrices.get(model);
    const vendors = told === undefined ? cataloguePricing(catalogue, model) : { ...told, catalogue: "vendor" };
    const listed = own === undefined ? vendors : { ...own, catalogue: "own" };
    const found = listed && { ...(factor === undefined ? {} : { batchFactor: factor }), ...listed };
    remember(pricingCache, model, found);
    return found;
  }

  function supports(name: string): boolean {
    if (aliases.has(name) || findModel(catalogue, name) !== undefined) return true;
    if ([learned, ownPrices, probed, ownCapabilities].some((facts) => facts.has(name))) return true;
    return definition.modelPrefixes?.some((prefix) => name.startsWith(prefix)) ?? false;
  }

  function infos(listed: readonly ModelFacts[]): readonly ModelInfo[] {
    for (const row of listed) {
      learned.set(row.id, row.facts ?? {});
      capabilityCache.delete(row.id);
      if (row.pricing === undefined) continue;
      learnedPrices.set(row.id, row.pricing);
      pricingCache.delete(row.id);
    }
    if (listed.length > 0) return listed.map((row) => info(row, "vendor"));
    return catalogue.models
      .filter(({ purpose }) => purpose === undefined)
      .map(({ id, name }) => info({ id, ...(name === undefined ? {} : { displayName: name }) }, "catalogue"));
  }

  function info(row: ModelFacts, source: ModelInfo["source"]): ModelInfo {
    const price = pricing(row.id);
    return {
      id: row.id,
      provider,
      ...(row.displayName === undefined ? {} : { displayName: row.displayName }),
      ...(row.createdAt === undefined ? {} : { createdAt: row.createdAt }),
      capabilities: capabilities(row.id),
      ...(price === undefined ? {} : { pricing: price }),
      source,
    };
  }

  return {
    aliases,
    modelOf,
    supports,
    knownModels: () => [...new Set([...aliases.keys(), ...catalogue.models.map((row) => row.id), ...learned.keys()])],
    capabilities,
    pricing,
    infos,
  };
}

/** Models whose facts are kept at hand. Callers choose the names, so there must be an end. */
const MODELS_REMEMBERED_MAX = 1_000;

function remember<Facts>(cache: Map<string, Facts>, model: string, facts: Facts): void {
  if (cache.size >= MODELS_REMEMBERED_MAX) cache.clear();
  cache.set(model, facts);
}
