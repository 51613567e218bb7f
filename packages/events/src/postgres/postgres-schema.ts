/** The tables, in a schema of their own, and how older ones become them. */
import { LogUnavailable } from "../errors.ts";
import { APPEND_FUNCTION } from "./postgres-append-function.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import type { PostgresClient } from "./postgres-pool.ts";

/** Each brings a schema one version further; what has been released is never changed. `$S` stands for the quoted schema. */
const MIGRATIONS: readonly string[] = [
  `
  create table $S.events (
    position bigint primary key,
    stream text collate "C" not null,
    version integer not null,
    id text collate "C" not null unique,
    type text collate "C" not null,
    -- Not jsonb, which takes no \\u0000 and puts names into another order.
    data json not null,
    schema_version integer not null,
    metadata json not null,
    tenant text collate "C",
    recorded_at bigint not null,
    unique (stream, version)
  );
  create index events_tenant on $S.events (tenant, position) where tenant is not null;
  create sequence $S.positions;

  -- The version of a stream outlives its events.
  create table $S.streams (stream text collate "C" primary key, version integer not null);

  create table $S.checkpoints (projection text collate "C" primary key, position bigint not null, state json);

  create table $S.blobs (hash text collate "C" primary key, content bytea not null);
  -- The empty tenant is nobody in particular.
  create table $S.blob_holders (
    tenant text collate "C",
    hash text collate "C" references $S.blobs,
    stored_at bigint not null,
    primary key (tenant, hash)
  );
  create index blob_holders_hash on $S.blob_holders (hash);
  ${APPEND_FUNCTION}
  `,
];

/** So that processes that start together do not all migrate. Any number that nobody else is likely to take. */
const MIGRATION_LOCK = 7_236_180_421;

/** Rejects with `LogUnavailable` for a schema that a newer program has made. */
export async function migratePostgres(connection: PostgresConnection, schema: string, name: string): Promise<void> {
  if ((await versionOf(connection, schema, name)) === MIGRATIONS.length) return;
  await connection.transaction(async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const version = await versionOf(client, schema, name);
    if (version === undefined) {
      // Asked first, as a user may own the schema without the right to make one.
      const { rowCount } = await client.query("select 1 from pg_catalog.pg_namespace where nspname = $1", [schema]);
      if (rowCount === 0) await client.query(`create schema ${schema}`);
      await client.query(`create table ${schema}.schema_version (version integer not null)`);
      await client.query(`insert into ${schema}.schema_version values (0)`);
    }
    for (const migration of MIGRATIONS.slice(version ?? 0)) await client.query(migration.replaceAll("$S", schema));
    await client.query(`update ${schema}.schema_version set version = $1`, [MIGRATIONS.length]);
  });
}

/** Read as a table is: `to_regclass` answers from a cache, which does not see what another has made while this one waited. */
const FIND_TABLE = `
  select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = 'schema_version'`;

/** Undefined where there is no log yet. */
async function versionOf(
  asked: Pick<PostgresClient, "query"> | PostgresConnection,
  schema: string,
  name: string,
): Promise<number | undefined> {
  if ((await asked.query(FIND_TABLE, [schema])).rowCount === 0) return undefined;
  const { rows } = await asked.query(`select version from ${schema}.schema_version`);
  const version = Number(rows[0]?.version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new LogUnavailable(`${name} has schema ${version}, and this program knows up to ${MIGRATIONS.length}: update it`);
  }
  return version;
}
