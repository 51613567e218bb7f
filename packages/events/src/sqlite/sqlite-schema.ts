/**
 * The tables, and how older ones become them. How far a file is stands in a table of the log's own: `user_version` belongs to
 * the file's owner, and a log may live in a database that holds other tables too.
 */
import { LogUnavailable } from "../errors.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Each brings the file one version further; what has been released is never changed. */
const MIGRATIONS: readonly string[] = [
  `
  -- Autoincrement: a position is never used again, not even after the last events were forgotten.
  create table event_log (
    position integer primary key autoincrement,
    stream text not null,
    version integer not null,
    id text not null unique,
    type text not null,
    data text not null,
    schema_version integer not null,
    metadata text not null,
    tenant text,
    recorded_at integer not null,
    unique (stream, version)
  ) strict;
  create index event_log_tenant on event_log (tenant, position) where tenant is not null;

  -- The version of a stream outlives its events.
  create table event_streams (stream text primary key, version integer not null) strict, without rowid;

  create table event_checkpoints (projection text primary key, position integer not null, state text) strict, without rowid;

  create table event_blobs (hash text primary key, content blob not null) strict;
  -- The empty tenant is nobody in particular.
  create table event_blob_holders (
    tenant text not null,
    hash text not null,
    stored_at integer not null,
    primary key (tenant, hash)
  ) strict, without rowid;
  create index event_blob_holders_hash on event_blob_holders (hash);
  `,
];

const VERSION = "select version from event_log_schema";

/** Rejects with `LogUnavailable` for a file that a newer program has written. */
export async function migrateSqlite(connection: SqliteConnection, name: string): Promise<void> {
  const { database } = connection;
  await connection.transaction(() => {
    database.exec("create table if not exists event_log_schema (version integer not null) strict");
    const row = database.prepare(VERSION).get();
    const version = Number(row?.version ?? 0);
    if (version > MIGRATIONS.length) {
      throw new LogUnavailable(`${name} has schema ${version}, and this program knows up to ${MIGRATIONS.length}: update it`);
    }
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec("delete from event_log_schema");
    database.prepare("insert into event_log_schema (version) values (?)").run(MIGRATIONS.length);
  });
}
