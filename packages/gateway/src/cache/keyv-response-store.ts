/**
 * Answers in whatever Keyv reaches; Redis by its address. Keyv's adapter is loaded when it is used, and installed by whoever
 * uses it. A server that is slow or gone costs a call its cache, never the call: the policy waits no longer than its limit.
 */
import { type Completion, DragomanError, type ResponseStore, type StoredResponse } from "@dragoman/llm";
import type { ClosableResponseStore } from "./sqlite-response-store.ts";

export interface KeyvResponseStoreOptions {
  /** As `redis://host:6379`. */
  readonly address: string;
  /** Default `dragoman`. */
  readonly namespace?: string;
  /** Told of what the adapter says beside any call. */
  readonly onError?: (message: string) => void;
}

interface Kept {
  readonly completion: Completion;
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** Rejects with `configuration` for an address of another kind, or where the adapter is not installed. */
export async function openKeyvResponseStore(options: KeyvResponseStoreOptions): Promise<ClosableResponseStore> {
  const { address, namespace = "dragoman", onError = () => {} } = options;
  const scheme = address.slice(0, address.indexOf(":"));
  if (scheme !== "redis" && scheme !== "rediss") throw wrong(`${scheme || "this"} is no kind of store that is known`);
  const [{ Keyv }, { default: KeyvRedis }] = await Promise.all([import("keyv"), adapter()]);
  const redis = new KeyvRedis({ url: address, socket: { connectTimeout: 1_000 }, disableOfflineQueue: true });
  const keyv = new Keyv<Kept>({ store: redis, namespace });
  keyv.on("error", (error: unknown) => onError(error instanceof Error ? error.message : String(error)));
  const store: ResponseStore = {
    async get(key): Promise<StoredResponse | undefined> {
      const kept = await keyv.get(key);
      return kept === undefined || kept === null ? undefined : kept;
    },
    async set(key, response) {
      await keyv.set(key, response, Math.max(1, response.expiresAt - Date.now()));
    },
    delete: (key) => keyv.delete(key),
  };
  // An orderly end would wait for the answers of a server that gives none.
  return { ...store, close: async () => void (await redis.disconnect(true).catch(() => undefined)) };
}

async function adapter(): Promise<typeof import("@keyv/redis")> {
  try {
    return await import("@keyv/redis");
  } catch (cause) {
    throw wrong("the package @keyv/redis is not installed", "npm install @keyv/redis", cause);
  }
}

function wrong(detail: string, advice = "write redis://host:6379", cause?: unknown): DragomanError {
  return new DragomanError({ code: "configuration", field: "cache.store", detail: `cache.store: ${detail}`, advice, cause });
}
