/**
 * One connection to a SQLite file: prepared statements, transactions that wait for other processes, errors as `LogUnavailable`.
 *
 * SQLite's own waiting blocks the thread. It is left at a few milliseconds, which is longer than another process takes for an
 * append; who needs longer is waited for in between, with the thread free.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { LogUnavailable } from "../errors.ts";

export interface SqliteConnection {
  readonly database: DatabaseSync;
  /** Of a text that is always the same: it is prepared once. */
  statement(sql: string): StatementSync;
  /** All of `work` or nothing; it may be run again, when another process holds the file. Rejects with `LogUnavailable`. */
  transaction<Result>(work: () => Result): Promise<Result>;
  /** The same without a transaction, for one statement. */
  attempt<Result>(work: () => Result): Promise<Result>;
}

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

export function createSqliteConnection(database: DatabaseSync, name: string, busyMs: number): SqliteConnection {
  const statements = new Map<string, StatementSync>();

  function statement(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = database.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  }

  async function attempt<Result>(work: () => Result): Promise<Result> {
    const deadline = performance.now() + busyMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw unavailable(name, error);
        if (performance.now() >= deadline) throw unavailable(name, error, `another process held it for ${busyMs} ms`);
      }
      // Not all at the same moment again.
      await sleep(1 + Math.random() * 10);
    }
  }

  function inTransaction<Result>(work: () => Result): Result {
    statement("begin immediate").run();
    try {
      const result = work();
      statement("commit").run();
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("rollback");
      throw error;
    }
  }

  return { database, statement, attempt, transaction: (work) => attempt(() => inTransaction(work)) };
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

export function unavailable(name: string, error: unknown, why?: string): LogUnavailable {
  if (error instanceof LogUnavailable) return error;
  const message = why ?? (error instanceof Error ? error.message : String(error));
  return new LogUnavailable(`${name} cannot be used: ${message}`, { cause: error });
}
