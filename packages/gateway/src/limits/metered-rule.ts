/** A rule, made ready to be asked at every call: checked, in whole units, with its window. */
import { DragomanError } from "@dragoman/llm";
import type { Dimension, LimitRule, LimitWindow } from "../configuration.ts";
import type { Amounts } from "../ledger/call-record.ts";
import { type Allowance, localAllowance } from "./allowance.ts";
import { createCalendar } from "./calendar.ts";
import { createCalendarSpan } from "./calendar-span.ts";
import type { MeteredCall } from "./meter.ts";
import { describeUnits, toUnits, UNITS_MAX, UNITS_OF } from "./metric-units.ts";
import { nowSpan } from "./now-span.ts";
import { createRollingSpan } from "./rolling-span.ts";
import type { Span } from "./tally.ts";

export type Stage = "call" | "attempt";

export interface MeteredRule {
  readonly rule: LimitRule;
  readonly stage: Stage;
  readonly units: number;
  /** The room of a counter that shares its amount with no other node. */
  readonly whole: Allowance;
  readonly unitsOf: (amounts: Amounts) => number | undefined;
  readonly span: Span;
  /** What a call must be to fall under the rule. */
  readonly of: readonly (readonly [Dimension, ReadonlySet<string>])[];
  readonly each: readonly Dimension[];
  /** Whether names that callers make up, of sessions and users, are told apart by who pays. */
  readonly byTenant: boolean;
  /** A budget says "used up"; a rate says "wait". */
  readonly isBudget: boolean;
  /** Units at which a warning is given, ascending. */
  readonly warnAtUnits: readonly number[];
  /** For messages: `10000 tokens per minute`. */
  readonly description: string;
  /** How long a call under way holds its room, in the mean of late. Milliseconds; learned. */
  meanHoldMs: number | undefined;
}

const DAY_MS = 86_400_000;

/** Throws `configuration` for an amount, a window or a time zone with which nothing can be counted. */
export function createMeteredRule(rule: LimitRule): MeteredRule {
  const units = toUnits(rule.metric, rule.amount);
  checkRule(rule, units);
  const named = new Set([...Object.keys(rule.of), ...rule.each]);
  const each = [...new Set(rule.each)];
  return {
    rule,
    stage: named.has("provider") || named.has("model") ? "attempt" : "call",
    units,
    whole: localAllowance(units),
    unitsOf: UNITS_OF[rule.metric],
    span: spanOf(rule),
    of: entriesOf(rule.of).map(([dimension, values]) => [dimension, new Set(values)]),
    each,
    byTenant: each.some((name) => name === "session" || name === "user") && !each.includes("key") && !each.includes("team"),
    isBudget: rule.metric === "usd" || lengthMs(rule.window) >= DAY_MS,
    warnAtUnits: rule.warnAt.map((share) => share * units).toSorted((one, other) => one - other),
    description: `${describeUnits(rule.metric, units)}${describeWindow(rule.window)}`,
    meanHoldMs: undefined,
  };
}

/** What a rule counts, whatever its name and its amount: two of one identity count alike. */
export function countingIdentity({ metric, window, of, each }: LimitRule): string {
  const named = entriesOf(of).map(([dimension, values]) => [dimension, [...new Set(values)].toSorted()] as const);
  return JSON.stringify([metric, Object.entries(window).toSorted(), named, [...new Set(each)]]);
}

export function entriesOf(of: LimitRule["of"]): readonly (readonly [Dimension, readonly string[]])[] {
  const entries: [Dimension, readonly string[]][] = [];
  for (const dimension of DIMENSIONS) {
    const values = of[dimension];
    if (values !== undefined) entries.push([dimension, values]);
  }
  return entries;
}

/** Those with the most values first: what a rule names of them tells most calls apart. */
export const DIMENSIONS = [
  "session",
  "user",
  "key",
  "agent",
  "team",
  "route",
  "model",
  "provider",
] as const satisfies readonly Dimension[];

/** Whether a call falls under a rule. What it names in `each` it must have. */
export function fallsUnder({ of, each }: MeteredRule, call: MeteredCall): boolean {
  for (const [dimension, values] of of) {
    const value = call[dimension];
    if (value === undefined || !values.has(value)) return false;
  }
  for (const dimension of each) if (call[dimension] === undefined) return false;
  return true;
}

function checkRule({ name, metric, amount, window }: LimitRule, units: number): void {
  const isNow = window.type === "now";
  if (isNow !== (metric === "concurrency")) throw wrong(name, "window", `it counts ${metric} in a window of type ${window.type}`);
  if (window.type === "rolling" && !(window.ms > 0 && Number.isFinite(window.ms)))
    throw wrong(name, "window.ms", `a window of ${window.ms} ms holds nothing`);
  if (!(amount > 0)) throw wrong(name, "amount", `an amount of ${amount} lets nothing through`);
  if (units < 1) throw wrong(name, "amount", `an amount of ${amount} is less than can be counted`);
  if (units >= UNITS_MAX) throw wrong(name, "amount", `an amount of ${amount} is more than can be counted`);
}

function wrong(name: string, field: string, detail: string): DragomanError {
  return new DragomanError({ code: "configuration", field, detail: `the limit "${name}" cannot hold: ${detail}` });
}

function spanOf({ window }: LimitRule): Span {
  if (window.type === "now") return nowSpan;
  if (window.type === "rolling") return createRollingSpan(window.ms);
  return createCalendarSpan(createCalendar(window.unit, window.timeZone));
}

function lengthMs(window: LimitWindow): number {
  if (window.type === "rolling") return window.ms;
  return window.type === "calendar" && window.unit !== "hour" ? DAY_MS : 0;
}

const ROLLING_NAMES: Readonly<Record<number, string>> = {
  1000: "second",
  60000: "minute",
  3600000: "hour",
  86400000: "24 hours",
};

function describeWindow(window: LimitWindow): string {
  if (window.type === "now") return "";
  if (window.type === "calendar") return ` per ${window.unit} of ${window.timeZone}`;
  const name = ROLLING_NAMES[window.ms];
  return name === undefined ? ` per ${window.ms / 1_000} s` : ` per ${name}`;
}
