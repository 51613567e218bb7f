/** A log in PostgreSQL (14 or later), which the processes of many machines share. */
import { createEventLog } from "../create-event-log.ts";
import type { EventLog } from "../event-log.ts";
import type { LogOptions } from "../log-options.ts";
import { createPostgresConnection, unavailable } from "./postgres-connection.ts";
import type { PostgresPool } from "./postgres-pool.ts";
import { migratePostgres } from "./postgres-schema.ts";
import { createPostgresStore } from "./postgres-store.ts";

export type PostgresLogOptions = LogOptions & (PostgresAddress | PostgresGivenPool) & PostgresSettings;

interface PostgresAddress {
  /** As `postgres://user:password@host:5432/database?sslmode=verify-full`. */
  readonly connectionString: string;
  /** Default 10. A tail takes one more, to listen. */
  readonly connectionsMax?: number;
}

interface PostgresGivenPool {
  /** A `pg.Pool`, whose owner ends it after the log was closed. */
  readonly pool: PostgresPool;
}

interface PostgresSettings {
  /** Holds the tables and is made where it is missing. Small letters, digits, `_`; at most 48. Default `dragoman_events`. */
  readonly schema?: string;
  /**
   * How long an append or a read waits for a server that went away, before it rejects with `LogUnavailable`. An append that was on its
   * way is given again with its ids, so it is kept once. Milliseconds. Default 2000.
   */
  readonly reconnectMs?: number;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,47}$/;
const RECONNECT_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;
/** Of one statement; none of the log's comes near, unless the server is stuck. */
const QUERY_TIMEOUT_MS = 30_000;

/**
 * An append resolves when the server has committed it; what that survives is the server's to say: with its defaults (`fsync`,
 * `synchronous_commit`) its own crash and a loss of power. Rejects with `LogUnavailable` when the server cannot be reached, refuses the
 * user, or holds a log of a newer program.
 */
export async function openPostgresLog(options: PostgresLogOptions): Promise<EventLog> {
  const { schema = "dragoman_events", reconnectMs = RECONNECT_MS } = options;
  if (!SCHEMA.test(schema)) throw new RangeError(`"${schema}" is no schema for a log: small letters, digits and _, at most 48`);
  const name = `PostgreSQL schema ${schema}`;
  const { pool, end } = "pool" in options ? { pool: options.pool, end: async () => {} } : await createPool(options);
  // Of a connection that lies idle. It leaves the pool by itself, and who needs one finds out; unheard it would end the process.
  const ignore = (): void => {};
  pool.on("error", ignore);
  const connection = createPostgresConnection(pool, name, reconnectMs);
  const close = async (): Promise<void> => {
    connection.end();
    await end();
    pool.removeListener("error", ignore);
  };
  try {
    await migratePostgres(connection, schema, name);
  } catch (error) {
    await close();
    throw unavailable(name, error);
  }
  return createEventLog(createPostgresStore(connection, { pool, schema, name, close }), options);
}

async function createPool({ connectionString, connectionsMax = 10 }: PostgresAddress) {
  const { Pool } = await import("pg");
  const pool = new Pool({
    connectionString,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: "dragoman-events",
  });
  return { pool, end: () => pool.end() };
}
