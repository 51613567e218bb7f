/** A command's way to the tables that nodes share: one connection, beside the nodes. It is no node: it leases nothing and ships nothing. */
import { DragomanError } from "@dragoman/llm";
import type { Pool, PoolClient } from "pg";
import { inSharedTables } from "../nodes/ledger/in-shared-tables.ts";
import { postgresAddress } from "../nodes/open-pools.ts";
import { SHARED_SCHEMA_VERSION, sharedSchemaVersion } from "../nodes/shared-schema.ts";
import { sharedTablesError } from "./shared-tables-error.ts";

export interface SharedTablesOptions {
  /** As `store.url`: an address, or a reference to one. */
  readonly url: string;
  /** Where references are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long the server may take over one question. Milliseconds. Default 60 000. */
  readonly statementMs?: number;
}

export interface SharedTables {
  /** One question, in a transaction that can only read, and that the server ends. Rejects in words that tell what to do. */
  ask<Answer>(question: (client: PoolClient) => Promise<Answer>): Promise<Answer>;
  /** Work on the connection itself. Rejects in such words. */
  work<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result>;
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_MS = 60_000;
/** The server ends a statement first, and says why. */
const GRACE_MS = 5_000;

/**
 * Rejects with `connection_failed` where the server is away, and with `configuration` where it refuses, and for tables that are not
 * there or of another version: only a node makes them.
 */
export async function openSharedTables({
  url,
  environment,
  statementMs = STATEMENT_MS,
}: SharedTablesOptions): Promise<SharedTables> {
  const address = await postgresAddress(url, environment);
  const { Pool } = await import("pg");
  const pool = new Pool({
    connectionString: address,
    application_name: "dragoman command",
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: statementMs + GRACE_MS,
  });
  // Of a connection that lies idle. It leaves the pool by itself, and who needs one finds out; unheard it would end the process.
  pool.on("error", () => {});

  async function work<Result>(done: (pool: Pool) => Promise<Result>): Promise<Result> {
    try {
      return await done(pool);
    } catch (thrown) {
      throw sharedTablesError(thrown, address);
    }
  }

  function ask<Answer>(question: (client: PoolClient) => Promise<Answer>): Promise<Answer> {
    return work(() => inSharedTables(pool, "reading", question, { statementMs }));
  }

  try {
    checkVersion(await ask(sharedSchemaVersion));
  } catch (thrown) {
    await pool.end();
    throw thrown;
  }
  return { ask, work, end: () => pool.end() };
}

function checkVersion(version: number | undefined): void {
  if (version === SHARED_SCHEMA_VERSION) return;
  throw new DragomanError({
    code: "configuration",
    field: "store.url",
    detail:
      version === undefined
        ? "the database in PostgreSQL holds no ledger"
        : `the tables in PostgreSQL are of an earlier version (${version}, this program reads ${SHARED_SCHEMA_VERSION})`,
    advice:
      version === undefined
        ? "see whether the address names the right database; the first node that starts makes the tables"
        : "start a gateway of this version, which brings them up to date",
  });
}
