import type { EventStore } from "../event-store.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const HOLD = `
  insert into event_blob_holders (tenant, hash, stored_at) values (?, ?, ?)
  on conflict (tenant, hash) do update set stored_at = max(stored_at, excluded.stored_at)`;
const STALE = "select hash from event_blob_holders where tenant = ? and stored_at < ? and hash > ? order by hash limit ?";
const RELEASE = "delete from event_blob_holders where tenant = ? and hash = ? and stored_at < ?";
const REMOVE = "delete from event_blobs where hash = ? and hash not in (select hash from event_blob_holders)";

export function createSqliteBlobs({
  statement,
  attempt,
  transaction,
}: SqliteConnection): Pick<EventStore, "putBlob" | "getBlob" | "staleBlobs" | "releaseBlobs"> {
  return {
    putBlob: ({ hash, content, tenant = "", storedAt }) =>
      transaction(() => {
        statement("insert into event_blobs (hash, content) values (?, ?) on conflict (hash) do nothing").run(hash, content);
        statement(HOLD).run(tenant, hash, storedAt);
      }),
    async getBlob(hash) {
      const row = await attempt(() => statement("select content from event_blobs where hash = ?").get(hash));
      const content = row?.content;
      return content instanceof Uint8Array ? content : undefined;
    },
    async staleBlobs({ tenant = "", recordedBefore, afterHash, countMax }) {
      const rows = await attempt(() => statement(STALE).all(tenant, recordedBefore, afterHash, countMax));
      return rows.map(({ hash }) => String(hash));
    },
    releaseBlobs: (tenant = "", recordedBefore, hashes) =>
      transaction(() => {
        let gone = 0;
        for (const hash of hashes) {
          if (statement(RELEASE).run(tenant, hash, recordedBefore).changes === 0) continue;
          gone += Number(statement(REMOVE).run(hash).changes);
        }
        return gone;
      }),
  };
}
