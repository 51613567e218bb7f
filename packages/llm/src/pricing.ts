/** Prices in USD, per million tokens or per thousand calls. A rate that is absent is unknown, unless its doc says what it falls back to. */
import type { Cost, Usage } from "./usage.ts";

/** What tokens cost. USD a million, unless the name says otherwise. */
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
  /** Per thousand calls of any tool that the vendor runs and that has no rate of its own below. */
  readonly toolCallsPerThousandUsd?: number;
  /** Per thousand searches of the web. Goes over the rate of all tools. */
  readonly webSearchesPerThousandUsd?: number;
  /** Per thousand searches of stored files. Goes over the rate of all tools. */
  readonly fileSearchesPerThousandUsd?: number;
  /** Per thousand requests, beside their tokens. Absent: none is asked. */
  readonly requestsPerThousandUsd?: number;
}

/** Rates that hold for the whole request once its input exceeds a size. */
export interface PriceTier extends PriceRates {
  readonly inputTokensAbove: number;
}

/** Rates that hold at a time of day. */
export interface PriceHours extends PriceRates {
  /** First minute, as `01:00`. UTC. */
  readonly fromUtc: string;
  /** The minute after the last; before `fromUtc` when the hours go over midnight. UTC. */
  readonly toUtc: string;
}

/** The price of one model, and where it is from. */
export interface Pricing extends PriceRates {
  /** Version of the catalogue, `vendor` for what the vendor's listing says, or `own`. Stands on every cost computed from it. */
  readonly catalogue: string;
  /** Dearer rates for long inputs, ascending. */
  readonly tiers?: readonly PriceTier[];
  /** Other rates at times of the day; a later one goes over an earlier one, and a tier over both. */
  readonly hours?: readonly PriceHours[];
  /** What a batch pays: a part of every rate of tokens, as 0.5. Absent: unknown, and a batch's cost is unknown with it. */
  readonly batchFactor?: number;
}

/** Prices of a caller's own. */
export type OwnPricing = Omit<Pricing, "catalogue">;

/**
 * The cost of a usage. Undefined when a total or a needed rate of tokens is unknown: unknown is not free. `estimated` when
 * tokens were priced at a rate that another one falls back to, or calls of a tool have no rate and are left out. `at` is when
 * the request was made (a date, or milliseconds since 1970), for prices that vary over the day; default now.
 */
export function costOf(
  usage: Usage,
  pricing: Pricing | undefined,
  mode: "standard" | "batch" = "standard",
  at?: Date | number,
): Cost | undefined {
  const factor = mode === "batch" ? pricing?.batchFactor : 1;
  if (pricing === undefined || factor === undefined) return undefined;
  const rates = ratesFor(usage.inputTokens, pricing, at);
  const inputUsd = inputCost(usage, rates);
  const outputUsd = outputCost(usage, rates);
  if (inputUsd === undefined || outputUsd === undefined) return undefined;
  // Batches pay their tools and fees in full. Source: the vendors' pricing pages.
  const toolsUsd = toolCost(usage, rates);
  const cost = {
    totalUsd: (inputUsd + outputUsd) * factor + toolsUsd,
    inputUsd: inputUsd * factor,
    outputUsd: outputUsd * factor,
    ...(toolsUsd === 0 ? {} : { toolsUsd }),
    catalogue: pricing.catalogue,
  };
  return fallsBack(usage, rates) || hasUnknownTools(usage, rates) ? { ...cost, estimated: true } : cost;
}

function inputCost(usage: Usage, rates: PriceRates): number | undefined {
  const { inputTokens } = usage;
  const { inputPerMillionUsd: inputRate, inputAudioPerMillionUsd: audioRate } = rates;
  if (inputTokens === undefined || inputRate === undefined) return undefined;
  const cacheRead = usage.cacheReadTokens ?? 0;
  const cacheWriteOneHour = usage.cacheWriteOneHourTokens ?? 0;
  const cacheWrite = Math.max(0, (usage.cacheWriteTokens ?? 0) - cacheWriteOneHour);
  const audio = audioRate === undefined ? 0 : (usage.inputAudioTokens ?? 0);
  const fresh = Math.max(0, inputTokens - cacheRead - cacheWrite - cacheWriteOneHour - audio);
  const writeRate = rates.cacheWritePerMillionUsd ?? inputRate;
  const inMillionths =
    fresh * inputRate +
    cacheRead * (rates.cacheReadPerMillionUsd ?? inputRate) +
    cacheWrite * writeRate +
    cacheWriteOneHour * (rates.cacheWriteOneHourPerMillionUsd ?? writeRate) +
    audio * (audioRate ?? 0);
  return inMillionths / 1e6;
}

