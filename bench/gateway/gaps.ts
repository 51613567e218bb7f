/** What a reader of streams sees between one piece and the next. */
import { quantile } from "../median.ts";

export interface GapFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Gaps of more than 200 ms. */
  readonly stalls: number;
}

/** From here on a reader sees that the text stands still. */
export const STALL_MS = 200;

/** NaN where there is no gap. */
export function gapFigures(gapsMs: readonly number[]): GapFigures {
  return {
    p50Ms: quantile(gapsMs, 0.5),
    p99Ms: quantile(gapsMs, 0.99),
    longestMs: gapsMs.reduce((longest, gap) => (gap > longest ? gap : longest), gapsMs[0] ?? Number.NaN),
    stalls: gapsMs.filter((gap) => gap > STALL_MS).length,
  };
}
