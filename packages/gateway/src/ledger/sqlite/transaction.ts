import type { DatabaseSync } from "node:sqlite";

/** All or nothing. Takes the right to write at once, so that two writers wait for each other instead of failing half-way. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (thrown) {
    // A full disk may have rolled it back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw thrown;
  }
}
