/** Calls as records, newest first, in pages. */
import type { DatabaseSync } from "node:sqlite";
import type { CallRecord } from "../call-record.ts";
import type { CallFilter, CallPage, CallQuery } from "../ledger.ts";
import { type CallPosition, parseCursor, renderCursor } from "../usage/call-cursor.ts";
import { allOf, callConditions, targetConditions } from "../usage/call-filter.ts";
import { checkCount } from "../usage/check-usage-query.ts";
import { compose, type Sql, sql } from "../usage/sql.ts";
import type { Span } from "../usage/usage-statements.ts";
import { parseRecord } from "./parse-record.ts";
import { SQLITE_DIALECT } from "./sqlite-dialect.ts";
import { otherWork, walkSpans } from "./walk-spans.ts";

const PAGE_DEFAULT = 50;
const PAGE_MAX = 1_000;

/** Rejects with `invalid_request`. */
export async function readCalls(database: DatabaseSync, query: CallQuery): Promise<CallPage> {
  const countMax = checkCount(query.countMax ?? PAGE_DEFAULT, PAGE_MAX);
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const to = Math.min(query.to ?? Number.MAX_SAFE_INTEGER, after === undefined ? Number.MAX_SAFE_INTEGER : after.startedAt + 1);
  const calls: CallRecord[] = [];
  for (const span of walkSpans(database, { ...query, to }, "newest")) {
    // One more than fits tells whether there is another page.
    calls.push(...callsWithin(database, query, span, after, countMax + 1 - calls.length));
    if (calls.length > countMax) break;
    await otherWork();
  }
  const page = calls.slice(0, countMax);
  const last = page.at(-1);
  return calls.length > countMax && last !== undefined ? { calls: page, cursor: renderCursor(last) } : { calls: page };
}

function callsWithin(
  database: DatabaseSync,
  filter: CallFilter,
  { from, to }: Span,
  after: CallPosition | undefined,
  countMax: number,
): readonly CallRecord[] {
  const conditions = allOf([
    sql("c.started_at >= ? AND c.started_at < ?", from, to),
    ...(after === undefined ? [] : [sql("(c.started_at, c.id) < (?, ?)", after.startedAt, after.id)]),
    ...recordConditions(filter),
  ]);
  const { text, values } = compose`SELECT b.record FROM calls c JOIN bodies b ON b.sequence = c.sequence WHERE ${conditions}
    ORDER BY c.started_at DESC, c.id DESC LIMIT ${sql("?", countMax)}`;
  return database
    .prepare(text)
    .all(...values)
    .map(({ record }) => parseRecord(record));
}

/** A call is of a provider or a model when it asked it, or when it was answered in its name without asking. */
export function recordConditions(filter: CallFilter): readonly Sql[] {
  const targets = targetConditions(filter);
  if (targets.length === 0) return callConditions(filter, SQLITE_DIALECT);
  return [
    ...callConditions(filter, SQLITE_DIALECT),
    compose`EXISTS (SELECT 1 FROM (SELECT 1) x LEFT JOIN attempts a ON a.call = c.sequence AND a.sent = 1 WHERE ${allOf(targets)})`,
  ];
}
