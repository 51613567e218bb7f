/**
 * What a call is told that finds no room. Where waiting helps within the day it is `rate_limited`, with the time; where
 * money or a day's quota is used up, `quota_exceeded`. A budget of which the rest is only set aside for calls under way is
 * not used up: that is told as `rate_limited`, for it is over when these calls end.
 */
import { DragomanError } from "@dragoman/llm";
import { type Counter, roomOf, type Subject } from "./counter.ts";
import type { Moment } from "./meter-clock.ts";
import type { MeteredRule } from "./metered-rule.ts";
import { describeUnits } from "./metric-units.ts";

/** A refusal before it is an error: several are compared, one is told. */
export interface Refusal {
  readonly code: "rate_limited" | "quota_exceeded";
  readonly counter: Counter;
  readonly units: number;
  readonly retryAfterMs: number | undefined;
}

/** How long a call is taken to last before one has ended. Milliseconds. */
const HOLD_MS_BEFORE_ANY = 1_000;

/** When others may have given back some of a limit that is shared, at the earliest. Milliseconds. */
const ASKED_AGAIN_MS = 1_000;

/** No room for so many units now. After `turn`. */
export function refusalOf(counter: Counter, units: number, at: Moment): Refusal {
  const { rule } = counter;
  const isUsedUp = rule.isBudget && isSpent(counter, units);
  return { code: isUsedUp ? "quota_exceeded" : "rate_limited", counter, units, retryAfterMs: retryAfterMs(counter, units, at) };
}

/** What is used leaves no room, here or, of a limit that is shared, with all others. What is only lent to others is not used. */
function isSpent({ rule, tally, allowance }: Counter, units: number): boolean {
  const whole = allowance.request === undefined ? allowance.units : rule.units;
  return tally.spent + (allowance.elsewhere ?? 0) + units > whole;
}

/** The one that stands in the way for longest. */
export function worse(one: Refusal, other: Refusal): Refusal {
  if (one.code !== other.code) return one.code === "quota_exceeded" ? one : other;
  return (other.retryAfterMs ?? 0) > (one.retryAfterMs ?? 0) ? other : one;
}

export function toError({ code, counter, units, retryAfterMs }: Refusal, why?: string): DragomanError {
  const { metric } = counter.rule.rule;
  const room = Math.max(0, roomOf(counter));
  const reserved = counter.tally.reserved;
  const aside =
    reserved > 0 && metric !== "concurrency" ? `, ${describeUnits(metric, reserved)} set aside for calls under way` : "";
  const detail = `${describe(counter)} has ${describeUnits(metric, room)} left${aside}, and this call needs ${describeUnits(metric, units)}`;
  return new DragomanError({
    code,
    detail: why === undefined ? detail : `${detail}; ${why}`,
    retryAfterMs,
    advice: code === "quota_exceeded" ? adviceOfBudget(counter.rule, retryAfterMs) : undefined,
  });
}

/** More than the rule ever lets through at once: waiting does not help. */
export function neverFits(counter: Counter, units: number): DragomanError {
  const { metric } = counter.rule.rule;
  return new DragomanError({
    code: "quota_exceeded",
    detail: `this call needs ${describeUnits(metric, units)}, and ${describe(counter)} never has that much`,
    advice: "ask for fewer output tokens, shorten the prompt, use a cheaper model, or raise the limit",
  });
}

export function unknownPrice(counter: Counter): DragomanError {
  return new DragomanError({
    code: "quota_exceeded",
    detail: `unknown_price: the price of this call is not known, and ${describe(counter)} blocks what it cannot count`,
    vendorCode: "unknown_price",
    advice: `set a price for the model, or unknown_price: flag on the limit "${counter.rule.rule.name}"`,
  });
}

export function tooManyCounters({ rule }: MeteredRule, countersMax: number): DragomanError {
  return new DragomanError({
    code: "rate_limited",
    detail: `the limit "${rule.name}" counts each ${rule.each.join(" and ")}, and ${countersMax} counts are in use already`,
    retryAfterMs: HOLD_MS_BEFORE_ANY,
  });
}

/** As `limit "tokens of search" (10000 tokens per minute) for team search`. */
export function describe({ rule, subject }: { readonly rule: MeteredRule; readonly subject: Subject }): string {
  const whose = Object.entries(subject).map(([dimension, value]) => `${dimension} ${shortened(value)}`);
  return `limit "${rule.rule.name}" (${rule.description})${whose.length === 0 ? "" : ` for ${whose.join(", ")}`}`;
}

/** Names of sessions and users are the caller's, and as long as it likes. */
function shortened(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 63)}…`;
}

function adviceOfBudget({ rule: { name } }: MeteredRule, retryAfterMs: number | undefined): string {
  const until = retryAfterMs === undefined ? "" : `, or wait until it begins anew in ${inWords(retryAfterMs)}`;
  return `raise the limit "${name}"${until}`;
}

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.ceil(minutes / 60)} h` : `${Math.ceil(minutes / 60 / 24)} days`;
}

/** When there will be room for this call after all who wait already. Milliseconds. */
function retryAfterMs(counter: Counter, units: number, at: Moment): number {
  const { rule, tally, allowance, line } = counter;
  const ahead = line === undefined ? 0 : line.places.reduce((sum, place) => sum + place.units, 0);
  if (rule.rule.metric === "concurrency" || (rule.isBudget && !isSpent(counter, units))) {
    const rounds = Math.ceil((ahead + units) / Math.max(1, allowance.units));
    return Math.ceil(rounds * (rule.meanHoldMs ?? HOLD_MS_BEFORE_ANY));
  }
  const missing = units + ahead - roomOf(counter);
  const leavesInMs = rule.span.leavesInMs(tally, missing, at) ?? (rule.span.resetsAt(tally, at) ?? at.wall) - at.wall;
  return Math.ceil(Math.max(allowance.request === undefined ? 1 : ASKED_AGAIN_MS, leavesInMs));
}
