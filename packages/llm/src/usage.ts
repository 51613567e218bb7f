/**
 * What an answer used, cost and took. Totals are inclusive whatever the vendor's convention; unknown is absent, never 0.
 */
import type { JsonValue } from "./json.ts";

/** What a call used. Totals are inclusive: the parts are within them. Absent is unknown, never 0. */
export interface Usage {
  /** All tokens read, cached ones included. */
  readonly inputTokens?: number;
  /** Of the input: read from the vendor's prompt cache. */
  readonly cacheReadTokens?: number;
  /** Of the input: written to the prompt cache, whatever the time to live. */
  readonly cacheWriteTokens?: number;
  /** Of the cache writes: those kept for one hour (the others: five minutes). */
  readonly cacheWriteOneHourTokens?: number;
  /** Of the input: audio. */
  readonly inputAudioTokens?: number;
  /** All tokens written, reasoning included. */
  readonly outputTokens?: number;
  /** Of the output: reasoning. */
  readonly reasoningTokens?: number;
  /** Of the output: audio. */
  readonly outputAudioTokens?: number;
  /** Calls of tools that the vendor ran and may charge by the call; where it counts the sources that it read, those. */
  readonly toolCalls?: number;
  /** Of the tool calls: searches of the web. */
  readonly webSearchCalls?: number;
  /** Of the tool calls: searches of stored files. */
  readonly fileSearchCalls?: number;
  /** The vendor's own report, untouched. */
  readonly raw?: JsonValue;
}

/** What an answer cost, from a price list of a known version. The parts add up to the total. */
export interface Cost {
  readonly totalUsd: number;
  readonly inputUsd: number;
  readonly outputUsd: number;
  /** The vendor's own tools, and a fee of the request itself. Absent: nothing. */
  readonly toolsUsd?: number;
  /** Version of the price catalogue, `own` for the caller's prices, or `vendor` for what the vendor said itself. */
  readonly catalogue: string;
  /** True when usage was estimated, or a rate that applies was missing. */
  readonly estimated?: boolean;
}

/** Wall-clock figures of one call; engine figures where the engine tells them. Milliseconds. */
export interface Timing {
  readonly totalMs: number;
  /** From sending the request to the first text, reasoning or tool-call delta. Streams only. */
  readonly firstTokenMs?: number;
  readonly engine?: EngineTiming;
}

/** What a local engine reports of its own work. */
export interface EngineTiming {
  readonly loadMs?: number;
  readonly prefillTokens?: number;
  readonly prefillMs?: number;
  readonly decodeTokens?: number;
  readonly decodeMs?: number;
  readonly cachedTokens?: number;
}

const COUNTS = [
  "inputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "cacheWriteOneHourTokens",
  "inputAudioTokens",
  "outputTokens",
  "reasoningTokens",
  "outputAudioTokens",
  "toolCalls",
  "webSearchCalls",
  "fileSearchCalls",
] as const satisfies readonly (keyof Usage)[];

/** Later figures over earlier ones, for vendors that report cumulatively; a figure left out does not erase one known. */
export function mergeUsage(earlier: Usage, later: Usage): Usage {
  const merged: { -readonly [K in keyof Usage]: Usage[K] } = { ...earlier };
  for (const key of COUNTS) {
    const value = later[key];
    if (value !== undefined) merged[key] = value;
  }
  if (later.raw !== undefined) merged.raw = later.raw;
  return merged;
}

/** The sum of several calls. A figure is known only if every call knows it, so that a sum never hides a gap. */
export function sumUsage(usages: readonly Usage[]): Usage {
  const sum: { -readonly [K in keyof Usage]: Usage[K] } = {};
  for (const key of COUNTS) {
    let total: number | undefined = usages.length === 0 ? undefined : 0;
    for (const usage of usages) {
      const value = usage[key];
      total = total === undefined || value === undefined ? undefined : total + value;
    }
    if (total !== undefined) sum[key] = total;
  }
  return sum;
}

/** The sum of several calls. Known only if every call's cost is. */
export function sumCosts(costs: readonly (Cost | undefined)[]): Cost | undefined {
  let sum: Cost | undefined;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    const toolsUsd = (sum?.toolsUsd ?? 0) + (cost.toolsUsd ?? 0);
    sum = {
      totalUsd: (sum?.totalUsd ?? 0) + cost.totalUsd,
      inputUsd: (sum?.inputUsd ?? 0) + cost.inputUsd,
      outputUsd: (sum?.outputUsd ?? 0) + cost.outputUsd,
      ...(toolsUsd === 0 ? {} : { toolsUsd }),
      catalogue: cost.catalogue,
      ...(sum?.estimated === true || cost.estimated === true ? { estimated: true } : {}),
    };
  }
  return sum;
}
