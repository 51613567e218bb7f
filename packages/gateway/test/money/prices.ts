/** What tokens cost in these schedules: whole billionths of a dollar each, worked out here by whole numbers alone. */
import type { PriceRates, Usage } from "@dragoman/llm";

/** Billionths of a dollar for one token. */
export interface TokenPrice {
  readonly input: number;
  readonly cacheRead: number;
  readonly output: number;
}

export const nanoOf = (usd: number): number => Math.round(usd * 1e9);

/** The price as a provider is told it. */
export function ratesOf({ input, cacheRead, output }: TokenPrice): PriceRates {
  return {
    inputPerMillionUsd: input / 1_000,
    cacheReadPerMillionUsd: cacheRead / 1_000,
    outputPerMillionUsd: output / 1_000,
  };
}

/** Undefined where not all of it was told. */
export function nanoFor({ inputTokens, cacheReadTokens = 0, outputTokens }: Usage, price: TokenPrice): number | undefined {
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return (inputTokens - cacheReadTokens) * price.input + cacheReadTokens * price.cacheRead + outputTokens * price.output;
}
