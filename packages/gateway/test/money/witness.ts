/**
 * Watches every gateway of a schedule through its observers, and holds limits against what it saw. It counts by itself, from what calls say to
 * have set aside and used, and knows nothing of the meter.
 *
 * At every admission: what is used, what is set aside for calls under way, and what the new call needs fit into the amount. And in
 * the end: what was used is within the amount and what the calls, under way when the last one was let in, used beyond their
 * reservations.
 *
 * What a call holds is known for its first attempt. Whenever another begins it holds at least what the earlier ones used, and the least that is
 * known to be set aside for this one.
 */
import type { LimitRule } from "../../src/configuration.ts";
import type { CallRecord, OpenCall } from "../../src/ledger/call-record.ts";
import type { GatewayObserver } from "../../src/telemetry/observer.ts";
import {
  amountOf,
  attemptFigures,
  dimensionsOf,
  type Figures,
  isCounted,
  isCountedCall,
  isOfTargets,
  largerOf,
  NOTHING,
  reservedFigures,
  sentAttempts,
  subjectOf,
  sumFigures,
  usedFigures,
} from "./counted.ts";

export interface Witness {
  /** For one gateway. */
  watch(): WatchedLife;
  /** Calls that ended, of all gateways. */
  readonly closed: ReadonlyMap<string, CallRecord>;
  /** Laws that do not hold, in words. */
  readonly broken: readonly string[];
  /** Looks at every budget as it stands in the end. */
  checkBounds(): void;
}

/** What one gateway tells. */
export interface WatchedLife {
  readonly observer: GatewayObserver;
  /** Ids of calls that it has under way. */
  underWay(): readonly string[];
  /** It is dead: whatever it still says is not heard. Its calls under way are left to whoever takes over. */
  die(): void;
}

/** A call under way. */
interface Holding {
  readonly call: OpenCall;
  held: Figures;
  ended: { readonly provider: string; readonly figures: Figures }[];
  readonly attempts: Map<number, { readonly provider: string; readonly held: Figures }>;
}

/** One count of one rule. */
interface Count {
  readonly rule: LimitRule;
  readonly subject: string;
  used: number;
  /** Of it, what was charged to calls that held nothing here: those that their process left behind are charged to their first target, asked or not. */
  charged: number;
  /** Who was under way when somebody was last let in. Until then all fitted; since then only these can have used more than they held. */
  underWay: readonly string[];
}

export interface WitnessOptions {
  /** Whether every admission is looked at, as it can be where nothing happens between an admission and the word of it. */
  readonly strict: boolean;
  /** The least that is set aside for an attempt of a call at another target than its first. Default: unknown. */
  readonly least?: (call: OpenCall, provider: string) => Figures;
}

