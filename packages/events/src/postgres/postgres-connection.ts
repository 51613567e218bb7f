/**
 * Work on connections of a pool that bears a server which goes away and comes back: what failed for want of a connection is done
 * again, for a while. That is sound as each work is one statement or one transaction that may be repeated: reads, and writes that
 * find out that they were done already.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { LogUnavailable } from "../errors.ts";
import type { PostgresClient, PostgresPool, PostgresResult } from "./postgres-pool.ts";

export interface PostgresConnection {
  /** One statement. Rejects with `LogUnavailable` when the server stays away. */
  query(sql: string, values?: readonly unknown[]): Promise<PostgresResult>;
  /** All of `work` or nothing. `attempt` is 1, and more when it is repeated: an earlier one may have been kept. */
  transaction<Result>(work: (client: PostgresClient, attempt: number) => Promise<Result>): Promise<Result>;
  /** From now on nothing is tried again. */
  end(): void;
}

const WAIT_FIRST_MS = 20;
const WAIT_MAX_MS = 500;

export function createPostgresConnection(pool: PostgresPool, name: string, reconnectMs: number): PostgresConnection {
  const ended = new AbortController();

  async function repeated<Result>(work: (client: PostgresClient, attempt: number) => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + reconnectMs;
    let outcomeUnknown = false;
    for (let [attempt, waitMs] = [1, WAIT_FIRST_MS]; ; attempt += 1, waitMs = Math.min(waitMs * 2, WAIT_MAX_MS)) {
      let client: PostgresClient | undefined;
      try {
        client = await pool.connect();
        client.on("error", ignore);
        const result = await work(client, attempt);
        giveBack(client, false);
        return result;
      } catch (error) {
        const isLost = isConnectionLost(error);
        if (client !== undefined) giveBack(client, isLost);
        if (!isLost) throw error;
        outcomeUnknown ||= client !== undefined;
        if (ended.signal.aborted || performance.now() + waitMs > deadline) throw unavailable(name, error, outcomeUnknown);
      }
      await sleep(waitMs, undefined, { signal: ended.signal }).catch(() => {});
    }
  }

  return {
    query: (sql, values = []) => repeated((client) => client.query(sql, [...values])),
    transaction: (work) => repeated((client, attempt) => inTransaction(client, () => work(client, attempt))),
    end: () => ended.abort(),
  };
}

/** A connection that is cut between two statements says so to whoever listens; nobody would end the process. The next one fails. */
function ignore(): void {}

function giveBack(client: PostgresClient, isLost: boolean): void {
  client.removeListener("error", ignore);
  client.release(isLost);
}

async function inTransaction<Result>(client: PostgresClient, work: () => Promise<Result>): Promise<Result> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    if (!isConnectionLost(error)) await client.query("rollback");
    throw error;
  }
}

/**
 * The server's own errors have an SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html. Of them, class 08 is
 * the connection, 57P a server that shuts down or starts, 53 one that has no room for another client. An error without is the
 * driver's or the network's, unless it is a mistake in the program.
 */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LogUnavailable || error instanceof TypeError || error instanceof RangeError) return false;
  const code = sqlState(error);
  return code === undefined ? error instanceof Error : /^(08|57P|53)/.test(code);
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("severity" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function unavailable(name: string, error: unknown, outcomeUnknown = false): LogUnavailable {
  if (error instanceof LogUnavailable) return error;
  // Both addresses of `localhost` that refuse are an AggregateError, whose own message is empty.
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const message = errors.map((one) => (one instanceof Error ? one.message : String(one))).join("; ");
  return new LogUnavailable(`${name} cannot be used: ${message}`, { cause: error, outcomeUnknown });
}
