/** What must hold of a ledger when all is over, held against what callers made and saw, and what vendors were asked and told. */
import { deepStrictEqual } from "node:assert/strict";
import type { Usage } from "@dragoman/llm";
import type { LimitRule } from "../../src/configuration.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { AttemptRecord, CallRecord } from "../../src/ledger/call-record.ts";
import type { Ledger, UsageDimension, UsageRow } from "../../src/ledger/ledger.ts";
import type { Standing } from "../../src/limits/meter.ts";
import {
  amountOf,
  attemptFigures,
  dimensionsOf,
  type Figures,
  isCounted,
  isCountedCall,
  isOfTargets,
  largerOf,
  reservedFigures,
  sentAttempts,
  subjectOf,
  sumFigures,
  usedFigures,
} from "./counted.ts";
import { ALL_KEYS, teamOf } from "./keys.ts";
import { nanoFor, nanoOf, type TokenPrice } from "./prices.ts";

/** As an assertion, without its cost: these are asked many thousand times. */
export function hold(isSo: boolean, law: () => string): void {
  if (!isSo) throw new Error(`it does not hold that ${law()}`);
}

/** Every call of a ledger. Throws where one is there twice. */
export async function allRecords(ledger: Ledger): Promise<ReadonlyMap<string, CallRecord>> {
  const records = new Map<string, CallRecord>();
  for (let cursor: string | undefined, isLast = false; !isLast; ) {
    const page = await ledger.calls({ countMax: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    for (const record of page.calls) {
      hold(!records.has(record.id), () => `the call ${record.id} is in the ledger once`);
      records.set(record.id, record);
    }
    cursor = page.cursor;
    isLast = cursor === undefined;
  }
  return records;
}

/** The calls that are in the ledger are these, and no others. */
export function expectExactly(records: ReadonlyMap<string, CallRecord>, ids: Iterable<string>): void {
  const missing = new Set(ids);
  const added: string[] = [];
  for (const id of records.keys()) if (!missing.delete(id)) added.push(id);
  deepStrictEqual({ missing: [...missing], added }, { missing: [], added: [] });
}

/**
 * What a vendor knows of one request.
 * - `told`: it gave its whole answer, and its usage with it.
 * - `free`: it took nothing for it: an error, or it was never reached.
 * - `untold`: it worked, and did not tell all of what it used. `usage`: what it did tell.
 */
export type Bill =
  | { readonly type: "told"; readonly usage: Usage }
  | { readonly type: "free" }
  | { readonly type: "untold"; readonly usage: Usage };

/** One attempt stands in the ledger at what the vendor told, or is marked as worked out here. */
export function expectBilled(attempt: AttemptRecord, bill: Bill, price: TokenPrice, who: string): void {
  const { usage = {}, costUsd, estimated, outcome } = attempt;
  const nano = costUsd === undefined ? undefined : nanoOf(costUsd);
  const told = (): string => `${who}, attempt ${attempt.number}: ${JSON.stringify({ outcome, costUsd, estimated, usage, bill })}`;
  hold(nano === nanoFor(usage, price), () => `an attempt costs what its usage comes to (${told()})`);
  if (bill.type === "told") {
    hold(nano === nanoFor(bill.usage, price), () => `an attempt costs what the vendor told (${told()})`);
    hold(estimated === false, () => `what the vendor told is not estimated (${told()})`);
  } else if (bill.type === "free") {
    hold(nano === 0 && estimated === false, () => `what the vendor did not take costs nothing (${told()})`);
  } else {
    hold(estimated === true, () => `what the vendor did not tell is estimated (${told()})`);
    const { inputTokens, cacheReadTokens, outputTokens = 0 } = bill.usage;
    hold(inputTokens === undefined || usage.inputTokens === inputTokens, () => `the input that was told stands (${told()})`);
    hold(cacheReadTokens === undefined || usage.cacheReadTokens === cacheReadTokens, () => `so does its cached part (${told()})`);
    hold((usage.outputTokens ?? 0) >= outputTokens, () => `no less output than was told (${told()})`);
  }
}

/** A call is the sum of its attempts. One that was interrupted stands at what was reserved. */
export function expectSumOfAttempts(record: CallRecord): void {
  const { id, costUsd, knownCostUsd, estimated, outcome, reserved } = record;
  if (outcome === "interrupted") {
    hold(nanoOf(knownCostUsd) === nanoOf(reserved.usd ?? 0) && estimated, () => `${id}, interrupted, costs what was reserved`);
    return;
  }
  const attempts = sentAttempts(record);
  const sum = sumFigures(attempts.map(attemptFigures));
  hold(nanoOf(knownCostUsd) === sum.usd, () => `${id} costs what its attempts cost (${knownCostUsd}, ${sum.usd} nano)`);
  hold(costUsd === undefined || costUsd === knownCostUsd, () => `${id} has one cost`);
  hold((costUsd === undefined) === attempts.some((one) => one.costUsd === undefined), () => `${id} says what is unknown`);
  hold(estimated === attempts.some((one) => one.estimated === true), () => `${id} is estimated as its attempts are`);
  hold(usedFigures(record).tokens === sum.tokens, () => `${id} has the tokens of its attempts`);
  hold(new Set(attempts.map(({ number }) => number)).size === attempts.length, () => `${id} has each attempt once`);
  if (outcome === "refused") hold(attempts.length === 0, () => `${id}, refused, was never sent`);
}

/** The ledger's sums, by whatever they are made, come to its rows. */
export async function expectSums(ledger: Ledger, records: ReadonlyMap<string, CallRecord>): Promise<void> {
  const all = [...records.values()];
  const byCall: readonly (readonly UsageDimension[])[] = [[], ["key"], ["team"]];
  for (const by of byCall) {
    const expected = new Map<string, { calls: number; nano: number; tokens: number; estimated: number }>();
    // All of no calls is a row too.
    if (by.length === 0) expected.set("", { calls: 0, nano: 0, tokens: 0, estimated: 0 });
    for (const record of all) {
      const name = by.map((dimension) => String(Reflect.get(record, dimension) ?? "")).join(" ");
      const row = expected.get(name) ?? { calls: 0, nano: 0, tokens: 0, estimated: 0 };
      const used = usedFigures(record);
      row.calls += 1;
      row.nano += used.usd;
      row.tokens += used.tokens;
      row.estimated += record.estimated ? 1 : 0;
      expected.set(name, row);
    }
    const rows = await ledger.usage({ by, countMax: 10_000 });
    const found = rows.map((row) => [by.map((name) => row.by[name] ?? "").join(" "), sumsOf(row)] as const);
    deepStrictEqual(Object.fromEntries(found), Object.fromEntries(expected));
  }
  const rows = await ledger.usage({ by: ["provider"], countMax: 10_000 });
  const attempts = sumFigures(all.flatMap((record) => sentAttempts(record).map(attemptFigures)));
  deepStrictEqual(
    rows.reduce((sum, row) => sum + nanoOf(row.costUsd), 0),
    attempts.usd,
  );
}

function sumsOf({ calls, costUsd, inputTokens, outputTokens, estimated }: UsageRow) {
  return { calls, nano: nanoOf(costUsd), tokens: inputTokens + outputTokens, estimated };
}

/** Nothing is under way, set aside or waited for. */
export function expectAtRest(gateway: Gateway): void {
  deepStrictEqual({ running: gateway.running, held: heldIn(gateway) }, { running: 0, held: [] });
  deepStrictEqual(
    gateway.meter.standings().filter(({ rule, used }) => rule === AT_ONCE && used !== 0),
    [],
  );
}

/** The same of one node of several: what it knows of the others' calls at once may be older. */
export function isAtRest(gateway: Gateway): boolean {
  return gateway.running === 0 && heldIn(gateway).length === 0;
}

function heldIn({ meter }: Gateway): readonly Standing[] {
  return meter.standings().filter(({ reserved, waiting }) => reserved !== 0 || waiting !== 0);
}

/** The rule that counts calls at once. */
export const AT_ONCE = "at once";

/** Has a gateway that was opened anew begin every count, of what its ledger knows, though nobody calls. */
export function beginCounts({ meter }: Gateway, providers: readonly string[]): void {
  const nothing = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
  for (const key of ALL_KEYS) meter.check({ key, ...teamOf(key) }, "call", nothing);
  for (const provider of providers) meter.check({ provider, model: "any" }, "attempt", nothing);
}

/** Every count of the meter is exactly what the calls in the ledger come to. `isComplete`: there is one for every key and team that called. */
export function expectStandings(
  standings: readonly Standing[],
  rules: readonly LimitRule[],
  records: ReadonlyMap<string, CallRecord>,
  { isComplete = false }: { readonly isComplete?: boolean } = {},
): void {
  for (const rule of rules) {
    const { metric, name } = rule;
    if (!isCounted(metric)) continue;
    const counts = countsOf(rule, metric, records);
    for (const standing of standings) {
      if (standing.rule !== name) continue;
      const subject = rule.each.map((dimension) => standing.subject[dimension]).join(" ");
      const found = metric === "usd" ? nanoOf(standing.used) : standing.used;
      const kept = counts.get(subject) ?? 0;
      hold(
        found === kept,
        () =>
          `"${name}" of "${subject}" counts what is in the ledger (${found} counted, ${kept} in the ledger of ${amountOf(rule)})`,
      );
      counts.delete(subject);
    }
    const uncounted = isComplete ? [...counts].filter(([, units]) => units > 0) : [];
    hold(uncounted.length === 0, () => `"${name}" counts what is in the ledger (not counted: ${uncounted.join("; ")})`);
  }
}

function countsOf(rule: LimitRule, metric: keyof Figures, records: ReadonlyMap<string, CallRecord>): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (subject: string | undefined, units: number): void => {
    if (subject !== undefined) counts.set(subject, (counts.get(subject) ?? 0) + units);
  };
  for (const record of records.values()) {
    if (!isCountedCall(record)) continue;
    if (!isOfTargets(rule)) add(subjectOf(rule, dimensionsOf(record)), usedFigures(record)[metric]);
    else for (const one of sentAttempts(record)) add(subjectOf(rule, { provider: one.provider }), attemptFigures(one)[metric]);
  }
  return counts;
}

/** How far a limit may be exceeded beside what calls under way use beyond their reservations: its rule, whose count it is, and its amount in units. */
export type Lost = (rule: LimitRule, subject: string, amount: number) => number;

/**
 * No budget is beyond its bound, worked out from records alone: the amount, what the calls under way when the last was let in used beyond their reservations,
 * and what was lost with nodes that died. `slackMs`: how far the times of records may be off.
 */
export function expectWithinBounds(
  rules: readonly LimitRule[],
  records: ReadonlyMap<string, CallRecord>,
  { lost = () => 0, slackMs = 20 }: { readonly lost?: Lost; readonly slackMs?: number } = {},
): void {
  for (const rule of rules) {
    const { metric, name } = rule;
    if (!isCounted(metric) || isOfTargets(rule)) continue;
    for (const [subject, own] of bySubject(rule, records)) {
      const amount = amountOf(rule);
      const used = own.reduce((sum, record) => sum + usedFigures(record)[metric], 0);
      const beyond = underWayAtLast(own, slackMs).reduce((sum, one) => sum + beyondOf(one, metric), 0);
      const more = lost(rule, subject, amount);
      hold(
        used <= amount + more + beyond,
        () => `"${name}" of "${subject}" is within its bound (${used} used of ${amount}, ${more} lost, ${beyond} beyond)`,
      );
    }
  }
}

/** Calls that count, by whose count of the rule they are. */
export function bySubject(rule: LimitRule, records: ReadonlyMap<string, CallRecord>): ReadonlyMap<string, readonly CallRecord[]> {
  const found = new Map<string, CallRecord[]>();
  for (const record of records.values()) {
    const subject = subjectOf(rule, dimensionsOf(record));
    if (subject === undefined || record.outcome === "refused") continue;
    const own = found.get(subject) ?? [];
    own.push(record);
    found.set(subject, own);
  }
  return found;
}

/** Those that were under way when the last one was let in: until then all fitted. */
function underWayAtLast(records: readonly CallRecord[], slackMs: number): readonly CallRecord[] {
  const last = Math.max(...records.map(({ startedAt }) => startedAt));
  return records.filter(({ startedAt, durationMs }) => startedAt + durationMs + slackMs >= last);
}

/** What a call used beyond what it is known to have held: what it reserved at first, or what its attempts before the last had used. */
function beyondOf(record: CallRecord, metric: keyof Figures): number {
  if (record.outcome === "interrupted") return 0;
  const earlier = sumFigures(sentAttempts(record).slice(0, -1).map(attemptFigures));
  return Math.max(0, usedFigures(record)[metric] - largerOf(reservedFigures(record), earlier)[metric]);
}