function outputCost({ outputTokens, outputAudioTokens }: Usage, rates: PriceRates): number | undefined {
  const { outputPerMillionUsd: outputRate, outputAudioPerMillionUsd: audioRate } = rates;
  // What writes nothing, as an embedding, needs no rate for it.
  if (outputTokens === 0) return 0;
  if (outputTokens === undefined || outputRate === undefined) return undefined;
  const audio = audioRate === undefined ? 0 : (outputAudioTokens ?? 0);
  return (Math.max(0, outputTokens - audio) * outputRate + audio * (audioRate ?? 0)) / 1e6;
}

/** The vendor's own tools, and what the request costs by itself. A tool without a rate adds nothing here. */
function toolCost(usage: Usage, rates: PriceRates): number {
  const perRequest = (rates.requestsPerThousandUsd ?? 0) / 1e3;
  if (!usesTools(usage)) return perRequest;
  const calls = toolRates(usage, rates).map(([count, rate]) => count * (rate ?? 0));
  return calls.reduce((sum, cost) => sum + cost, 0) / 1e3 + perRequest;
}

/** Most answers use none, and are on the way of every call. */
function usesTools({ toolCalls = 0, webSearchCalls = 0, fileSearchCalls = 0 }: Usage): boolean {
  return toolCalls + webSearchCalls + fileSearchCalls > 0;
}

function hasUnknownTools(usage: Usage, rates: PriceRates): boolean {
  return usesTools(usage) && toolRates(usage, rates).some(([count, rate]) => count > 0 && rate === undefined);
}

/** Calls of the vendor's tools by kind, each with its rate. */
function toolRates(usage: Usage, rates: PriceRates): readonly (readonly [count: number, rate: number | undefined])[] {
  const ofAll = rates.toolCallsPerThousandUsd;
  const web = usage.webSearchCalls ?? 0;
  const files = usage.fileSearchCalls ?? 0;
  return [
    [web, rates.webSearchesPerThousandUsd ?? ofAll],
    [files, rates.fileSearchesPerThousandUsd ?? ofAll],
    [Math.max(0, (usage.toolCalls ?? 0) - web - files), ofAll],
  ];
}

/** Whether any tokens have no rate of their own. */
function fallsBack(usage: Usage, rates: PriceRates): boolean {
  const oneHour = usage.cacheWriteOneHourTokens ?? 0;
  return (
    isUnpriced(usage.cacheReadTokens, rates.cacheReadPerMillionUsd) ||
    isUnpriced((usage.cacheWriteTokens ?? 0) - oneHour, rates.cacheWritePerMillionUsd) ||
    isUnpriced(oneHour, rates.cacheWriteOneHourPerMillionUsd) ||
    isUnpriced(usage.inputAudioTokens, rates.inputAudioPerMillionUsd) ||
    isUnpriced(usage.outputAudioTokens, rates.outputAudioPerMillionUsd)
  );
}

function isUnpriced(tokens: number | undefined, rate: number | undefined): boolean {
  return tokens !== undefined && tokens > 0 && rate === undefined;
}

function ratesFor(inputTokens: number | undefined, pricing: Pricing, at: Date | number | undefined): PriceRates {
  let rates: PriceRates = pricing;
  for (const hours of pricing.hours ?? []) if (isWithin(hours, new Date(at ?? Date.now()))) rates = { ...rates, ...hours };
  for (const tier of pricing.tiers ?? []) if ((inputTokens ?? 0) > tier.inputTokensAbove) rates = { ...rates, ...tier };
  return rates;
}

function isWithin({ fromUtc, toUtc }: PriceHours, at: Date): boolean {
  const time = at.toISOString().slice(11, 16);
  return fromUtc <= toUtc ? time >= fromUtc && time < toUtc : time >= fromUtc || time < toUtc;
}
