/** Where limits and budgets stand by what the ledger has: without the calls under way, which only the running gateway knows of. */
import type { Dimension, LimitMetric, LimitRule } from "../configuration.ts";
import type { Ledger, UsageRow } from "../ledger/ledger.ts";
import { createCalendar } from "../limits/calendar.ts";

export interface LedgerStanding {
  readonly rule: string;
  readonly metric: LimitMetric;
  readonly subject: Readonly<Partial<Record<Dimension, string>>>;
  readonly amount: number;
  readonly used: number;
  /** Milliseconds since 1970: when the window began. */
  readonly since: number;
  /** When all of it is free again at the latest. */
  readonly resetsAt: number;
}

const ROWS_MAX = 10_000;

/** One row a rule and subject that was seen within its window; a rule that counts as one is always there. What counts calls at once is left out. */
export async function ledgerStandings(
  ledger: Pick<Ledger, "usage">,
  rules: readonly LimitRule[],
  now: number,
): Promise<readonly LedgerStanding[]> {
  const standings: LedgerStanding[] = [];
  for (const rule of rules) {
    const window = windowOf(rule, now);
    if (window === undefined) continue;
    const { name, metric, of, each, amount } = rule;
    const rows = await ledger.usage({ by: each, of, from: window.since, countMax: ROWS_MAX });
    const counted = rows.map((row) => ({ subject: subjectOf(row, each), used: usedOf(metric, row, rule) }));
    const known = counted.filter(({ subject }) => Object.keys(subject).length === each.length);
    const shown = known.length === 0 && each.length === 0 ? [{ subject: {}, used: 0 }] : known;
    for (const { subject, used } of shown) standings.push({ rule: name, metric, subject, amount, used, ...window });
  }
  return standings;
}

function windowOf({ window }: LimitRule, now: number): Pick<LedgerStanding, "since" | "resetsAt"> | undefined {
  switch (window.type) {
    case "rolling":
      return { since: now - window.ms, resetsAt: now + window.ms };
    case "calendar": {
      const { start, end } = createCalendar(window.unit, window.timeZone).periodAt(now);
      return { since: start, resetsAt: end };
    }
    default:
      return undefined;
  }
}

/** A dimension that a call has not matches no rule that names it. */
function subjectOf({ by }: UsageRow, each: readonly Dimension[]): LedgerStanding["subject"] {
  const subject: Partial<Record<Dimension, string>> = {};
  for (const dimension of each) {
    const value = by[dimension];
    if (value !== undefined) subject[dimension] = value;
  }
  return subject;
}

function usedOf(metric: LimitMetric, row: UsageRow, { of, each }: LimitRule): number {
  switch (metric) {
    case "requests": {
      const countsAttempts = [...Object.keys(of), ...each].some((name) => name === "provider" || name === "model");
      return countsAttempts ? row.attempts : row.calls - (row.outcomes.refused ?? 0);
    }
    case "usd":
      return row.costUsd;
    case "input-tokens":
      return row.inputTokens;
    case "output-tokens":
      return row.outputTokens;
    default:
      return row.inputTokens + row.outputTokens;
  }
}
