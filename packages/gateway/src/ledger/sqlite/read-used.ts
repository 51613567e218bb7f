/** What the tables say of `used`: one statement over an index. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LimitMetric } from "../../configuration.ts";
import { boundName } from "../bounded-record.ts";
import { allOf, CALL_COLUMNS, isOneOf } from "../usage/call-filter.ts";
import { joinSql, type Sql, sql } from "../usage/sql.ts";
import { isOfTarget, type UsedOf } from "../usage/used-by-record.ts";
import type { UsedTally } from "../usage/used-tally.ts";

type CountedMetric = Exclude<LimitMetric, "concurrency">;

const CALL_UNITS: Readonly<Record<CountedMetric, string>> = {
  requests: "1",
  tokens: "coalesce(c.input_tokens, 0) + coalesce(c.output_tokens, 0)",
  "input-tokens": "coalesce(c.input_tokens, 0)",
  "output-tokens": "coalesce(c.output_tokens, 0)",
  usd: "c.known_nano_usd",
};

const ATTEMPT_UNITS: Readonly<Record<CountedMetric, string>> = {
  requests: "1",
  tokens: "coalesce(a.input_tokens, 0) + coalesce(a.output_tokens, 0)",
  "input-tokens": "coalesce(a.input_tokens, 0)",
  "output-tokens": "coalesce(a.output_tokens, 0)",
  usd: "coalesce(a.nano_usd, 0)",
};

/** Statements that are kept; there is one for each choice of metric and dimensions. */
const STATEMENTS_MAX = 100;

export interface UsedReader {
  /** Adds what the tables know of calls since a moment to the tally. */
  read(metric: CountedMetric, of: UsedOf, since: number, now: number, tally: UsedTally): void;
}

export function createUsedReader(database: DatabaseSync): UsedReader {
  const statements = new Map<string, StatementSync>();

  function prepared(text: string): StatementSync {
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    const statement = database.prepare(text);
    statements.set(text, statement);
    return statement;
  }

  return {
    read(metric, of, since, now, tally) {
      const { text, values } = usedStatement(metric, of, since, now);
      for (const { latest, units } of prepared(text).iterate(...values)) tally.add(Number(latest), Number(units));
    },
  };
}

/** One row a slice, with the slices that the tally has. */
function usedStatement(metric: CountedMetric, of: UsedOf, since: number, now: number): Sql {
  const ofTarget = isOfTarget(of);
  const widthMs = Math.max(1, (Math.max(now, since) + 1 - since) / 60);
  return joinSql(
    [
      sql(`SELECT max(c.started_at) AS latest, sum(${(ofTarget ? ATTEMPT_UNITS : CALL_UNITS)[metric]}) AS units FROM calls c`),
      sql(ofTarget ? "JOIN attempts a ON a.call = c.sequence AND a.sent = 1" : ""),
      // As `isCounted` of single calls.
      sql("WHERE c.started_at >= ? AND (c.attempts > 0 OR c.outcome IN ('answered', 'interrupted')) AND", since),
      allOf(conditionsOf(of)),
      sql("GROUP BY CAST((c.started_at - ?) / ? AS INTEGER)", since, widthMs),
    ],
    " ",
  );
}

const CALL_DIMENSIONS = ["route", "key", "team", "agent", "session", "user"] as const;

function conditionsOf(of: UsedOf): readonly Sql[] {
  const conditions: Sql[] = [];
  for (const dimension of CALL_DIMENSIONS) {
    const value = of[dimension];
    if (value !== undefined) conditions.push(isOneOf(CALL_COLUMNS[dimension], [boundName(value)]));
  }
  if (of.provider !== undefined) conditions.push(isOneOf("a.provider", [of.provider]));
  if (of.model !== undefined) conditions.push(isOneOf("a.model", [of.model]));
  return conditions;
}