export function createWitness(rules: readonly LimitRule[], { strict, least = () => NOTHING }: WitnessOptions): Witness {
  const opened = new Set<string>();
  const closed = new Map<string, CallRecord>();
  const holding = new Map<string, Holding>();
  const counts = new Map<string, Count>();
  /** What calls are known to have held in the end, and for each of their attempts. */
  const lastHeld = new Map<string, { readonly call: Figures; readonly attempts: readonly Figures[] }>();
  const broken: string[] = [];

  function countOf(rule: LimitRule, subject: string): Count {
    const name = `${rule.name} of ${subject}`;
    const count = counts.get(name) ?? { rule, subject, used: 0, charged: 0, underWay: [] };
    counts.set(name, count);
    return count;
  }

  function callCounts(call: OpenCall): readonly Count[] {
    return rules.flatMap((rule) => {
      const subject = isOfTargets(rule) ? undefined : subjectOf(rule, dimensionsOf(call));
      return subject === undefined ? [] : [countOf(rule, subject)];
    });
  }

  function attemptCounts(provider: string): readonly Count[] {
    return rules.flatMap((rule) => {
      const subject = isOfTargets(rule) ? subjectOf(rule, { provider }) : undefined;
      return subject === undefined ? [] : [countOf(rule, subject)];
    });
  }

  /** What calls under way hold of a count. */
  function heldOf({ rule, subject }: Count): number {
    let sum = 0;
    for (const one of holding.values()) {
      if (isOfTargets(rule)) {
        for (const { provider, held } of one.attempts.values())
          if (subjectOf(rule, { provider }) === subject) sum += unitsOf(rule, held);
      } else if (subjectOf(rule, dimensionsOf(one.call)) === subject) sum += unitsOf(rule, one.held);
    }
    return sum;
  }

  /** After it was let in. */
  function checkAdmission(count: Count, who: string): void {
    count.underWay = [...holding.keys()];
    if (!strict) return;
    const held = heldOf(count);
    const amount = amountOf(count.rule);
    if (count.used + held <= amount) return;
    broken.push(
      `${who} was let in beyond "${count.rule.name}" of "${count.subject}": ${count.used} used and ${held} held of ${amount}`,
    );
  }

  function callOpened(call: OpenCall): void {
    if (opened.has(call.id)) broken.push(`the call ${call.id} was let in twice`);
    opened.add(call.id);
    holding.set(call.id, { call, held: reservedFigures(call), ended: [], attempts: new Map() });
    for (const count of callCounts(call)) checkAdmission(count, call.id);
  }

  function attemptStarted(call: OpenCall, { number, provider }: { readonly number: number; readonly provider: string }): void {
    const one = holding.get(call.id);
    if (one === undefined) return;
    const before = one.held;
    const isFirst = number === 1 && call.firstTarget?.provider === provider;
    const own = isFirst ? reservedFigures(call) : least(call, provider);
    if (number > 1) one.held = largerOf(before, sumFigures([...one.ended.map(({ figures }) => figures), own]));
    one.attempts.set(number, { provider, held: own });
    lastHeld.set(call.id, { call: one.held, attempts: [...(lastHeld.get(call.id)?.attempts ?? []), own] });
    for (const count of attemptCounts(provider)) checkAdmission(count, `attempt ${number} of ${call.id}`);
    // Before its second attempt a call holds what it reserved, so it has grown now if it needs more. Later that cannot be known.
    if (number !== 2) return;
    for (const count of callCounts(call))
      if (unitsOf(count.rule, one.held) > unitsOf(count.rule, before)) checkAdmission(count, `attempt ${number} of ${call.id}`);
  }

  function use(count: Count, units: number): void {
    count.used += units;
  }

  function beyondOf(id: string, { rule, subject }: Count): number {
    const record = closed.get(id);
    if (record === undefined || record.outcome === "interrupted") return 0;
    const held = lastHeld.get(id) ?? { call: reservedFigures(record), attempts: [] };
    if (!isOfTargets(rule)) {
      if (subjectOf(rule, dimensionsOf(record)) !== subject) return 0;
      return Math.max(0, unitsOf(rule, usedFigures(record)) - unitsOf(rule, held.call));
    }
    return sentAttempts(record).reduce((sum, attempt, index) => {
      if (subjectOf(rule, { provider: attempt.provider }) !== subject) return sum;
      return sum + Math.max(0, unitsOf(rule, attemptFigures(attempt)) - unitsOf(rule, held.attempts[index] ?? NOTHING));
    }, 0);
  }

  function callClosed(record: CallRecord): void {
    // A call under a name that is taken is refused and not kept.
    if (closed.has(record.id) && record.outcome === "refused") return;
    if (closed.has(record.id)) broken.push(`the call ${record.id} was settled twice`);
    closed.set(record.id, record);
    if (isCountedCall(record)) for (const count of callCounts(record)) use(count, unitsUsed(count.rule, usedFigures(record)));
    if (record.outcome === "interrupted") chargeFirstTarget(record);
    holding.delete(record.id);
  }

  function chargeFirstTarget(record: CallRecord): void {
    const provider = record.firstTarget?.provider ?? "";
    // What it is charged stands for all of its attempts: of those that ended nobody knows any more.
    for (const { provider: asked, figures } of holding.get(record.id)?.ended ?? [])
      for (const count of attemptCounts(asked)) count.used -= unitsUsed(count.rule, figures);
    const attempts = [...(holding.get(record.id)?.attempts.values() ?? [])];
    for (const count of attemptCounts(provider)) {
      const units = unitsUsed(count.rule, usedFigures(record));
      if (!attempts.some((attempt) => attempt.provider === provider)) count.charged += units;
      use(count, units);
    }
  }

  function watch(): WatchedLife {
    const mine = new Set<string>();
    let isDead = false;
    const observer: GatewayObserver = {
      callOpened(call) {
        if (isDead) return;
        mine.add(call.id);
        callOpened(call);
      },
      attemptStarted(call, attempt) {
        if (!isDead) attemptStarted(call, attempt);
      },
      attemptEnded(call, attempt) {
        const one = isDead ? undefined : holding.get(call.id);
        if (one === undefined) return;
        const figures = attemptFigures(attempt);
        one.ended.push({ provider: attempt.provider, figures });
        for (const count of attemptCounts(attempt.provider)) use(count, unitsUsed(count.rule, figures));
        one.attempts.delete(attempt.number);
      },
      callClosed(record) {
        if (isDead) return;
        mine.delete(record.id);
        callClosed(record);
      },
    };
    return {
      observer,
      underWay: () => [...mine],
      die: () => {
        isDead = true;
      },
    };
  }

  function checkBounds(): void {
    for (const count of counts.values()) {
      const { rule, subject, used, charged } = count;
      const beyond = count.underWay.reduce((sum, id) => sum + beyondOf(id, count), 0);
      const amount = amountOf(rule);
      if (used > amount + beyond + charged)
        broken.push(
          `"${rule.name}" of "${subject}" used ${used} of ${amount}, and calls under way ${beyond} beyond what they held`,
        );
    }
  }

  return {
    watch,
    closed,
    broken,
    checkBounds,
  };
}

/** Of what is held: calls at once count as well. */
function unitsOf({ metric }: LimitRule, figures: Figures): number {
  if (metric === "concurrency") return 1;
  return isCounted(metric) ? figures[metric] : 0;
}

/** Of what was used. */
function unitsUsed({ metric }: LimitRule, figures: Figures): number {
  return isCounted(metric) ? figures[metric] : 0;
}
