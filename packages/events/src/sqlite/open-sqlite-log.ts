/**
 * A log in a SQLite file (`node:sqlite`), which several processes of one machine may share. Not on a network file system: SQLite's
 * write-ahead log needs memory that its users share.
 */
import { closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { createEventLog } from "../create-event-log.ts";
import type { EventLog } from "../event-log.ts";
import type { LogOptions } from "../log-options.ts";
import { createSqliteConnection, type SqliteConnection, unavailable } from "./sqlite-connection.ts";
import { migrateSqlite } from "./sqlite-schema.ts";
import { createSqliteStore } from "./sqlite-store.ts";

export type SqliteLogOptions = LogOptions & (SqliteFile | SqliteDatabase) & SqliteWaiting;

interface SqliteFile {
  /** Path of the file, made where there is none, for its user alone to read. Its folder has to be there. */
  readonly file: string;
  /**
   * What an append that was acknowledged survives. `crash` (default; `synchronous=NORMAL`): the end of the process at any
   * moment, `kill -9` included, since a commit is with the operating system before it is acknowledged. When the machine
   * loses its power the last commits, those of some seconds, may be missing; what is left is whole and in order.
   * `power-loss` (`synchronous=FULL`): that too, as far as the disk keeps what it has acknowledged; each group of appends
   * then waits for the disk, with the thread.
   */
  readonly survives?: "crash" | "power-loss";
}

interface SqliteDatabase {
  /**
   * A database that is open already, and holds other tables too. Journal mode, `synchronous` and `busy_timeout` stay as its owner set
   * them, and the owner closes it. No transaction of the owner's may be open across an `await`.
   */
  readonly database: DatabaseSync;
}

interface SqliteWaiting {
  /** How long to wait for other processes that hold the file. Milliseconds. Default 5000. */
  readonly busyMs?: number;
}

/** Of the thread, at one time: an append of another process takes less. */
const BLOCKED_MS = 20;
const BUSY_MS = 5000;

/** Rejects with `LogUnavailable` when the file cannot be opened, is no database, or is of a newer program. */
export async function openSqliteLog(options: SqliteLogOptions): Promise<EventLog> {
  const { busyMs = BUSY_MS } = options;
  if ("database" in options) {
    const connection = createSqliteConnection(options.database, "the SQLite database", busyMs);
    return openLog(connection, "the SQLite database", options, () => {});
  }
  const name = `SQLite ${basename(options.file)}`;
  const database = await openFile(options.file, name);
  const close = (): void => database.close();
  try {
    const connection = createSqliteConnection(database, name, busyMs);
    await connection.attempt(() => {
      database.exec("pragma journal_mode = wal");
      database.exec(`pragma synchronous = ${options.survives === "power-loss" ? "full" : "normal"}`);
      // What is forgotten is overwritten, not only marked as free.
      database.exec("pragma secure_delete = on");
    });
    return await openLog(connection, name, options, close);
  } catch (error) {
    close();
    throw error;
  }
}

async function openLog(connection: SqliteConnection, name: string, options: LogOptions, close: () => void): Promise<EventLog> {
  await migrateSqlite(connection, name);
  return createEventLog(createSqliteStore(connection, name, close), options);
}

async function openFile(file: string, name: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  try {
    // Made here and not by SQLite, which would let others of this machine read it; its two companions get the same rights.
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    return new DatabaseSync(file, { timeout: BLOCKED_MS });
  } catch (error) {
    throw unavailable(name, error);
  }
}
