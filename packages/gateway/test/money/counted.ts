/** What limits count of calls and attempts, in whole units, worked out from records alone. */
import type { Usage } from "@dragoman/llm";
import type { Dimension, LimitRule } from "../../src/configuration.ts";
import type { AttemptRecord, CallRecord, OpenCall } from "../../src/ledger/call-record.ts";
import { nanoOf } from "./prices.ts";

/** Of one call or attempt; money in billionths of a dollar. */
export interface Figures {
  readonly requests: number;
  readonly tokens: number;
  readonly usd: number;
}

type CountedMetric = keyof Figures;

export const NOTHING: Figures = { requests: 0, tokens: 0, usd: 0 };

export function isCounted(metric: LimitRule["metric"]): metric is CountedMetric {
  return metric === "requests" || metric === "tokens" || metric === "usd";
}

/** The amount of a rule, in the units of `Figures`. */
export function amountOf({ metric, amount }: LimitRule): number {
  return metric === "usd" ? nanoOf(amount) : amount;
}

export function reservedFigures({ reserved }: OpenCall): Figures {
  return { requests: 1, tokens: reserved.inputTokens + reserved.outputTokens, usd: nanoOf(reserved.usd ?? 0) };
}

export function usedFigures({ usage, knownCostUsd }: CallRecord): Figures {
  return { requests: 1, tokens: tokensOf(usage), usd: nanoOf(knownCostUsd) };
}

export function attemptFigures({ usage = {}, costUsd = 0 }: AttemptRecord): Figures {
  return { requests: 1, tokens: tokensOf(usage), usd: nanoOf(costUsd) };
}

export function sumFigures(all: readonly Figures[]): Figures {
  return all.reduce((sum, one) => ({ requests: 1, tokens: sum.tokens + one.tokens, usd: sum.usd + one.usd }), NOTHING);
}

/** The larger of each: what a call holds once it has grown. */
export function largerOf(one: Figures, other: Figures): Figures {
  return { requests: 1, tokens: Math.max(one.tokens, other.tokens), usd: Math.max(one.usd, other.usd) };
}

/** Whether a vendor was asked. */
export function wasSent({ outcome }: AttemptRecord): boolean {
  return outcome !== "skipped";
}

/** Attempts that were made, in the order in which they began. */
export function sentAttempts({ attempts }: CallRecord): readonly AttemptRecord[] {
  return attempts.filter(wasSent).toSorted((one, other) => one.number - other.number);
}

/** Whether limits count a call: one that was answered, of the cache as well, or for which a vendor was asked. */
export function isCountedCall({ outcome, attempts }: CallRecord): boolean {
  return outcome === "answered" || outcome === "interrupted" || attempts.some(wasSent);
}

type Dimensions = Readonly<Partial<Record<Dimension, string>>>;

export function dimensionsOf({ key, team, route }: OpenCall): Dimensions {
  return { key, ...(team === undefined ? {} : { team }), ...(route === undefined ? {} : { route }) };
}

/** Which count of a rule a call falls under, in words; undefined where it falls under none. */
export function subjectOf({ of, each }: LimitRule, dimensions: Dimensions): string | undefined {
  for (const [dimension, values] of Object.entries(of)) {
    const value = Reflect.get(dimensions, dimension);
    if (typeof value !== "string" || !values.includes(value)) return undefined;
  }
  const named = each.map((dimension) => dimensions[dimension]);
  return named.includes(undefined) ? undefined : named.join(" ");
}

/** Whether a rule is asked before each attempt. */
export function isOfTargets({ of, each }: LimitRule): boolean {
  return [...Object.keys(of), ...each].some((dimension) => dimension === "provider" || dimension === "model");
}

function tokensOf({ inputTokens = 0, outputTokens = 0 }: Usage): number {
  return inputTokens + outputTokens;
}
