/**
 * The questions behind `usage`, as SQL that SQLite and PostgreSQL both take. A question has a span of time, so that a file with one writer can ask it in
 * steps and add up, where a server asks it once.
 *
 * What is added up are units: a call, or where provider or model are named, what one call did at one of them. So a call of two
 * attempts at one provider counts there once, with two attempts.
 */
import type { CallOutcome } from "../call-record.ts";
import type { UsageDimension, UsageQuery } from "../ledger.ts";
import { allOf, CALL_COLUMNS, callConditions, MODEL, PROVIDER, targetConditions } from "./call-filter.ts";
import { compose, joinSql, type Sql, type SqlDialect, sql } from "./sql.ts";

/** Milliseconds since 1970; from is within, to is not. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const OUTCOMES = [
  "answered",
  "failed",
  "refused",
  "aborted",
  "cut",
  "interrupted",
] as const satisfies readonly CallOutcome[];

/** What is added up, beside the dimensions. Money in billionths of a USD. */
export const SUMS = [
  "attempts",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "known_nano_usd",
  "failed_nano_usd",
  "saved_nano_usd",
  "unpriced",
  "estimated",
  "cached",
] as const;

/** Which time is asked for. */
export type TimeColumn = "duration_bucket" | "first_token_bucket";

/** Name of the column of a dimension, by its place in `by`. */
export function dimensionColumn(index: number): string {
  return `d${index}`;
}

/** Columns: the dimensions, `calls`, one for each outcome, and `SUMS`. */
export function sumsStatement(query: UsageQuery, span: Span, dialect: SqlDialect): Sql {
  const columns = [
    ...dimensionNames(query),
    "count(*) AS calls",
    ...OUTCOMES.map((outcome) => `${total(`CASE WHEN outcome = '${outcome}' THEN 1 ELSE 0 END`)} AS ${outcome}`),
    ...SUMS.map((name) => `${total(name)} AS ${name}`),
  ];
  const units = byTarget(query) ? targetUnits(query, span, dialect) : callUnits(query, span, dialect);
  return compose`SELECT ${sql(columns.join(", "))} FROM (${units}) u WHERE 1 = 1${grouping(dimensionNames(query))}`;
}

/** Columns: the dimensions, `bucket`, and how many answers took that long. */
export function timesStatement(query: UsageQuery, span: Span, column: TimeColumn, dialect: SqlDialect): Sql {
  const bucket = byTarget(query) ? own(column, column) : `c.${column}`;
  const selected = joinSql([...dimensions(query, dialect), sql(`${bucket} AS bucket`), sql("count(*) AS count")], ", ");
  const conditions = allOf([...conditionsOf(query, span, dialect), sql(`${bucket} IS NOT NULL`)]);
  return compose`SELECT ${selected} FROM ${source(query)} WHERE ${conditions}${grouping([...dimensionNames(query), "bucket"])}`;
}

function total(expression: string): string {
  return `coalesce(sum(${expression}), 0)`;
}

function byTarget({ by, of = {} }: UsageQuery): boolean {
  return by.includes("provider") || by.includes("model") || of.provider !== undefined || of.model !== undefined;
}

function callUnits(query: UsageQuery, span: Span, dialect: SqlDialect): Sql {
  const columns = [
    ...dimensions(query, dialect),
    sql("c.outcome AS outcome"),
    ...SUMS.map((name) => sql(`c.${name} AS ${name}`)),
  ];
  return compose`SELECT ${joinSql(columns, ", ")} FROM ${source(query)} WHERE ${allOf(conditionsOf(query, span, dialect))}`;
}

const TARGET_SUMS: Readonly<Record<(typeof SUMS)[number], string>> = {
  attempts: "count(a.number)",
  input_tokens: `sum(${own("input_tokens", "input_tokens")})`,
  output_tokens: `sum(${own("output_tokens", "output_tokens")})`,
  cache_read_tokens: `sum(${own("cache_read_tokens", "cache_read_tokens")})`,
  cache_write_tokens: `sum(${own("cache_write_tokens", "cache_write_tokens")})`,
  reasoning_tokens: `sum(${own("reasoning_tokens", "reasoning_tokens")})`,
  known_nano_usd: `sum(${own("nano_usd", "known_nano_usd")})`,
  failed_nano_usd: "sum(CASE WHEN a.call IS NULL THEN c.failed_nano_usd WHEN a.answered = 0 THEN a.nano_usd ELSE 0 END)",
  saved_nano_usd: "c.saved_nano_usd",
  unpriced: "max(CASE WHEN a.call IS NULL THEN c.unpriced WHEN a.nano_usd IS NULL THEN 1 ELSE 0 END)",
  estimated: `max(${own("estimated", "estimated")})`,
  cached: "c.cached",
};

/** The attempt's own, or the call's where none was made. */
function own(attempt: string, call: string): string {
  return `CASE WHEN a.call IS NULL THEN c.${call} ELSE a.${attempt} END`;
}

function targetUnits(query: UsageQuery, span: Span, dialect: SqlDialect): Sql {
  const columns = [
    ...dimensions(query, dialect),
    sql("c.outcome AS outcome"),
    ...SUMS.map((name) => sql(`${TARGET_SUMS[name]} AS ${name}`)),
  ];
  const conditions = allOf(conditionsOf(query, span, dialect));
  return compose`SELECT ${joinSql(columns, ", ")} FROM ${source(query)} WHERE ${conditions}${grouping(["c.sequence", ...dimensionNames(query)])}`;
}

function source(query: UsageQuery): Sql {
  return sql(byTarget(query) ? "calls c LEFT JOIN attempts a ON a.call = c.sequence AND a.sent = 1" : "calls c");
}

function conditionsOf(query: UsageQuery, { from, to }: Span, dialect: SqlDialect): readonly Sql[] {
  return [sql("c.started_at >= ? AND c.started_at < ?", from, to), ...callConditions(query, dialect), ...targetConditions(query)];
}

function dimensionNames({ by }: UsageQuery): readonly string[] {
  return by.map((_dimension, index) => dimensionColumn(index));
}

function grouping(columns: readonly string[]): Sql {
  return sql(columns.length === 0 ? "" : ` GROUP BY ${columns.join(", ")}`);
}

function dimensions({ by, timeZone = "UTC" }: UsageQuery, dialect: SqlDialect): readonly Sql[] {
  return by.map((dimension, index) => compose`${columnOf(dimension, timeZone, dialect)} AS ${sql(dimensionColumn(index))}`);
}

const TAG = "tag:";

function columnOf(dimension: UsageDimension, timeZone: string, dialect: SqlDialect): Sql {
  switch (dimension) {
    case "provider":
      return sql(PROVIDER);
    case "model":
      return sql(MODEL);
    case "hour":
    case "day":
    case "month":
      return dialect.period("c.started_at", dimension, timeZone);
    case "outcome":
    case "operation":
    case "node":
      return sql(`c.${dimension}`);
    case "route":
    case "key":
    case "team":
    case "agent":
    case "session":
    case "user":
      return sql(CALL_COLUMNS[dimension]);
    default:
      return dialect.tag("c.tags", dimension.slice(TAG.length));
  }
}
