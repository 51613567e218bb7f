import type { EventStore } from "../event-store.ts";

interface KeptBlob {
  readonly content: Uint8Array;
  /** Tenant -> when it put the content last. */
  readonly holders: Map<string | undefined, number>;
}

export function createMemoryBlobs(): Pick<EventStore, "putBlob" | "getBlob" | "staleBlobs" | "releaseBlobs"> {
  const blobs = new Map<string, KeptBlob>();
  return {
    async putBlob({ hash, content, tenant, storedAt }) {
      const blob = blobs.get(hash) ?? { content, holders: new Map() };
      blobs.set(hash, blob);
      blob.holders.set(tenant, storedAt);
    },
    async getBlob(hash) {
      const blob = blobs.get(hash);
      return blob && Uint8Array.from(blob.content);
    },
    async staleBlobs({ tenant, recordedBefore, afterHash, countMax }) {
      const stale = [...blobs].filter(([hash, { holders }]) => hash > afterHash && isBefore(holders.get(tenant), recordedBefore));
      return stale
        .map(([hash]) => hash)
        .sort()
        .slice(0, countMax);
    },
    async releaseBlobs(tenant, recordedBefore, hashes) {
      let gone = 0;
      for (const hash of hashes) {
        const holders = blobs.get(hash)?.holders;
        if (holders === undefined || !isBefore(holders.get(tenant), recordedBefore)) continue;
        holders.delete(tenant);
        if (holders.size === 0 && blobs.delete(hash)) gone += 1;
      }
      return gone;
    },
  };
}

function isBefore(storedAt: number | undefined, time: number): boolean {
  return storedAt !== undefined && storedAt < time;
}
