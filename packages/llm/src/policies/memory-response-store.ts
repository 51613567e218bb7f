import type { ResponseStore, StoredResponse } from "./response-store.ts";

/** How much is kept. */
export interface MemoryResponseStoreOptions {
  /** Default 1 000. */
  readonly entriesMax?: number;
  /** Of all entries together, as JSON in UTF-8. Default 64 MiB. */
  readonly bytesMax?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

interface Entry {
  readonly json: string;
  readonly bytes: number;
  readonly expiresAt: number;
}

const MIB = 1024 * 1024;

/**
 * Keeps answers in this process, and forgets the one unused for longest when there are too many. An answer larger than the
 * whole store is not kept. It has no timer: what has expired goes when it is asked for or pushed out.
 */
export function createMemoryResponseStore(options: MemoryResponseStoreOptions = {}): ResponseStore {
  const { entriesMax = 1_000, bytesMax = 64 * MIB, now = Date.now } = options;
  // A map keeps the order of insertion: the first entry is the one unused for longest.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(key: string): boolean {
    bytes -= entries.get(key)?.bytes ?? 0;
    return entries.delete(key);
  }

  function makeRoom(): void {
    for (const key of entries.keys()) {
      if (entries.size <= entriesMax && bytes <= bytesMax) return;
      remove(key);
    }
  }

  return {
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expiresAt <= now()) {
        remove(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      const response: StoredResponse = JSON.parse(entry.json);
      return response;
    },
    async set(key, response) {
      remove(key);
      const json = JSON.stringify(response);
      const entry = { json, bytes: new TextEncoder().encode(json).length, expiresAt: response.expiresAt };
      if (entry.bytes > bytesMax) return;
      entries.set(key, entry);
      bytes += entry.bytes;
      makeRoom();
    },
    delete: async (key) => remove(key),
  };
}
