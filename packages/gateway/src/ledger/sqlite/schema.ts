/**
 * The tables of the ledger. `calls` and `attempts` hold what is added up and looked for; the whole record stands in `bodies`, apart from them, so
 * that sums read a tenth of the file. The order of settlement is `sequence`, which is never given twice.
 *
 * A row of `MIGRATIONS` brings the file from its index to the next version; rows are added and never changed.
 */

import type { DatabaseSync } from "node:sqlite";
import { DragomanError } from "@dragoman/llm";

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE calls (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    node TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    team TEXT,
    agent TEXT,
    session TEXT,
    "user" TEXT,
    route TEXT,
    tags TEXT,
    outcome TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    attempts INTEGER NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    known_nano_usd INTEGER NOT NULL,
    failed_nano_usd INTEGER NOT NULL,
    saved_nano_usd INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    duration_bucket INTEGER,
    first_token_bucket INTEGER
  ) STRICT;
  CREATE INDEX calls_by_start ON calls (started_at);
  CREATE INDEX calls_by_key ON calls (key, started_at);
  CREATE INDEX calls_by_session ON calls (session, started_at) WHERE session IS NOT NULL;
  CREATE INDEX calls_by_user ON calls ("user", started_at) WHERE "user" IS NOT NULL;
  CREATE TABLE attempts (
    call INTEGER NOT NULL,
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    answered INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    nano_usd INTEGER,
    estimated INTEGER NOT NULL,
    duration_bucket INTEGER,
    first_token_bucket INTEGER,
    PRIMARY KEY (call, number)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE bodies (sequence INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE contents (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kept_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    request BLOB NOT NULL,
    answer BLOB NOT NULL
  ) STRICT;
  CREATE INDEX contents_by_time ON contents (kept_at, bytes);
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks the file as a ledger of ours: "DrLg" as a number. */
const APPLICATION_ID = 0x44724c67;

/** Brings the tables up to date, each step all or nothing. Throws `configuration` for a file of a later program or of another kind. */
export function migrate(database: DatabaseSync, file: string): void {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || hasTables(database)))
    throw unusable(`${file} is a database of another kind`, "name another file in `store`");
  if (version > SCHEMA_VERSION)
    throw unusable(
      `${file} was written by a later version (its tables have version ${version}, this program knows up to ${SCHEMA_VERSION})`,
      "use that version again, or name another file in `store`",
    );
  for (const [index, statements] of MIGRATIONS.entries()) if (index >= version) migrateTo(database, index + 1, statements);
}

/** Looks at the version again within the transaction: another process may have been first. */
function migrateTo(database: DatabaseSync, version: number, statements: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    if (pragma(database, "user_version") < version)
      database.exec(`${statements}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version};`);
    database.exec("COMMIT");
  } catch (thrown) {
    database.exec("ROLLBACK");
    throw thrown;
  }
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}

export function pragma(
  database: DatabaseSync,
  name: "user_version" | "application_id" | "freelist_count" | "page_count",
): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function unusable(detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "configuration", detail, advice });
}
