import type { PoolClient } from "pg";

/** Takes out calls of all nodes that began before, with what they asked and were answered. Resolves with how many. Within `inSharedTables`. */
export async function forgetShared(client: PoolClient, before: number): Promise<number> {
  await client.query("delete from contents k using calls c where c.id = k.id and c.source = k.source and c.started_at < $1", [
    before,
  ]);
  // Whose call never came.
  await client.query(
    "delete from contents k where k.kept_at < $1 and not exists (select from calls c where c.id = k.id and c.source = k.source)",
    [before],
  );
  const { rowCount } = await client.query("delete from calls where started_at < $1", [before]);
  return rowCount ?? 0;
}
