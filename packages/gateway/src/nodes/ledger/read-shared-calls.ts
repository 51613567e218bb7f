/** Calls of all nodes as records. */
import type { PoolClient } from "pg";
import type { CallRecord } from "../../ledger/call-record.ts";
import type { CallFilter, CallPage, CallQuery } from "../../ledger/ledger.ts";
import { parseRecord } from "../../ledger/sqlite/parse-record.ts";
import { type CallPosition, parseCursor, renderCursor } from "../../ledger/usage/call-cursor.ts";
import { allOf, callConditions, targetConditions } from "../../ledger/usage/call-filter.ts";
import { checkCount } from "../../ledger/usage/check-usage-query.ts";
import { compose, numbered, type Sql, sql } from "../../ledger/usage/sql.ts";
import { POSTGRES_DIALECT } from "./postgres-dialect.ts";
import { storable } from "./storable-text.ts";

export const PAGE_DEFAULT = 50;
const PAGE_MAX = 1_000;

export async function readSharedCall(client: PoolClient, id: string): Promise<CallRecord | undefined> {
  const { rows } = await client.query("select record from calls where id = $1", [storable(id)]);
  return rows[0] === undefined ? undefined : parseRecord(rows[0].record);
}

/** Rejects with `invalid_request`. Within `inSharedTables`. */
export async function readSharedCalls(client: PoolClient, query: CallQuery): Promise<CallPage> {
  const countMax = checkCount(query.countMax ?? PAGE_DEFAULT, PAGE_MAX);
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  // One more than fits tells whether there is another page.
  const conditions = [...conditionsOf(query), ...(after === undefined ? [] : [isBefore(after)])];
  const calls = await findCalls(client, conditions, countMax + 1);
  const page = calls.slice(0, countMax);
  const last = page.at(-1);
  return calls.length > countMax && last !== undefined ? { calls: page, cursor: renderCursor(last) } : { calls: page };
}

/** Newest first: so many calls that some other file than this has brought, from a place on. */
export function readOthersCalls(
  client: PoolClient,
  filter: CallFilter,
  { source, after, countMax }: { readonly source: string; readonly after: CallPosition | undefined; readonly countMax: number },
): Promise<readonly CallRecord[]> {
  const conditions = [...conditionsOf(filter), sql("c.source <> ?", source), ...(after === undefined ? [] : [isBefore(after)])];
  return findCalls(client, conditions, countMax);
}

async function findCalls(client: PoolClient, conditions: readonly Sql[], countMax: number): Promise<readonly CallRecord[]> {
  const { text, values } = numbered(
    compose`SELECT c.record FROM calls c WHERE ${allOf(conditions)} ORDER BY c.started_at DESC, c.id DESC LIMIT ${sql("?", countMax)}`,
  );
  const { rows } = await client.query(text, values.map(storable));
  return rows.map(({ record }) => parseRecord(record));
}

function isBefore({ startedAt, id }: CallPosition): Sql {
  return sql("(c.started_at, c.id) < (?, ?)", startedAt, id);
}

/** A call is of a provider or a model when it asked it, or when it was answered in its name without asking. */
function conditionsOf(filter: CallFilter): readonly Sql[] {
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  const targets = targetConditions(filter);
  return [
    sql("c.started_at >= ? AND c.started_at < ?", from, to),
    ...callConditions(filter, POSTGRES_DIALECT),
    ...(targets.length === 0
      ? []
      : [
          compose`EXISTS (SELECT 1 FROM (SELECT 1) x LEFT JOIN attempts a ON a.call = c.sequence AND a.sent = 1 WHERE ${allOf(targets)})`,
        ]),
  ];
}
