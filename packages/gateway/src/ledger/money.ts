/**
 * Money as whole billionths of a USD. Prices of models are given per million tokens, mostly to the thousandth of a USD, so that a
 * token costs a whole number of them and a sum of them is exact, however many rows it has; what is finer is rounded once an
 * attempt, by half a billionth at most. SQLite adds whole numbers exactly up to 9.2 × 10⁹ USD, and a single amount is exact up to
 * nine million.
 */

const NANO_USD_PER_USD = 1e9;

export function toNanoUsd(usd: number): number {
  return Math.round(usd * NANO_USD_PER_USD);
}

export function fromNanoUsd(nanoUsd: number): number {
  return nanoUsd / NANO_USD_PER_USD;
}

/** The exact sum, to the billionth. */
export function sumUsd(amounts: readonly number[]): number {
  return fromNanoUsd(amounts.reduce((sum, usd) => sum + toNanoUsd(usd), 0));
}
