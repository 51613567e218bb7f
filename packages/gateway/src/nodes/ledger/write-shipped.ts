/**
 * Settled calls of one node's file into the tables of all nodes: a batch in one transaction, with the mark up to where it has come. Sent twice, it
 * comes to the same: what is up to the mark is left out, and a call is there once, whoever sends it.
 */
import type { Pool, PoolClient } from "pg";
import type { CallRecord } from "../../ledger/call-record.ts";
import type { SequencedCall } from "../../ledger/local-ledger.ts";
import { attemptRow, CALL_COLUMNS, callRow, type Value } from "../../ledger/sqlite/call-table.ts";
import { inSharedTables } from "./in-shared-tables.ts";
import { storable, storableTags } from "./storable-text.ts";

export interface Shipment {
  readonly source: string;
  readonly node: string;
  /** The mark that they follow on. */
  readonly after: number;
  readonly calls: readonly SequencedCall[];
}

export interface Shipped {
  /** The mark as it is now. Less than `after`: the server has forgotten some, as one does that was restored, and nothing was written. */
  readonly sequence: number;
  /** Calls whose ids another node had used already: they are not kept here. */
  readonly duplicates: readonly string[];
}

/** Where the file of a node has been copied up to. 0 for one that is new. */
export async function shippedUpTo(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query("select sequence from dragoman.sources where source = $1", [source]);
  return Number(rows[0]?.sequence ?? 0);
}

export function writeShipped(pool: Pool, { source, node, after, calls }: Shipment): Promise<Shipped> {
  return inSharedTables(pool, "writing", async (client) => {
    const { sequence: mark } = await lockMarks(client, source, node);
    if (mark < after) return { sequence: mark, duplicates: [] };
    const fresh = latestOfEach(calls.filter(({ sequence }) => sequence > mark));
    const sequence = Math.max(mark, ...calls.map((call) => call.sequence));
    const written = fresh.length === 0 ? new Map<string, string>() : await writeCalls(client, source, fresh);
    await writeAttempts(client, fresh, written);
    await client.query("update sources set sequence = $2, shipped_at = clock_timestamp() where source = $1", [source, sequence]);
    return { sequence, duplicates: fresh.flatMap(({ record: { id } }) => (written.has(id) ? [] : [id])) };
  });
}

/** Calls that are there, whoever brought them, as they are now. */
export async function rewriteCalls(client: PoolClient, calls: readonly CallRecord[]): Promise<void> {
  if (calls.length === 0) return;
  const ids = calls.map(({ id }) => id);
  const { rows } = await client.query(
    "select id, source, source_sequence from calls where id = any ($1) order by id for update",
    [ids],
  );
  const places = new Map(rows.map(({ id, source, source_sequence }) => [id, { source, sequence: Number(source_sequence) }]));
  for (const source of new Set(rows.map((row) => String(row.source)))) {
    const own = calls.flatMap((record) => {
      const place = places.get(record.id);
      return place?.source === source ? [{ sequence: place.sequence, record }] : [];
    });
    await writeAttempts(client, own, await writeCalls(client, source, own));
  }
}

/** Up to where a file has been copied, for whoever copies on: until the end of the transaction nobody else does. */
export async function lockMarks(
  client: PoolClient,
  source: string,
  node: string,
): Promise<{ readonly sequence: number; readonly contentsEntry: number }> {
  await client.query("insert into sources values ($1, $2, 0, clock_timestamp()) on conflict do nothing", [source, node]);
  const { rows } = await client.query("select sequence, contents_entry from sources where source = $1 for update", [source]);
  return { sequence: Number(rows[0]?.sequence ?? 0), contentsEntry: Number(rows[0]?.contents_entry ?? 0) };
}

/** A call that was priced anew within the batch stands in it twice. */
function latestOfEach(calls: readonly SequencedCall[]): readonly SequencedCall[] {
  return [...new Map(calls.map((call) => [call.record.id, call])).values()];
}

const OWN_COLUMNS = ["source", "source_sequence", "record"];
const COLUMNS = [...CALL_COLUMNS.split(",").map((name) => name.trim()), ...OWN_COLUMNS];
const TEXTS = new Set(`id node operation key team agent session "user" route outcome provider model source record`.split(" "));
const typeOf = (name: string): string => (TEXTS.has(name) ? "text" : name === "tags" ? "json" : "bigint");

const WRITE_CALLS = `
  insert into calls as c (${COLUMNS.join(", ")})
  select ${COLUMNS.map((name) => (name === "tags" ? "tags::json" : name)).join(", ")}
  from unnest(${COLUMNS.map((name, index) => `$${index + 1}::${typeOf(name) === "bigint" ? "bigint" : "text"}[]`).join(", ")})
    as t (${COLUMNS.join(", ")})
  order by source_sequence
  on conflict (id) do update set ${COLUMNS.filter((name) => name !== "id" && name !== "source")
    .map((name) => `${name} = excluded.${name}`)
    .join(", ")}
    where c.source = excluded.source
  returning id, sequence`;

/** The numbers of the calls in the tables, by id. Of an id that another node had, nothing is written. */
async function writeCalls(client: PoolClient, source: string, calls: readonly SequencedCall[]): Promise<Map<string, string>> {
  const rows = calls.map(({ sequence, record }) => [
    ...callRow({ ...record, tags: storableTags(record.tags) }).map(storable),
    source,
    sequence,
    // As JSON it holds no NUL of its own.
    JSON.stringify(record),
  ]);
  const { rows: written } = await client.query({
    name: "ship_calls",
    text: WRITE_CALLS,
    values: columnsOf(rows, COLUMNS.length),
  });
  return new Map(written.map(({ id, sequence }) => [id, sequence]));
}

const ATTEMPT_COLUMNS = [
  "call",
  "number",
  "provider",
  "model",
  "answered",
  "sent",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "nano_usd",
  "estimated",
  "duration_bucket",
  "first_token_bucket",
];

const WRITE_ATTEMPTS = `
  insert into attempts (${ATTEMPT_COLUMNS.join(", ")})
  select * from unnest(${ATTEMPT_COLUMNS.map((name, index) => `$${index + 1}::${name === "provider" || name === "model" ? "text" : "bigint"}[]`).join(", ")})`;

async function writeAttempts(
  client: PoolClient,
  calls: readonly SequencedCall[],
  numbers: ReadonlyMap<string, string>,
): Promise<void> {
  const rows: Value[][] = [];
  for (const { record } of calls) {
    const number = numbers.get(record.id);
    if (number === undefined) continue;
    for (const attempt of record.attempts) rows.push([number, ...attemptRow(0, attempt).slice(1).map(storable)]);
  }
  // Of calls that are there again, at other prices.
  await client.query("delete from attempts where call = any ($1::bigint[])", [[...numbers.values()]]);
  if (rows.length > 0)
    await client.query({ name: "ship_attempts", text: WRITE_ATTEMPTS, values: columnsOf(rows, ATTEMPT_COLUMNS.length) });
}

function columnsOf(rows: readonly (readonly Value[])[], count: number): Value[][] {
  return Array.from({ length: count }, (_, index) => rows.map((row) => row[index] ?? null));
}
