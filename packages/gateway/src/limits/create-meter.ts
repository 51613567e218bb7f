/**
 * Limits and budgets in this process. A call finds its rules, the counters of these, and room in each of them; then it is
 * let in, refused, or waits. Room is taken in all counters or in none, without a pause between looking and taking, so that
 * no two calls are given the same room.
 */
import { DragomanError } from "@dragoman/llm";
import type { LimitRule } from "../configuration.ts";
import type { Amounts } from "../ledger/call-record.ts";
import { type Entrant, findShortage, unitsFor } from "./admission.ts";
import type { AllowanceSource } from "./allowance.ts";
import { type Claim, takeAll } from "./claim.ts";
import type { Counter } from "./counter.ts";
import { createCounterTable } from "./counter-table.ts";
import type { Meter, MeteredCall, Reservation, Standing } from "./meter.ts";
import { type MeterClock, type Moment, systemMeterClock } from "./meter-clock.ts";
import { createMeteredRule, type MeteredRule, type Stage } from "./metered-rule.ts";
import { fromUnits } from "./metric-units.ts";
import { toError } from "./refusal.ts";
import type { RestoreUsed } from "./restore-tally.ts";
import { createRuleIndex } from "./rule-index.ts";
import { type Surroundings, TakenRoom } from "./taken-room.ts";
import { createThresholdWarnings, type LimitWarning } from "./threshold-warnings.ts";
import { aborted, closed, createWaitingRoom } from "./waiting-room.ts";

export interface MeterOptions {
  readonly rules: readonly LimitRule[];
  /**
   * What was used before: `ledger.used`. Asked once for each counter, when it is first needed, and again for one that was
   * forgotten. Default: every counter begins at nothing.
   */
  readonly restore?: RestoreUsed;
  readonly clock?: MeterClock;
  /** Told when a limit is nearly used up, or a call is let through uncounted: once a window. What it throws is ignored. */
  readonly onWarning?: (warning: LimitWarning) => void;
  /** Counts of rules with `each` that are held at once. Default 50 000, about 40 MB. */
  readonly countersMax?: number;
  /** Where counters have their room from. Default: the whole amount is this process's own. */
  readonly allowances?: AllowanceSource;
}

/** Throws `configuration` for a rule with which nothing can be counted, and for two of one name. */
export function createMeter(options: MeterOptions): Meter {
  const { restore, clock = systemMeterClock, onWarning = () => {}, countersMax = 50_000, allowances } = options;
  const warnings = createThresholdWarnings(onWarning);
  const moment = (): Moment => ({ now: clock.now(), wall: clock.wall() });
  const room = createWaitingRoom({ clock, moment, take });
  const around: Surroundings = { moment, warnings, onRoom: room.serve };
  const table = createCounterTable({ countersMax, restore, allowances, moment, onRoom: room.serve });
  let rules = meteredRules(options.rules);
  let index = createRuleIndex(rules);
  let isClosed = false;

  function reserve(
    call: MeteredCall,
    stage: Stage,
    amounts: Amounts,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Reservation | Promise<Reservation> {
    if (isClosed) throw closed();
    if (signal?.aborted === true) throw aborted();
    const entrant: Entrant = { call, stage, amounts };
    const at = moment();
    const claims = claimsOf(entrant, at);
    // Time may have made room that the timer has not told of yet: it belongs to those who wait.
    for (const { counter } of claims) if (counter.line !== undefined && counter.line.length > 0) room.serve(counter);
    const shortage = findShortage(claims, at);
    return shortage === undefined ? take(entrant, claims, at) : room.enter(entrant, claims, shortage, signal);
  }

  /** Throws where the call can never fit, or its price must be known and is not. */
  function claimsOf({ call, stage, amounts }: Entrant, at: Moment): readonly Claim[] {
    const claims: Claim[] = [];
    for (const rule of index.find(call, stage)) {
      const counter = table.of(rule, call, at);
      claims.push({ counter, units: unitsFor(counter, amounts) ?? 0, cell: undefined, grown: undefined });
    }
    return claims;
  }

  function take({ amounts }: Entrant, claims: readonly Claim[], at: Moment): Reservation {
    takeAll(claims, at);
    const reservation = new TakenRoom(claims, around, at);
    for (const { counter } of claims) {
      const { unitsOf, rule } = counter.rule;
      if (rule.unknownPrice === "flag" && unitsOf(amounts) === undefined)
        reservation.warnings.push(warnings.unpriced(counter, at));
    }
    return reservation;
  }

  function check(call: MeteredCall, stage: Stage, amounts: Amounts): DragomanError | undefined {
    if (isClosed) return closed();
    const at = moment();
    try {
      const shortage = findShortage(claimsOf({ call, stage, amounts }, at), at);
      return shortage === undefined ? undefined : toError(shortage.refusal);
    } catch (thrown) {
      if (DragomanError.is(thrown)) return thrown;
      throw thrown;
    }
  }

  function standings(): readonly Standing[] {
    const at = moment();
    // A rule that counts all alike has its one count, also before the first call.
    for (const rule of rules) if (rule.each.length === 0) table.of(rule, {}, at);
    return [...table.all()].map((counter) => standingOf(counter, at));
  }

  function configure(next: readonly LimitRule[]): void {
    rules = meteredRules(next);
    index = createRuleIndex(rules);
    table.configure(rules);
    room.restart(claimsOf);
  }

  function close(): void {
    isClosed = true;
    room.close();
    for (const { allowance } of table.all()) allowance.release?.();
  }

  return { reserve, check, standings, configure, close };
}

function meteredRules(rules: readonly LimitRule[]): readonly MeteredRule[] {
  const names = new Set<string>();
  for (const { name } of rules) {
    if (names.has(name)) {
      throw new DragomanError({
        code: "configuration",
        field: "name",
        detail: `two limits are called "${name}": names are unique`,
      });
    }
    names.add(name);
  }
  return rules.map(createMeteredRule);
}

function standingOf(counter: Counter, at: Moment): Standing {
  const { rule, tally, subject, line, allowance } = counter;
  const { metric, name } = rule.rule;
  rule.span.turn(tally, at);
  const resetsAt = rule.span.resetsAt(tally, at);
  return {
    rule: name,
    subject,
    amount: fromUnits(metric, rule.units),
    used: fromUnits(metric, tally.spent + (allowance.elsewhere ?? 0)),
    reserved: fromUnits(metric, tally.reserved),
    waiting: line?.length ?? 0,
    ...(resetsAt === undefined ? {} : { resetsAt }),
  };
}
