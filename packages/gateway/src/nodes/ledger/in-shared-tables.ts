/** Work in one transaction on the tables that nodes share, where they are found by their bare names. */
import type { Pool, PoolClient } from "pg";

/** `reading`: all questions see one state of the tables. `statementMs`: how long the server may take over one statement; default: as long as it likes. */
export async function inSharedTables<Result>(
  pool: Pool,
  mode: "reading" | "writing",
  work: (client: PoolClient) => Promise<Result>,
  { statementMs }: { readonly statementMs?: number } = {},
): Promise<Result> {
  const begin = mode === "reading" ? "begin isolation level repeatable read read only" : "begin";
  const limit = statementMs === undefined ? "" : `; set local statement_timeout to ${Math.ceil(statementMs)}`;
  const client = await pool.connect();
  let isBroken = false;
  const onError = (): void => {
    isBroken = true;
  };
  client.on("error", onError);
  try {
    // Settings of this transaction alone: the connection may be a pooler's.
    await client.query(`${begin}; set local search_path to dragoman${limit}`);
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(onError);
    throw error;
  } finally {
    client.removeListener("error", onError);
    client.release(isBroken);
  }
}
