/**
 * `usage` over a file with one process: spans of time are added up one after the other in a temporary table, with other work in between. Memory is
 * bounded by the rows that are asked for; the temporary table is SQLite's, which puts it on the disk where it is large.
 * Percentiles are those of buckets of two per cent: see `duration-bucket.ts`.
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { CallOutcome } from "../call-record.ts";
import type { UsageDimension, UsageQuery, UsageRow } from "../ledger.ts";
import { fromNanoUsd } from "../money.ts";
import { checkUsageQuery } from "../usage/check-usage-query.ts";
import { createPeriodLabels } from "../usage/periods.ts";
import type { Sql } from "../usage/sql.ts";
import { dimensionColumn, OUTCOMES, type Span, SUMS, sumsStatement, timesStatement } from "../usage/usage-statements.ts";
import { percentileOf } from "./duration-bucket.ts";
import { SQLITE_DIALECT } from "./sqlite-dialect.ts";
import { otherWork, walkSpans } from "./walk-spans.ts";

const COUNTS: readonly string[] = ["calls", ...OUTCOMES, ...SUMS];
const TIMES = ["duration_bucket", "first_token_bucket"] as const;
/** Rows that are read between other work. */
const ROWS_AT_ONCE = 200;

type Row = Record<string, SQLOutputValue>;

/** To be asked one at a time of one connection. Rejects with `invalid_request`. */
export async function readUsage(database: DatabaseSync, query: UsageQuery): Promise<readonly UsageRow[]> {
  const countMax = checkUsageQuery(query);
  createPeriodLabels(query.timeZone ?? "UTC");
  createTables(database);
  try {
    const add = createAdder(database, query);
    for (const span of walkSpans(database, query, "oldest")) {
      await add(span);
    }
    return await readRows(database, query, countMax);
  } finally {
    dropTables(database);
  }
}

function createTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TEMP TABLE sums (labels TEXT PRIMARY KEY, ${COUNTS.map((name) => `${name} INTEGER NOT NULL`).join(", ")}) WITHOUT ROWID;
    CREATE TEMP TABLE times (labels TEXT, kind TEXT, bucket INTEGER, count INTEGER, PRIMARY KEY (labels, kind, bucket)) WITHOUT ROWID;
  `);
}

function dropTables(database: DatabaseSync): void {
  database.exec("DROP TABLE IF EXISTS temp.sums; DROP TABLE IF EXISTS temp.times;");
}

/** Adds what a span comes to. Statements are made once: spans differ in their values alone. */
function createAdder(database: DatabaseSync, query: UsageQuery): (span: Span) => Promise<void> {
  const labels = `json_array(${query.by.map((_dimension, index) => dimensionColumn(index)).join(", ")})`;
  const statements = new Map<string, StatementSync>();

  function run(before: string, { text, values }: Sql, after: string): Promise<void> {
    const whole = `${before} ${text}${after}`;
    const statement = statements.get(whole) ?? database.prepare(whole);
    statements.set(whole, statement);
    statement.run(...values);
    return otherWork();
  }

  return async (span) => {
    await run(
      `INSERT INTO temp.sums (labels, ${COUNTS.join(", ")}) SELECT ${labels}, ${COUNTS.join(", ")} FROM (`,
      sumsStatement(query, span, SQLITE_DIALECT),
      `) WHERE 1 = 1 ON CONFLICT (labels) DO UPDATE SET ${COUNTS.map((name) => `${name} = ${name} + excluded.${name}`).join(", ")}`,
    );
    for (const kind of TIMES)
      await run(
        `INSERT INTO temp.times (labels, kind, bucket, count) SELECT ${labels}, '${kind}', bucket, count FROM (`,
        timesStatement(query, span, kind, SQLITE_DIALECT),
        ") WHERE 1 = 1 ON CONFLICT (labels, kind, bucket) DO UPDATE SET count = count + excluded.count",
      );
  };
}

async function readRows(database: DatabaseSync, query: UsageQuery, countMax: number): Promise<readonly UsageRow[]> {
  const money = (name: string) => (name.endsWith("nano_usd") ? `CAST(${name} AS REAL) AS ${name}` : name);
  const found = database
    .prepare(`SELECT labels, ${COUNTS.map(money).join(", ")} FROM temp.sums ORDER BY known_nano_usd DESC, labels LIMIT ?`)
    .iterate(countMax);
  const times = database.prepare("SELECT bucket, count FROM temp.times WHERE labels = ? AND kind = ? ORDER BY bucket");
  const rows: UsageRow[] = [];
  for (const row of found) {
    rows.push(usageRow(query.by, row, (kind, share) => percentileOf(bucketsOf(times.all(String(row.labels), kind)), share)));
    if (rows.length % ROWS_AT_ONCE === 0) await otherWork();
  }
  return rows;
}

function bucketsOf(rows: readonly Row[]): readonly { bucket: number; count: number }[] {
  return rows.map(({ bucket, count }) => ({ bucket: Number(bucket), count: Number(count) }));
}

type TimeOf = (kind: (typeof TIMES)[number], share: number) => number | undefined;

function usageRow(by: readonly UsageDimension[], row: Row, timeOf: TimeOf): UsageRow {
  const count = (name: string): number => Number(row[name]);
  const usd = (name: string): number => fromNanoUsd(count(name));
  const durationP50Ms = timeOf("duration_bucket", 0.5);
  const durationP95Ms = timeOf("duration_bucket", 0.95);
  const firstTokenP50Ms = timeOf("first_token_bucket", 0.5);
  return {
    by: labelled(by, String(row.labels)),
    calls: count("calls"),
    attempts: count("attempts"),
    outcomes: outcomesOf(count),
    inputTokens: count("input_tokens"),
    outputTokens: count("output_tokens"),
    cacheReadTokens: count("cache_read_tokens"),
    cacheWriteTokens: count("cache_write_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    costUsd: usd("known_nano_usd"),
    failedCostUsd: usd("failed_nano_usd"),
    unpriced: count("unpriced"),
    estimated: count("estimated"),
    cached: count("cached"),
    savedUsd: usd("saved_nano_usd"),
    ...(durationP50Ms === undefined ? {} : { durationP50Ms }),
    ...(durationP95Ms === undefined ? {} : { durationP95Ms }),
    ...(firstTokenP50Ms === undefined ? {} : { firstTokenP50Ms }),
  };
}

function labelled(by: readonly UsageDimension[], labels: string): UsageRow["by"] {
  const values: unknown = JSON.parse(labels);
  const named: Partial<Record<UsageDimension, string>> = {};
  if (!Array.isArray(values)) return named;
  for (const [index, dimension] of by.entries()) {
    const value: unknown = values[index];
    if (typeof value === "string") named[dimension] = value;
  }
  return named;
}

function outcomesOf(count: (name: string) => number): UsageRow["outcomes"] {
  const outcomes: Partial<Record<CallOutcome, number>> = {};
  for (const outcome of OUTCOMES) if (count(outcome) > 0) outcomes[outcome] = count(outcome);
  return outcomes;
}
