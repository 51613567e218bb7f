import type { EventStore } from "../event-store.ts";
import type { PostgresConnection } from "./postgres-connection.ts";

export function createPostgresBlobs(
  connection: PostgresConnection,
  schema: string,
): Pick<EventStore, "putBlob" | "getBlob" | "staleBlobs" | "releaseBlobs"> {
  const [blobs, holders] = [`${schema}.blobs`, `${schema}.blob_holders`];

  /** In two steps, as long as the content may be there already: then it need not travel. */
  const hold = `
    insert into ${holders} (tenant, hash, stored_at) select $1, hash, $3 from ${blobs} where hash = $2 for key share
    on conflict (tenant, hash) do update set stored_at = greatest(${holders}.stored_at, excluded.stored_at)`;

  return {
    putBlob: ({ hash, content, tenant = "", storedAt }) =>
      connection.transaction(async (client) => {
        const { rowCount } = await client.query(hold, [tenant, hash, storedAt]);
        if (rowCount === 1) return;
        await client.query(`insert into ${blobs} (hash, content) values ($1, $2) on conflict do nothing`, [hash, content]);
        await client.query(hold, [tenant, hash, storedAt]);
      }),
    async getBlob(hash) {
      const [row] = (await connection.query(`select content from ${blobs} where hash = $1`, [hash])).rows;
      // A view of a buffer that may hold more is copied.
      return row && Uint8Array.from(row.content);
    },
    async staleBlobs({ tenant = "", recordedBefore, afterHash, countMax }) {
      const sql = `select hash from ${holders} where tenant = $1 and stored_at < $2 and hash > $3 order by hash limit $4`;
      return (await connection.query(sql, [tenant, recordedBefore, afterHash, countMax])).rows.map(({ hash }) => hash);
    },
    releaseBlobs: (tenant = "", recordedBefore, hashes) =>
      connection.transaction(async (client) => {
        // Locked first: who puts one of them meanwhile waits, and then finds it gone, and puts the content too.
        await client.query(`select 1 from ${blobs} where hash = any ($1) order by hash for update`, [hashes]);
        const release = `delete from ${holders} where tenant = $1 and stored_at < $2 and hash = any ($3) returning hash`;
        const released = (await client.query(release, [tenant, recordedBefore, hashes])).rows.map(({ hash }) => hash);
        const remove = `delete from ${blobs} b where hash = any ($1) and not exists (select 1 from ${holders} h where h.hash = b.hash)`;
        return (await client.query(remove, [released])).rowCount ?? 0;
      }),
  };
}
