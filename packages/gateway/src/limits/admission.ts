/**
 * Whether a call may go now: what it takes of which counters, what is short, and whether that is worth waiting for. Nothing
 * is taken here.
 */
import type { Amounts } from "../ledger/call-record.ts";
import { type Claim, heldUnits } from "./claim.ts";
import { type Counter, roomOf } from "./counter.ts";
import type { MeteredCall } from "./meter.ts";
import type { Moment } from "./meter-clock.ts";
import type { Stage } from "./metered-rule.ts";
import { neverFits, type Refusal, refusalOf, toError, unknownPrice, worse } from "./refusal.ts";
import type { Waiter } from "./waiting-room.ts";

/** A call that asks for room. */
export interface Entrant {
  readonly call: MeteredCall;
  readonly stage: Stage;
  readonly amounts: Amounts;
}

/** Room that is short, and may come. */
export interface Shortage {
  readonly claims: readonly Claim[];
  /** How long it is worth waiting for. Milliseconds. */
  readonly patienceMs: number;
  readonly refusal: Refusal;
}

/** How long a call waits for the answer to a request for more of a shared limit. Milliseconds. */
const REQUEST_PATIENCE_MS = 250;

/** What a call takes of a counter. Throws where it can never fit. Undefined: a price that is unknown. */
export function unitsFor(counter: Counter, amounts: Amounts): number | undefined {
  const { rule } = counter;
  const units = rule.unitsOf(amounts);
  if (units === undefined) {
    if (rule.rule.unknownPrice === "block") throw unknownPrice(counter);
    return undefined;
  }
  if (units <= rule.units) return units;
  // What is certain is what is sent; the answer's length is a guess, and a guess alone must not shut a call out for good.
  const certain = rule.unitsOf({ ...amounts, outputTokens: 0 }) ?? units;
  if (rule.isBudget || certain > rule.units) throw neverFits(counter, units);
  return rule.units;
}

/** Undefined: there is room in all. Throws where it is short of something that is not worth waiting for. */
export function findShortage(claims: readonly Claim[], at: Moment, waiter?: Waiter): Shortage | undefined {
  let short: Claim[] | undefined;
  for (const claim of claims) {
    const { counter, units } = claim;
    counter.rule.span.turn(counter.tally, at);
    if (units === 0 || (units <= roomOf(counter) && !isBehindAnother(counter, waiter))) continue;
    short ??= [];
    short.push(claim);
  }
  return short === undefined ? undefined : judge(short, at);
}

/** Somebody who came before waits for room here, and must not be overtaken. One who waits for something else does not count. */
function isBehindAnother(counter: Counter, waiter: Waiter | undefined): boolean {
  if (counter.line === undefined || counter.line.length === 0) return false;
  const room = roomOf(counter);
  for (const place of counter.line.places) {
    if (place.item === waiter) return false;
    if (place.units > room) return true;
  }
  return false;
}

function judge(short: readonly Claim[], at: Moment): Shortage {
  const judged = short.map((claim) => ({
    refusal: refusalOf(claim.counter, claim.units, at),
    patienceMs: patienceOf(claim, at),
  }));
  const hopeless = judged.filter(({ patienceMs }) => patienceMs === undefined).map(({ refusal }) => refusal);
  if (hopeless.length > 0) throw toError(hopeless.reduce(worse));
  return {
    claims: short,
    patienceMs: Math.min(...judged.map(({ patienceMs = 0 }) => patienceMs)),
    refusal: judged.map(({ refusal }) => refusal).reduce(worse),
  };
}

/** How long to wait for room in one counter. Undefined: not at all. */
function patienceOf({ counter, units }: Claim, at: Moment): number | undefined {
  const { overflow } = counter.rule.rule;
  const mayGetMore = counter.allowance.request?.(counter.tally.spent + counter.tally.reserved + units) === true;
  if (overflow.type === "queue" && (mayGetMore || soonestMs(counter, units, at) <= overflow.waitMaxMs)) return overflow.waitMaxMs;
  return mayGetMore ? REQUEST_PATIENCE_MS : undefined;
}

/** The soonest that there can be room, should all calls under way give back everything. */
function soonestMs({ rule, tally, allowance }: Counter, units: number, at: Moment): number {
  const missing = tally.spent + units - allowance.units;
  if (missing <= 0) return 0;
  return rule.span.leavesInMs(tally, missing, at, true) ?? Number.POSITIVE_INFINITY;
}

/** By how much a call must grow, counter by counter. Throws where it can never fit. */
export function growthOf(claims: readonly Claim[], amounts: Amounts): readonly (readonly [claim: Claim, units: number])[] {
  const wanted: (readonly [Claim, number])[] = [];
  for (const claim of claims) {
    const more = (unitsFor(claim.counter, amounts) ?? 0) - heldUnits(claim);
    if (more > 0) wanted.push([claim, more]);
  }
  return wanted;
}
