/** `usage` over the calls of all nodes: one question to the server, which adds up; percentiles are those of buckets, as in a node's own file. */
import type { PoolClient } from "pg";
import type { CallOutcome } from "../../ledger/call-record.ts";
import type { UsageDimension, UsageQuery, UsageRow } from "../../ledger/ledger.ts";
import { fromNanoUsd } from "../../ledger/money.ts";
import { bucketMs } from "../../ledger/sqlite/duration-bucket.ts";
import { checkUsageQuery } from "../../ledger/usage/check-usage-query.ts";
import { createPeriodLabels } from "../../ledger/usage/periods.ts";
import { compose, numbered, type Sql, sql } from "../../ledger/usage/sql.ts";
import {
  dimensionColumn,
  OUTCOMES,
  type Span,
  type SUMS,
  sumsStatement,
  type TimeColumn,
  timesStatement,
} from "../../ledger/usage/usage-statements.ts";
import { POSTGRES_DIALECT } from "./postgres-dialect.ts";
import { storable } from "./storable-text.ts";

type Row = Readonly<Record<string, unknown>>;

/** Rejects with `invalid_request`. Within `inSharedTables`. */
export async function readSharedUsage(client: PoolClient, query: UsageQuery): Promise<readonly UsageRow[]> {
  const countMax = checkUsageQuery(query);
  createPeriodLabels(query.timeZone ?? "UTC");
  const span: Span = { from: query.from ?? 0, to: query.to ?? Number.MAX_SAFE_INTEGER };
  const labels = labelsOf(query);
  const sums = compose`SELECT s.*, ${labels} AS labels FROM (${sumsStatement(query, span, POSTGRES_DIALECT)}) s
    ORDER BY known_nano_usd DESC, labels LIMIT ${sql("?", countMax)}`;
  const rows = await ask(client, sums);
  const shown = rows.map((row) => String(row.labels));
  const durations = await readTimes(client, query, span, "duration_bucket", shown);
  const firstTokens = await readTimes(client, query, span, "first_token_bucket", shown);
  return rows.map((row) => usageRow(query.by, row, durations.get(String(row.labels)), firstTokens.get(String(row.labels))));
}

/** The dimensions of a row as one text, by which rows are told apart. */
function labelsOf({ by }: UsageQuery): Sql {
  return sql(`json_build_array(${by.map((_dimension, index) => dimensionColumn(index)).join(", ")})::text COLLATE "C"`);
}

interface Times {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** The nearest ranks, found in the server: there may be five hundred buckets to a row. */
async function readTimes(
  client: PoolClient,
  query: UsageQuery,
  span: Span,
  column: TimeColumn,
  shown: readonly string[],
): Promise<ReadonlyMap<string, Times>> {
  const statement = compose`
    SELECT labels, min(bucket) FILTER (WHERE ranked >= ceil(total * 0.5)) AS p50, min(bucket) FILTER (WHERE ranked >= ceil(total * 0.95)) AS p95
    FROM (
      SELECT labels, bucket, sum(count) OVER (PARTITION BY labels ORDER BY bucket) AS ranked, sum(count) OVER (PARTITION BY labels) AS total
      FROM (SELECT ${labelsOf(query)} AS labels, t.bucket, t.count FROM (${timesStatement(query, span, column, POSTGRES_DIALECT)}) t) l
    ) r
    WHERE labels IN (SELECT json_array_elements_text(CAST(${sql("?", JSON.stringify(shown))} AS json)) COLLATE "C")
    GROUP BY labels`;
  const found = await ask(client, statement);
  return new Map(
    found.map(({ labels, p50, p95 }) => [String(labels), { p50Ms: bucketMs(Number(p50)), p95Ms: bucketMs(Number(p95)) }]),
  );
}

async function ask(client: PoolClient, statement: Sql): Promise<readonly Row[]> {
  const { text, values } = numbered(statement);
  const { rows } = await client.query(text, values.map(storable));
  return rows;
}

function usageRow(
  by: readonly UsageDimension[],
  row: Row,
  durations: Times | undefined,
  firstTokens: Times | undefined,
): UsageRow {
  const count = (name: (typeof SUMS)[number] | "calls" | CallOutcome): number => Number(row[name]);
  return {
    by: labelled(by, row),
    calls: count("calls"),
    attempts: count("attempts"),
    outcomes: outcomesOf(count),
    inputTokens: count("input_tokens"),
    outputTokens: count("output_tokens"),
    cacheReadTokens: count("cache_read_tokens"),
    cacheWriteTokens: count("cache_write_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    costUsd: fromNanoUsd(count("known_nano_usd")),
    failedCostUsd: fromNanoUsd(count("failed_nano_usd")),
    unpriced: count("unpriced"),
    estimated: count("estimated"),
    cached: count("cached"),
    savedUsd: fromNanoUsd(count("saved_nano_usd")),
    ...(durations === undefined ? {} : { durationP50Ms: durations.p50Ms, durationP95Ms: durations.p95Ms }),
    ...(firstTokens === undefined ? {} : { firstTokenP50Ms: firstTokens.p50Ms }),
  };
}

function labelled(by: readonly UsageDimension[], row: Row): UsageRow["by"] {
  const named: Partial<Record<UsageDimension, string>> = {};
  for (const [index, dimension] of by.entries()) {
    const value = row[dimensionColumn(index)];
    if (typeof value === "string") named[dimension] = value;
  }
  return named;
}

function outcomesOf(count: (name: CallOutcome) => number): UsageRow["outcomes"] {
  const outcomes: Partial<Record<CallOutcome, number>> = {};
  for (const outcome of OUTCOMES) if (count(outcome) > 0) outcomes[outcome] = count(outcome);
  return outcomes;
}
