import type { EventStore } from "../event-store.ts";
import type { PostgresConnection } from "./postgres-connection.ts";

export function createPostgresCheckpoints(
  connection: PostgresConnection,
  schema: string,
): Pick<EventStore, "readCheckpoint" | "writeCheckpoint"> {
  const table = `${schema}.checkpoints`;
  return {
    async readCheckpoint(projection) {
      const sql = `select position, state::text as state from ${table} where projection = $1`;
      const [row] = (await connection.query(sql, [projection])).rows;
      return row && { position: Number(row.position), state: row.state ?? undefined };
    },
    writeCheckpoint: (projection, { position, state }, expectedPosition) =>
      connection.transaction(async (client, attempt) => {
        // The row that is to be locked may not be there yet.
        await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${table} ${projection}`]);
        const found = `select position, state::text as state from ${table} where projection = $1`;
        const [row] = (await client.query(found, [projection])).rows;
        const stored = Number(row?.position ?? 0);
        // Not another's, but this one's: the answer to an earlier attempt was lost.
        const isDone = attempt > 1 && stored === position && (row?.state ?? undefined) === state;
        if (isDone) return expectedPosition;
        if (stored !== expectedPosition) return stored;
        const sql = `insert into ${table} (projection, position, state) values ($1, $2, $3)
          on conflict (projection) do update set position = excluded.position, state = excluded.state`;
        await client.query(sql, [projection, position, state ?? null]);
        return stored;
      }),
  };
}
