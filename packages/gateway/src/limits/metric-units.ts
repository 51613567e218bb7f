/**
 * What is counted, as whole numbers: a million sums of fractions drift, and of integers they do not. Money is counted in
 * billionths of a dollar, the price of a tenth of a token of the cheapest model; up to 9 million dollars are exact.
 */
import type { LimitMetric } from "../configuration.ts";
import type { Amounts } from "../ledger/call-record.ts";

const NANO_USD_PER_USD = 1e9;

/** The largest count that is exact. */
export const UNITS_MAX = Number.MAX_SAFE_INTEGER;

/** How much of each metric a call takes, in units. Undefined: a price that is unknown. */
export const UNITS_OF: Readonly<Record<LimitMetric, (amounts: Amounts) => number | undefined>> = {
  requests: ({ requests }) => whole(requests),
  tokens: ({ inputTokens, outputTokens }) => whole(inputTokens) + whole(outputTokens),
  "input-tokens": ({ inputTokens }) => whole(inputTokens),
  "output-tokens": ({ outputTokens }) => whole(outputTokens),
  usd: ({ usd }) => (usd === undefined || Number.isNaN(usd) ? undefined : whole(usd * NANO_USD_PER_USD)),
  concurrency: () => 1,
};

/** An amount of a rule, or of the ledger, in units. */
export function toUnits(metric: LimitMetric, amount: number): number {
  return metric === "usd" ? whole(amount * NANO_USD_PER_USD) : whole(amount);
}

/** Units as the rule's own amount: tokens, calls, dollars. */
export function fromUnits(metric: LimitMetric, units: number): number {
  return metric === "usd" ? units / NANO_USD_PER_USD : units;
}

const NOUNS: Readonly<Record<LimitMetric, string>> = {
  requests: "requests",
  tokens: "tokens",
  "input-tokens": "input tokens",
  "output-tokens": "output tokens",
  usd: "USD",
  concurrency: "calls at once",
};

/** For messages: `1500 tokens`, `0.25 USD`. */
export function describeUnits(metric: LimitMetric, units: number): string {
  const amount = fromUnits(metric, units);
  return `${metric === "usd" ? Number(amount.toPrecision(6)) : amount} ${NOUNS[metric]}`;
}

/** Never negative, never NaN, which would spoil every sum after it. */
function whole(amount: number): number {
  return amount > 0 ? Math.min(Math.round(amount), UNITS_MAX) : 0;
}
