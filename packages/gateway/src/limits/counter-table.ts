/**
 * All counters, found by rule and by what the rule counts each of. Sessions and users may be without number, so there is a
 * bound: past it, a counter is forgotten in which nothing is counted, or, where the ledger can restore it, in which nothing
 * is under way. Where none can be forgotten, no further one is made: a new session is refused rather than let through
 * uncounted.
 */
import type { LimitRule } from "../configuration.ts";
import type { Allowance, AllowanceSource, FindLeft } from "./allowance.ts";
import { type Counter, isEmpty, type Subject } from "./counter.ts";
import type { MeteredCall } from "./meter.ts";
import type { Moment } from "./meter-clock.ts";
import { countingIdentity, createMeteredRule, type MeteredRule } from "./metered-rule.ts";
import { tooManyCounters } from "./refusal.ts";
import { type RestoreUsed, restoreTally } from "./restore-tally.ts";
import { createTally } from "./tally.ts";

export interface CounterTableOptions {
  readonly countersMax: number;
  readonly restore: RestoreUsed | undefined;
  /** Undefined: every counter has the whole amount of its rule. */
  readonly allowances: AllowanceSource | undefined;
  readonly moment: () => Moment;
  /** More may be taken of a counter than before. */
  readonly onRoom: (counter: Counter) => void;
}

export interface CounterTable {
  /** Throws `rate_limited` where there are too many. Whatever `restore` throws is thrown on. */
  of(rule: MeteredRule, call: MeteredCall, at: Moment): Counter;
  all(): Iterable<Counter>;
  /** Keeps the counters of rules that count as they did. */
  configure(rules: readonly MeteredRule[]): void;
}

/** How many counters are looked at to find one that may be forgotten. */
const LOOKED_AT_MAX = 64;

export function createCounterTable({ countersMax, restore, allowances, moment, onRoom }: CounterTableOptions): CounterTable {
  let byRule = new Map<MeteredRule, Map<string, Counter>>();
  /** Counters of rules that count each of something, the longest unasked roughly first. */
  const forgettable = new Set<Counter>();
  if (restore !== undefined) allowances?.takeUp?.(leftBefore(restore, moment));

  function of(rule: MeteredRule, call: MeteredCall, at: Moment): Counter {
    const counters = byRule.get(rule) ?? new Map<string, Counter>();
    const key = keyOf(rule, call);
    const known = counters.get(key);
    if (known !== undefined) {
      known.touched = true;
      known.askedAt = at;
      return known;
    }
    if (rule.each.length > 0 && forgettable.size >= countersMax && !forgetOne(at)) throw tooManyCounters(rule, countersMax);
    const counter = createCounter(rule, key, subjectOf(rule, call), at);
    byRule.set(rule, counters.set(key, counter));
    if (rule.each.length > 0) forgettable.add(counter);
    return counter;
  }

  function createCounter(rule: MeteredRule, key: string, subject: Subject, at: Moment): Counter {
    const tally = createTally();
    if (restore !== undefined) restoreTally(tally, rule, subject, restore, at);
    const counter: Counter = {
      rule,
      key,
      subject,
      tally,
      allowance: rule.whole,
      pins: 0,
      touched: true,
      askedAt: at,
      warnedUntil: undefined,
      line: undefined,
      cancelWake: undefined,
    };
    if (allowances !== undefined) counter.allowance = allowanceFrom(allowances, counter);
    return counter;
  }

  function allowanceFrom(source: AllowanceSource, counter: Counter): Allowance {
    const { rule, isBudget } = counter.rule;
    return source({
      rule: rule.name,
      identity: countingIdentity(rule),
      window: rule.window,
      isBudget,
      subject: counter.subject,
      amountUnits: () => counter.rule.units,
      inUseUnits: () => {
        counter.rule.span.turn(counter.tally, moment());
        return counter.tally.spent + counter.tally.reserved;
      },
      changed: () => onRoom(counter),
    });
  }

  /** Goes on under another rule. What is shared is shared by name: under another name it is asked for anew. */
  function succeed(counter: Counter, rule: MeteredRule): void {
    const isRenamed = counter.rule.rule.name !== rule.rule.name;
    if (counter.allowance === counter.rule.whole) counter.allowance = rule.whole;
    counter.rule = rule;
    counter.warnedUntil = undefined;
    if (allowances === undefined || !isRenamed) return;
    counter.allowance.release?.();
    counter.allowance = allowanceFrom(allowances, counter);
  }

  /** A second chance for those that were asked of late; where all were, the first that may go. */
  function forgetOne(at: Moment): boolean {
    let spare: Counter | undefined;
    let looked = 0;
    for (const counter of forgettable) {
      looked += 1;
      if (looked > LOOKED_AT_MAX) break;
      if (!mayForget(counter, at)) putLast(counter);
      else if (counter.touched) {
        spare ??= counter;
        counter.touched = false;
        putLast(counter);
      } else {
        forget(counter);
        return true;
      }
    }
    if (spare !== undefined) forget(spare);
    return spare !== undefined;
  }

  function putLast(counter: Counter): void {
    forgettable.delete(counter);
    forgettable.add(counter);
  }

  function mayForget(counter: Counter, at: Moment): boolean {
    if (counter.pins > 0 || counter.askedAt === at) return false;
    counter.rule.span.turn(counter.tally, at);
    return restore !== undefined || isEmpty(counter);
  }

  function forget(counter: Counter): void {
    forgettable.delete(counter);
    byRule.get(counter.rule)?.delete(counter.key);
    letGo(counter);
  }

  function letGo(counter: Counter): void {
    counter.cancelWake?.();
    counter.allowance.release?.();
  }

  function* all(): Generator<Counter, void, undefined> {
    for (const counters of byRule.values()) yield* counters.values();
  }

  function configure(rules: readonly MeteredRule[]): void {
    const before = new Set(byRule.keys());
    const counted = byRule;
    byRule = new Map();
    for (const [rule, earlier] of successors(rules, before)) {
      const counters = counted.get(earlier) ?? new Map<string, Counter>();
      before.delete(earlier);
      rule.meanHoldMs = earlier.meanHoldMs;
      for (const counter of counters.values()) succeed(counter, rule);
      byRule.set(rule, counters);
    }
    for (const earlier of before) {
      for (const counter of counted.get(earlier)?.values() ?? []) {
        forgettable.delete(counter);
        letGo(counter);
      }
    }
  }

  return { of, all, configure };
}

