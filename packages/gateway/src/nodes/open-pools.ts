/**
 * Connections of one node to PostgreSQL: one for the leases, which nothing else may hold up, and some for all else. The event log takes one more, to listen.
 */
import { DragomanError, resolveSecret, type SecretReference } from "@dragoman/llm";
import type { Pool } from "pg";

export interface NodePools {
  /** One connection, whose statements end soon or not at all. */
  readonly leases: Pool;
  readonly shared: Pool;
  end(): Promise<void>;
}

export interface OpenPoolsOptions {
  /** An address, or a reference to one. */
  readonly url: string;
  readonly node: string;
  /** How long a statement of the leases may take. Milliseconds. */
  readonly leaseStatementMs: number;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Connections beside that of the leases and the one that listens. */
export const SHARED_CONNECTIONS_MAX = 6;
const CONNECT_TIMEOUT_MS = 5_000;
/** A question over a year of calls takes its time; more than this is a server that is stuck. */
const QUERY_TIMEOUT_MS = 60_000;
const IDLE_MS = 30_000;

/** Connects to nothing yet. Rejects with `configuration` for an address that is none. */
export async function openPools({ url, node, leaseStatementMs, environment }: OpenPoolsOptions): Promise<NodePools> {
  const connectionString = await postgresAddress(url, environment);
  const { Pool } = await import("pg");
  const common = { connectionString, application_name: `dragoman ${node}`.slice(0, 63), keepAlive: true };
  const leases = new Pool({
    ...common,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: leaseStatementMs,
    query_timeout: leaseStatementMs,
  });
  const shared = new Pool({
    ...common,
    max: SHARED_CONNECTIONS_MAX,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  // Of a connection that lies idle. It leaves the pool by itself, and who needs one finds out; unheard it would end the process.
  for (const pool of [leases, shared]) pool.on("error", () => {});
  let ending: Promise<unknown> | undefined;
  return {
    leases,
    shared,
    end: async () => {
      ending ??= Promise.all([leases.end(), shared.end()]);
      await ending;
    },
  };
}

/** Rejects with `configuration` for an address that is none, and for a reference that holds nothing. */
export async function postgresAddress(url: string, environment: OpenPoolsOptions["environment"]): Promise<string> {
  const address = /^postgres(?:ql)?:\/\//.test(url)
    ? url
    : (await resolveSecret(url as SecretReference, environment === undefined ? {} : { environment }))?.reveal();
  if (address !== undefined && URL.canParse(address) && /^postgres(?:ql)?:$/.test(new URL(address).protocol)) return address;
  throw new DragomanError({
    code: "configuration",
    field: "store.url",
    // What it holds is not told: it may be a password.
    detail: address === undefined ? `store: ${url} holds nothing` : "store: the address is not one of PostgreSQL",
    advice: "write postgres://user:password@host:5432/database, or env:NAME of a variable that holds it",
  });
}
