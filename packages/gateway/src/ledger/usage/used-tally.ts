/** Adds up what calls used, in slices of time. */

import type { LimitMetric } from "../../configuration.ts";
import type { Amounts } from "../call-record.ts";
import type { UsedAmount } from "../ledger.ts";
import { fromNanoUsd, toNanoUsd } from "../money.ts";

export const SLICES_MAX = 60;

/** Of money in billionths of a USD: whole numbers add up exactly. */
export interface UsedTally {
  add(at: number, units: number): void;
  /** Of the slice in which a moment falls. */
  sliceOf(at: number): number;
  total(): UsedAmount;
}

export function createUsedTally(metric: LimitMetric, since: number, now: number): UsedTally {
  const slices = new Map<number, { at: number; units: number }>();
  const widthMs = Math.max(1, (Math.max(now, since) + 1 - since) / SLICES_MAX);
  const amountOf = (units: number): number => (metric === "usd" ? fromNanoUsd(units) : units);

  function sliceOf(at: number): number {
    return Math.min(SLICES_MAX - 1, Math.max(0, Math.floor((at - since) / widthMs)));
  }

  function add(at: number, units: number): void {
    if (units === 0) return;
    const index = sliceOf(at);
    const slice = slices.get(index);
    if (slice === undefined) slices.set(index, { at, units });
    else {
      slice.at = Math.max(slice.at, at);
      slice.units += units;
    }
  }

  function total(): UsedAmount {
    const ordered = [...slices].toSorted(([one], [other]) => one - other).map(([, slice]) => slice);
    return {
      amount: amountOf(ordered.reduce((sum, { units }) => sum + units, 0)),
      slices: ordered.map(({ at, units }) => ({ at, amount: amountOf(units) })),
    };
  }

  return { add, sliceOf, total };
}

/** What one call or attempt used of a metric. Unknown counts for nothing: there is no figure to hold against a limit. */
export function unitsOf(
  metric: Exclude<LimitMetric, "concurrency">,
  { requests, inputTokens, outputTokens, usd }: Amounts,
): number {
  switch (metric) {
    case "requests":
      return requests;
    case "tokens":
      return inputTokens + outputTokens;
    case "input-tokens":
      return inputTokens;
    case "output-tokens":
      return outputTokens;
    case "usd":
      return usd === undefined ? 0 : toNanoUsd(usd);
  }
}
