/** Where the response cache keeps its answers, of its configuration. */
import { createMemoryResponseStore } from "@dragoman/llm";
import type { ResponseCacheConfiguration, StoreConfiguration } from "../configuration.ts";
import { drainingStore } from "./draining-store.ts";
import type { ClosableResponseStore } from "./sqlite-response-store.ts";

export interface OpenResponseStoreOptions {
  readonly time: () => number;
  readonly onError: (message: string) => void;
  /** The store's own, where several nodes share one. */
  readonly shared?: ((time: () => number) => ClosableResponseStore) | undefined;
}

/** Undefined where nothing is cached. Rejects with `configuration`. */
export async function openResponseStore(
  cache: ResponseCacheConfiguration,
  store: StoreConfiguration,
  { time, onError, shared }: OpenResponseStoreOptions,
): Promise<ClosableResponseStore | undefined> {
  if (!cache.enabled) return undefined;
  if (typeof cache.store === "object") {
    const { openKeyvResponseStore } = await import("./keyv-response-store.ts");
    return drainingStore(await openKeyvResponseStore({ address: cache.store.keyv, onError }));
  }
  if (cache.store === "memory" || store.type === "memory") {
    return { ...createMemoryResponseStore({ now: time }), close: async () => {} };
  }
  if (shared !== undefined) return drainingStore(shared(time));
  const { openSqliteResponseStore } = await import("./sqlite-response-store.ts");
  return openSqliteResponseStore({ file: `${store.file}.responses`, time });
}
