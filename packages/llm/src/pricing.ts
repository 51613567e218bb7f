/** Prices per million tokens, USD. A rate that is absent is unknown, unless its doc says what it falls back to. */
import type { Cost, Usage } from "./usage.ts";

export interface PriceRates {
  readonly inputPerMillionUsd?: number;
  readonly outputPerMillionUsd?: number;
  /** Falls back to the input rate. */
  readonly cacheReadPerMillionUsd?: number;
  /** Falls back to the input rate. */
  readonly cacheWritePerMillionUsd?: number;
  /** Falls back to the cache-write rate. */
  readonly cacheWriteOneHourPerMillionUsd?: number;
  readonly inputAudioPerMillionUsd?: number;
  readonly outputAudioPerMillionUsd?: number;
  /** Per thousand calls of a tool that the vendor runs, as in a web search. */
  readonly toolCallsPerThousandUsd?: number;
}

/** Rates that hold for the whole request once its input exceeds a size. */
export interface PriceTier extends PriceRates {
  readonly inputTokensAbove: number;
}

export interface Pricing extends PriceRates {
  /** Version of the catalogue, `vendor` for what the vendor's listing says, or `own`. Stands on every cost computed from it. */
  readonly catalogue: string;
  /** Dearer rates for long inputs, ascending. */
  readonly tiers?: readonly PriceTier[];
  /** What a batch pays: a part of every rate, as 0.5. Absent: unknown, and a batch's cost is unknown with it. */
  readonly batchFactor?: number;
}

/**
 * The cost of a usage. Undefined when a total or a needed rate is unknown: unknown is not free. `estimated` when tokens
 * were priced at a rate that another one falls back to.
 */
export function costOf(usage: Usage, pricing: Pricing | undefined, mode: "standard" | "batch" = "standard"): Cost | undefined {
  const factor = mode === "batch" ? pricing?.batchFactor : 1;
  if (pricing === undefined || usage.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  if (factor === undefined) return undefined;
  const rates = ratesFor(usage.inputTokens, pricing);
  if (rates.inputPerMillionUsd === undefined || rates.outputPerMillionUsd === undefined) return undefined;

  const cacheRead = usage.cacheReadTokens ?? 0;
  const cacheWriteOneHour = usage.cacheWriteOneHourTokens ?? 0;
  const cacheWrite = Math.max(0, (usage.cacheWriteTokens ?? 0) - cacheWriteOneHour);
  const audioIn = rates.inputAudioPerMillionUsd === undefined ? 0 : (usage.inputAudioTokens ?? 0);
  const audioOut = rates.outputAudioPerMillionUsd === undefined ? 0 : (usage.outputAudioTokens ?? 0);
  const fresh = Math.max(0, usage.inputTokens - cacheRead - cacheWrite - cacheWriteOneHour - audioIn);
  const cacheWriteRate = rates.cacheWritePerMillionUsd ?? rates.inputPerMillionUsd;

  const inputUsd =
    (fresh * rates.inputPerMillionUsd +
      cacheRead * (rates.cacheReadPerMillionUsd ?? rates.inputPerMillionUsd) +
      cacheWrite * cacheWriteRate +
      cacheWriteOneHour * (rates.cacheWriteOneHourPerMillionUsd ?? cacheWriteRate) +
      audioIn * (rates.inputAudioPerMillionUsd ?? 0)) /
    1e6;
  const outputUsd =
    (Math.max(0, usage.outputTokens - audioOut) * rates.outputPerMillionUsd + audioOut * (rates.outputAudioPerMillionUsd ?? 0)) /
    1e6;
  const cost = {
    totalUsd: (inputUsd + outputUsd) * factor,
    inputUsd: inputUsd * factor,
    outputUsd: outputUsd * factor,
    catalogue: pricing.catalogue,
  };
  return fallsBack(usage, rates) ? { ...cost, estimated: true } : cost;
}

/** Whether any tokens have no rate of their own. */
function fallsBack(usage: Usage, rates: PriceRates): boolean {
  const oneHour = usage.cacheWriteOneHourTokens ?? 0;
  const priced: readonly (readonly [number | undefined, number | undefined])[] = [
    [usage.cacheReadTokens, rates.cacheReadPerMillionUsd],
    [(usage.cacheWriteTokens ?? 0) - oneHour, rates.cacheWritePerMillionUsd],
    [oneHour, rates.cacheWriteOneHourPerMillionUsd],
    [usage.inputAudioTokens, rates.inputAudioPerMillionUsd],
    [usage.outputAudioTokens, rates.outputAudioPerMillionUsd],
  ];
  return priced.some(([tokens = 0, rate]) => tokens > 0 && rate === undefined);
}

function ratesFor(inputTokens: number, pricing: Pricing): PriceRates {
  let rates: PriceRates = pricing;
  for (const tier of pricing.tiers ?? []) if (inputTokens > tier.inputTokensAbove) rates = { ...rates, ...tier };
  return rates;
}