/** Without a place in the table: as soon as a call asks for such a counter, it is made anew. */
function leftBefore(restore: RestoreUsed, moment: () => Moment): FindLeft {
  return ({ rule: name, identity, subject }) => {
    const counted = ruleOf(name, identity);
    if (counted === undefined) return undefined;
    const rule = createMeteredRule(counted);
    const tally = createTally();
    restoreTally(tally, rule, subject, restore, moment());
    const inUseUnits = (): number => {
      rule.span.turn(tally, moment());
      return tally.spent + tally.reserved;
    };
    return { window: counted.window, isBudget: rule.isBudget, inUseUnits };
  };
}

/** The rule of an identity, as far as it says what is counted. Undefined for one that no rule of this program has. */
function ruleOf(name: string, identity: string): LimitRule | undefined {
  try {
    const [metric, window, of, each] = JSON.parse(identity);
    const rule: LimitRule = {
      name,
      metric,
      amount: 1,
      window: Object.fromEntries(window) as LimitRule["window"],
      of: Object.fromEntries(of),
      each,
      overflow: { type: "refuse" },
      unknownPrice: "allow",
      warnAt: [],
    };
    return countingIdentity(rule) === identity ? rule : undefined;
  } catch {
    return undefined;
  }
}

/** The earlier rule whose counts each goes on with: that of its name, else any other that counts alike. */
function successors(rules: readonly MeteredRule[], before: ReadonlySet<MeteredRule>): ReadonlyMap<MeteredRule, MeteredRule> {
  const left = new Map([...before].map((rule) => [rule, countingIdentity(rule.rule)]));
  const found = new Map<MeteredRule, MeteredRule>();
  for (const byName of [true, false]) {
    for (const rule of rules) {
      if (found.has(rule)) continue;
      const identity = countingIdentity(rule.rule);
      for (const [earlier, ofEarlier] of left) {
        if (ofEarlier !== identity || (byName && earlier.rule.name !== rule.rule.name)) continue;
        found.set(rule, earlier);
        left.delete(earlier);
        break;
      }
    }
  }
  return found;
}

/** Who pays, where a rule counts by names that callers make up. */
function tenantOf({ team, key }: MeteredCall): Subject {
  if (team !== undefined) return { team };
  return key === undefined ? {} : { key };
}

function subjectOf({ each, byTenant }: MeteredRule, call: MeteredCall): Subject {
  const subject: Record<string, string> = byTenant ? { ...tenantOf(call) } : {};
  for (const dimension of each) subject[dimension] = call[dimension] ?? "";
  return subject;
}

function keyOf({ each, byTenant }: MeteredRule, call: MeteredCall): string {
  const [first] = each;
  if (first === undefined) return "";
  if (each.length === 1 && !byTenant) return call[first] ?? "";
  let key = byTenant ? tenantKey(call) : "";
  // With its length before it, no value can be taken for two.
  for (const dimension of each) {
    const value = call[dimension] ?? "";
    key += `${value.length}:${value}`;
  }
  return key;
}

function tenantKey({ team, key }: MeteredCall): string {
  if (team !== undefined) return `team ${team.length}:${team}`;
  return key === undefined ? "" : `key ${key.length}:${key}`;
}
