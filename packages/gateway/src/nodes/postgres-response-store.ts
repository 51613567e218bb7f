/** Answers that all nodes share. What is too old is taken out little by little, by whoever writes. */
import type { Completion, StoredResponse } from "@dragoman/llm";
import type { Pool } from "pg";
import type { ClosableResponseStore } from "../cache/sqlite-response-store.ts";

export interface PostgresResponseStoreOptions {
  readonly pool: Pool;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly time?: () => number;
  /** Larger answers are not kept. Bytes of JSON. Default 1 MiB. */
  readonly entryBytesMax?: number;
  /** Entries that are kept; those that end first go first. Default 1 000 000. */
  readonly entriesMax?: number;
}

/** Writes of this node after which it takes out what is too old. */
const SWEEP_EVERY = 64;
/** Rows that go at once, more than are written meanwhile, so that the table does not grow by what is old. */
const SWEEP_ROWS = 512;

/** Writes of this node after which it looks whether there are too many: that takes the server some milliseconds. */
const COUNT_EVERY = 1_024;

const READ = "select stored_at, expires_at, completion from dragoman.responses where key = $1 and expires_at > $2";
const WRITE = `insert into dragoman.responses values ($1, $2, $3, $4)
  on conflict (key) do update set stored_at = excluded.stored_at, expires_at = excluded.expires_at, completion = excluded.completion`;
const SWEEP = `delete from dragoman.responses where key in (
  select key from dragoman.responses where expires_at <= $1 order by expires_at limit ${SWEEP_ROWS} for update skip locked)`;
/** All that end before the last that may stay. */
const CROP = `delete from dragoman.responses where expires_at <= (
  select expires_at from dragoman.responses order by expires_at desc offset $1 limit 1)`;

/** The pool stays its owner's. Rejects with what the driver says, which costs a call its cache and no more. */
export function createPostgresResponseStore(options: PostgresResponseStoreOptions): ClosableResponseStore {
  const { pool, time = Date.now, entryBytesMax = 1024 * 1024, entriesMax = 1_000_000 } = options;
  let writes = 0;
  return {
    async get(key): Promise<StoredResponse | undefined> {
      const { rows } = await pool.query({ name: "read_response", text: READ, values: [key, time()] });
      const [row] = rows;
      if (row === undefined) return undefined;
      // What stands there was written below, and by nothing else.
      const completion: Completion = JSON.parse(row.completion);
      return { completion, storedAt: Number(row.stored_at), expiresAt: Number(row.expires_at) };
    },
    async set(key, { completion, storedAt, expiresAt }) {
      const text = JSON.stringify(completion);
      if (Buffer.byteLength(text) > entryBytesMax) return;
      await pool.query({ name: "write_response", text: WRITE, values: [key, storedAt, expiresAt, text] });
      writes += 1;
      if (writes % SWEEP_EVERY === 0) await pool.query(SWEEP, [time()]);
      if (writes % COUNT_EVERY === 0) await pool.query(CROP, [entriesMax]);
    },
    async delete(key) {
      const { rowCount } = await pool.query("delete from dragoman.responses where key = $1", [key]);
      return rowCount === 1;
    },
    close: async () => {},
  };
}
