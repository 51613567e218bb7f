/** The ledger of one node in a file, with nothing beside it but Node.js. */
import { closeSync, fdatasync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { Notice } from "../telemetry/observer.ts";
import { ledgerUnusable } from "./ledger-error.ts";
import type { LocalLedger, LocalLedgerOptions } from "./local-ledger.ts";
import { createCheckpointThread } from "./sqlite/checkpoint-thread.ts";
import { createStoredLedger } from "./sqlite/create-stored-ledger.ts";
import { createDurableCalls } from "./sqlite/durable-calls.ts";
import { migrate } from "./sqlite/schema.ts";
import { definePeriodLabel } from "./sqlite/sqlite-dialect.ts";

export interface SqliteLedgerOptions extends LocalLedgerOptions {
  /** Path of the database. Its folder is made where there is none. Beside it stand files that begin with its name. */
  readonly file: string;
  /** How far a power cut may reach back. Milliseconds. Default 1 000. */
  readonly syncMs?: number;
  /** Largest size of the database. Default: the disk's. */
  readonly fileBytesMax?: number;
  /** Largest size of the journal of settled calls that the database has not taken yet. Default 256 MiB. */
  readonly journalBytesMax?: number;
}

/** How long a write waits for another process. The main thread waits with it. */
const BUSY_MS = 500;
const PAGE_BYTES = 4_096;
/** Calls after which the thread moves the log into the file: about 8 MB of it. */
const CALLS_A_CHECKPOINT = 1_000;
/** Pages of the log from which the main thread has to. */
const PAGES_AT_MOST = 16_384;
const JOURNAL_BYTES_MAX = 268_435_456;

/** Rejects with `configuration` for a file that cannot be used, and says what to do; the file is as it was. */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<LocalLedger> {
  const { file, onNotice = () => {}, syncMs = 1_000, journalBytesMax = JOURNAL_BYTES_MAX } = options;
  const { DatabaseSync: Database } = await import("node:sqlite");
  const database = openDatabase(Database, options);
  const log = openSync(`${file}-wal`, "r");
  const syncData = promisify(fdatasync);
  const durable = createDurableCalls({
    Database,
    database,
    file,
    journalBytesMax,
    syncMs,
    syncTables: () => syncData(log),
    onNotice,
  });
  const thread = createCheckpointThread(file, (reason) => onNotice(checkpointFailed(reason)));
  const reader = createReader(Database, file);
  let written = 0;
  return createStoredLedger(
    {
      database,
      durable,
      reading: reader.reading,
      onWritten: (count) => {
        written += count;
        if (written < CALLS_A_CHECKPOINT) return;
        written = 0;
        thread.checkpoint();
      },
      close: async () => {
        await thread.end();
        await reader.end();
        closeSync(log);
        database.close();
      },
    },
    options,
  );
}

function openDatabase(Database: typeof DatabaseSync, { file, fileBytesMax }: SqliteLedgerOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // For its user alone to read; SQLite gives the files beside it the same rights.
    closeSync(openSync(file, "a", 0o600));
    database = new Database(file, { timeout: BUSY_MS });
    // Before the first table, for neither can be changed later.
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL;`);
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${PAGES_AT_MOST};`);
    database.exec("PRAGMA cache_size = -16000");
    migrate(database, file);
    if (fileBytesMax !== undefined) database.exec(`PRAGMA max_page_count = ${Math.ceil(fileBytesMax / PAGE_BYTES)}`);
    return database;
  } catch (thrown) {
    database?.close();
    throw ledgerUnusable(file, thrown);
  }
}

/** A connection for long questions, which see one state of the file from beginning to end. Opened with the first of them. */
function createReader(Database: typeof DatabaseSync, file: string) {
  let database: DatabaseSync | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function ask<Result>(work: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
    if (database === undefined) {
      database = new Database(file, { timeout: BUSY_MS });
      definePeriodLabel(database);
    }
    database.exec("BEGIN");
    try {
      return await work(database);
    } finally {
      database.exec("ROLLBACK");
    }
  }

  return {
    reading<Result>(work: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
      const asked = last.then(() => ask(work));
      last = asked.catch(() => {});
      return asked;
    },
    end: async () => {
      await last;
      database?.close();
    },
  };
}

function checkpointFailed(reason: string): Notice {
  return {
    level: "warn",
    event: "ledger.checkpoint-failed",
    message: `the ledger's log could not be moved into its file: ${reason}`,
  };
}
