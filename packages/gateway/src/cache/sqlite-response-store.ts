/** Answers in a SQLite file of their own, shared by the processes of one machine. What is too old is taken out little by little. */
import { closeSync, openSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Completion, ResponseStore, StoredResponse } from "@dragoman/llm";

export interface SqliteResponseStoreOptions {
  /** Made where there is none. */
  readonly file: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly time?: () => number;
  /** Larger answers are not kept. Bytes of JSON. Default 1 MiB. */
  readonly entryBytesMax?: number;
  /** Entries that are kept; those that end first go first. Default 100 000. */
  readonly entriesMax?: number;
}

export interface ClosableResponseStore extends ResponseStore {
  close(): Promise<void>;
}

/** Writes after which what is too old, or too much, is taken out. */
const SWEEP_EVERY = 256;
/** Rows that one sweep takes out at most, so that it never holds up the calls. */
const SWEEP_ROWS = 512;

export async function openSqliteResponseStore(options: SqliteResponseStoreOptions): Promise<ClosableResponseStore> {
  const { file, time = Date.now, entryBytesMax = 1024 * 1024, entriesMax = 100_000 } = options;
  const { DatabaseSync } = await import("node:sqlite");
  // Answers are for its user alone to read; SQLite gives the files beside it the same rights.
  if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
  const database: DatabaseSync = new DatabaseSync(file);
  // A lost answer costs one call: nothing here waits for the disk.
  database.exec("pragma journal_mode = wal; pragma synchronous = off; pragma busy_timeout = 50");
  database.exec(
    "create table if not exists response (key text primary key, stored_at integer not null, expires_at integer not null, completion text not null) without rowid",
  );
  database.exec("create index if not exists response_expires_at on response (expires_at)");
  const read: StatementSync = database.prepare(
    "select stored_at, expires_at, completion from response where key = ? and expires_at > ?",
  );
  const write: StatementSync = database.prepare("insert or replace into response values (?, ?, ?, ?)");
  const remove: StatementSync = database.prepare("delete from response where key = ?");
  const removeOld: StatementSync = database.prepare(
    `delete from response where key in (select key from response where expires_at <= ? order by expires_at limit ${SWEEP_ROWS})`,
  );
  const removeFirst: StatementSync = database.prepare(
    `delete from response where key in (select key from response order by expires_at limit min(${SWEEP_ROWS}, max(0, (select count(*) from response) - ?)))`,
  );
  let writes = 0;

  function sweep(): void {
    removeOld.run(time());
    removeFirst.run(entriesMax);
  }

  return {
    async get(key): Promise<StoredResponse | undefined> {
      const row = read.get(key, time());
      if (row === undefined) return undefined;
      const completion = JSON.parse(String(row.completion)) as Completion;
      return { completion, storedAt: Number(row.stored_at), expiresAt: Number(row.expires_at) };
    },
    async set(key, { completion, storedAt, expiresAt }) {
      const text = JSON.stringify(completion);
      if (Buffer.byteLength(text) > entryBytesMax) return;
      write.run(key, storedAt, expiresAt, text);
      writes += 1;
      if (writes % SWEEP_EVERY === 0) sweep();
    },
    delete: async (key) => remove.run(key).changes > 0,
    close: async () => database.close(),
  };
}
