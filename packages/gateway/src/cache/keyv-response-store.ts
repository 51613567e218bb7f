/**
 * Answers in Redis, by Keyv's adapter for it, which is loaded when it is used, and installed by whoever uses it. The adapter is used
 * without Keyv around it: that says "not found" of a server that is away, and whoever leaves a failing store alone would never learn of it.
 * A server that is slow or gone costs a call its cache, never the call: the policy waits no longer than its limit.
 */
import { setTimeout } from "node:timers/promises";
import { DragomanError, type ResponseStore, type StoredResponse } from "@dragoman/llm";
import type { ClosableResponseStore } from "./sqlite-response-store.ts";

export interface KeyvResponseStoreOptions {
  /** As `redis://host:6379`. */
  readonly address: string;
  /** Default `dragoman`. */
  readonly namespace?: string;
  /** Told why the server cannot be reached: once, until it has answered again. */
  readonly onError?: (message: string) => void;
}

/** Who begins waits no longer for a server. Milliseconds. */
const CONNECT_MS = 1_000;

/** Rejects with `configuration` for an address of another kind, or where the adapter is not installed. */
export async function openKeyvResponseStore(options: KeyvResponseStoreOptions): Promise<ClosableResponseStore> {
  const { address, namespace = "dragoman", onError = () => {} } = options;
  const scheme = address.slice(0, address.indexOf(":"));
  if (scheme !== "redis" && scheme !== "rediss") throw wrong(`${scheme || "this"} is no kind of store that is known`);
  const { default: KeyvRedis } = await adapter();
  const connection = { url: address, socket: { connectTimeout: CONNECT_MS }, disableOfflineQueue: true };
  const redis = new KeyvRedis<string>(connection, { namespace, throwOnConnectError: true, throwOnErrors: true });
  let isFailing = false;
  // The adapter says it of each question, and of each time that it tries to connect.
  redis.on("error", (error: unknown) => {
    if (!isFailing) onError(error instanceof Error ? error.message : String(error));
    isFailing = true;
  });
  // Once, before anybody asks: calls that come together would each connect, and all but one would find the socket taken. A server that is
  // away is told by the adapter, and tried again with each call.
  await Promise.race([redis.getClient().catch(() => undefined), setTimeout(CONNECT_MS, undefined, { ref: false })]);
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  /** The adapter waits for a server that is away, and would do so after it was closed. */
  async function untilClosed<Value>(asked: Promise<Value>): Promise<Value> {
    const answer = await Promise.race([asked, closed.promise]);
    isFailing = false;
    return answer;
  }
  const store: ResponseStore = {
    async get(key): Promise<StoredResponse | undefined> {
      const text = await untilClosed(redis.get(key));
      if (text === undefined) return undefined;
      // What stands there was written below, and by nothing else.
      const kept: StoredResponse = JSON.parse(text);
      // The server's own clock ends entries by the millisecond, and not before it is asked to.
      return kept.expiresAt <= Date.now() ? undefined : kept;
    },
    async set(key, response) {
      await untilClosed(redis.set(key, JSON.stringify(response), Math.max(1, response.expiresAt - Date.now())));
    },
    delete: (key) => untilClosed(redis.delete(key)),
  };
  // An orderly end would wait for the answers of a server that gives none.
  return {
    ...store,
    async close() {
      closed.reject(new DragomanError({ code: "aborted", detail: "the store of the response cache was closed" }));
      await redis.disconnect(true).catch(() => undefined);
    },
  };
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
