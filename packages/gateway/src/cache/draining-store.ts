/** A store whose end waits for what is being written: no call does, so that answers may still be on their way when the gateway stops. */
import { setTimeout as delay } from "node:timers/promises";
import type { ClosableResponseStore } from "./sqlite-response-store.ts";

/** Whoever stops waits no longer for a server. Milliseconds. */
const DRAIN_MS = 1_000;

export function drainingStore(store: ClosableResponseStore): ClosableResponseStore {
  const writing = new Set<Promise<void>>();
  return {
    get: (key, options) => store.get(key, options),
    set(key, response, options) {
      const written = store.set(key, response, options);
      const over = untilOver(written, options?.signal).finally(() => writing.delete(over));
      writing.add(over);
      return written;
    },
    delete: (key, options) => store.delete(key, options),
    async close() {
      const drained = new AbortController();
      const late = delay(DRAIN_MS, undefined, { signal: drained.signal }).catch(() => undefined);
      await Promise.race([Promise.all(writing), late]);
      drained.abort();
      await store.close();
    },
  };
}

/** Ends with the work, however that ends, or when nobody wants it any more. */
function untilOver(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      resolve();
    };
    signal?.addEventListener("abort", end, { once: true });
    work.then(end, end);
  });
}
