/** The tables that nodes share, in the schema `dragoman`, and how older ones become them. The event log has a schema of its own. */
import { DragomanError } from "@dragoman/llm";
import type { Pool, PoolClient } from "pg";
import { LEASE_FUNCTIONS, LEASE_NAMES, LEASE_TABLES } from "./leases/lease-functions.ts";
import { SHARED_CONTENT_TABLES } from "./ledger/shared-content-tables.ts";
import { SHARED_LEDGER_TABLES } from "./ledger/shared-ledger-tables.ts";

const SETTINGS = `
create table dragoman.settings (name text primary key, value text not null);

-- Not written to the server's log: after a crash it is empty, and costs some calls.
create unlogged table dragoman.responses (
  key text collate "C" primary key,
  stored_at bigint not null,
  expires_at bigint not null,
  completion text not null
);
create index responses_expire on dragoman.responses (expires_at);
`;

/** Each brings the schema one version further; what has been released is never changed. */
const MIGRATIONS: readonly string[] = [
  [SETTINGS, LEASE_TABLES, LEASE_FUNCTIONS, SHARED_LEDGER_TABLES].join("\n"),
  SHARED_CONTENT_TABLES,
  LEASE_NAMES,
];

export const SHARED_SCHEMA_VERSION = MIGRATIONS.length;

/** So that nodes that start together do not all migrate. Any number that nobody else is likely to take. */
const MIGRATION_LOCK = 7_236_180_422;

/** Rejects with `configuration` for tables of a newer program. */
export async function migrateSharedSchema(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    if ((await sharedSchemaVersion(client)) === SHARED_SCHEMA_VERSION) return;
    await client.query("begin");
    try {
      await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
      await bringUp(client, await sharedSchemaVersion(client));
      await client.query("commit");
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    }
  } finally {
    client.release();
  }
}

async function bringUp(client: PoolClient, version: number | undefined): Promise<void> {
  if (version === undefined) {
    // Asked first, as a user may own the schema without the right to make one.
    const { rowCount } = await client.query("select 1 from pg_catalog.pg_namespace where nspname = 'dragoman'");
    if (rowCount === 0) await client.query("create schema dragoman");
    await client.query("create table dragoman.schema_version (version integer not null)");
    await client.query("insert into dragoman.schema_version values (0)");
  }
  for (const migration of MIGRATIONS.slice(version ?? 0)) await client.query(migration);
  await client.query("update dragoman.schema_version set version = $1", [SHARED_SCHEMA_VERSION]);
}

/** Read as a table is: `to_regclass` answers from a cache, which does not see what another has made while this one waited. */
const FIND_TABLE = `
  select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'dragoman' and c.relname = 'schema_version'`;

/** Undefined where there are no tables yet. Rejects with `configuration` for those of a newer program. */
export async function sharedSchemaVersion(client: PoolClient): Promise<number | undefined> {
  if ((await client.query(FIND_TABLE)).rowCount === 0) return undefined;
  const { rows } = await client.query("select version from dragoman.schema_version");
  const version = Number(rows[0]?.version ?? 0);
  if (version <= SHARED_SCHEMA_VERSION) return version;
  throw new DragomanError({
    code: "configuration",
    field: "store",
    detail: `store: the tables in PostgreSQL have version ${version}, and this program knows up to ${SHARED_SCHEMA_VERSION}`,
    advice: "update this program; nodes of both versions run side by side only while the tables are those of the older",
  });
}
