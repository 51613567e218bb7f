/** Every known price with where it comes from, for `dragoman prices`. */
import { BUILT_IN_PROVIDERS, type OwnPricing, type Pricing, type Provider, type ProviderOptions, Secret } from "@dragoman/llm";

export interface PriceRow {
  readonly provider: string;
  readonly model: string;
  readonly pricing: Pricing;
}

/** What each vendor's provider would cost a call at, without asking the vendor. Models without a price are left out. */
export function knownPrices(options: Readonly<Record<string, ProviderOptions>>): readonly PriceRow[] {
  return BUILT_IN_PROVIDERS.flatMap(({ id, create }) => {
    // No call is made; the key only keeps a provider from looking for one.
    const own = options[id] ?? {};
    return pricesOf(create({ key: new Secret("unused"), ...own }), Object.keys(own.prices ?? {}));
  });
}

/** `also`: models that the provider knows by their price alone. */
export function pricesOf(provider: Provider, also: readonly string[] = []): readonly PriceRow[] {
  const aliases = provider.aliases ?? {};
  const models = new Set([...(provider.knownModels?.() ?? []), ...also].map((name) => aliases[name] ?? name));
  return [...models].flatMap((model) => {
    const pricing = provider.pricing(model);
    return pricing === undefined ? [] : [{ provider: provider.id, model, pricing }];
  });
}

export function referenceOf({ provider, model }: Pick<PriceRow, "provider" | "model">): string {
  return `${provider}:${model}`;
}

/** A price without its version, for comparing. */
export function ratesOf({ catalogue: _version, ...rates }: Pricing): OwnPricing {
  return rates;
}
