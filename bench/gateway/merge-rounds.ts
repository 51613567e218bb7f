import { median } from "../median.ts";
import type { Rung } from "./rates-within.ts";

/**
 * The median of what the rounds found at each rate, by rising rate. A round that was not climbed as far as another counts
 * there as one that kept no bound.
 */
export function mergeRounds(rounds: readonly (readonly Rung[])[]): readonly Rung[] {
  const rates = [...new Set(rounds.flat().map(({ ratePerSecond }) => ratePerSecond))].sort((a, b) => a - b);
  return rates
    .map((rate) => {
      const found = rounds.map((rungs) => rungs.find(({ ratePerSecond }) => ratePerSecond === rate)?.p99Ms ?? Infinity);
      return { ratePerSecond: rate, p99Ms: median(found) };
    })
    .filter(({ p99Ms }) => Number.isFinite(p99Ms));
}
