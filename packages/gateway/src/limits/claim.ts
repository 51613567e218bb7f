/** What a call takes of counters, from when it is written down until it is settled. */
import type { Amounts } from "../ledger/call-record.ts";
import { type Counter, roomOf } from "./counter.ts";
import type { Moment } from "./meter-clock.ts";
import type { MeteredRule } from "./metered-rule.ts";
import { type Refusal, refusalOf, toError, worse } from "./refusal.ts";
import { type Cell, writeCell } from "./tally.ts";

/** What one call takes of one counter. */
export interface Claim {
  readonly counter: Counter;
  /** Of the first cell, once taken. */
  units: number;
  cell: Cell | undefined;
  /** What it has grown by, each where it was taken. */
  grown: { readonly cell: Cell; readonly units: number }[] | undefined;
}

export function heldUnits({ units, grown }: Claim): number {
  let held = units;
  if (grown !== undefined) for (const part of grown) held += part.units;
  return held;
}

/** Writes every claim down. */
export function takeAll(claims: readonly Claim[], at: Moment): void {
  for (const claim of claims) {
    const { counter, units } = claim;
    claim.cell = counter.rule.span.open(counter.tally, at);
    writeCell(counter.tally, claim.cell, 0, units);
    counter.pins += 1;
    tellUse(counter);
  }
}

/** Takes what `units` are more than what is held. Throws, and takes nothing, where one of them does not fit. */
export function growAll(wanted: readonly (readonly [claim: Claim, units: number])[], at: Moment): void {
  let refused: Refusal | undefined;
  for (const [{ counter }, units] of wanted) {
    counter.rule.span.turn(counter.tally, at);
    if (units <= roomOf(counter)) continue;
    counter.allowance.request?.(counter.tally.spent + counter.tally.reserved + units);
    const refusal = refusalOf(counter, units, at);
    refused = refused === undefined ? refusal : worse(refused, refusal);
  }
  if (refused !== undefined) throw toError(refused, "it is under way, and cannot wait");
  for (const [claim, units] of wanted) {
    const { counter } = claim;
    const cell = counter.rule.span.open(counter.tally, at);
    writeCell(counter.tally, cell, 0, units);
    claim.grown ??= [];
    claim.grown.push({ cell, units });
    tellUse(counter);
  }
}

/** What was used stands where it was reserved: in the first cell up to what was held there, then where it grew. */
export function settleAll(claims: readonly Claim[], used: Amounts): void {
  for (const claim of claims) settleOne(claim, usedUnits(claim, used));
}

/** What a call has used of a rule. A price that nobody knows is taken for what was set aside. */
function usedUnits(claim: Claim, used: Amounts): number {
  const { rule } = claim.counter;
  if (rule.rule.metric === "concurrency") return 0;
  return rule.unitsOf(used) ?? heldUnits(claim);
}

function settleOne(claim: Claim, usedTotal: number): void {
  const { counter, units, cell, grown } = claim;
  if (cell === undefined) return;
  const ofFirst = grown === undefined ? usedTotal : Math.min(usedTotal, units);
  writeCell(counter.tally, cell, ofFirst, -units);
  let left = usedTotal - ofFirst;
  grown?.forEach((part, index) => {
    const ofPart = index === grown.length - 1 ? left : Math.min(left, part.units);
    writeCell(counter.tally, part.cell, ofPart, -part.units);
    left -= ofPart;
  });
  counter.pins -= 1;
  tellUse(counter);
}

function tellUse({ allowance, tally }: Counter): void {
  allowance.used?.(tally.spent + tally.reserved);
}

/** Weight of the latest call in the mean. */
const LATEST_SHARE = 0.1;

export function learnHold(rule: MeteredRule, heldMs: number): void {
  rule.meanHoldMs = rule.meanHoldMs === undefined ? heldMs : rule.meanHoldMs + (heldMs - rule.meanHoldMs) * LATEST_SHARE;
}
