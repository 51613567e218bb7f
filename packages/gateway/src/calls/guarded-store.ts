/**
 * A response store that is left alone for a while once it has failed some times in a row: a cache that answers late is worse than
 * none, for each call would wait for it. Meanwhile nothing is found and nothing is kept.
 */
import { DragomanError, type ResponseStore } from "@dragoman/llm";

export interface GuardedStoreOptions {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Told once when it is left alone, and once when it answers again. */
  readonly onChange: (state: "left-alone" | "answers") => void;
}

/** One slow answer may be chance; three in a row are not. */
const FAILURES_MAX = 3;
/** Milliseconds. */
const REST_MS = 10_000;

export function guardedStore(store: ResponseStore, { now, onChange }: GuardedStoreOptions): ResponseStore {
  let failures = 0;
  let restsUntil: number | undefined;

  async function guarded<Value>(run: () => Promise<Value>, instead: Value, signal: AbortSignal | undefined): Promise<Value> {
    if (restsUntil !== undefined && now() < restsUntil) return instead;
    try {
      const value = await unlessAborted(run(), signal);
      failures = 0;
      if (restsUntil !== undefined) onChange("answers");
      restsUntil = undefined;
      return value;
    } catch (thrown) {
      // A caller that leaves says nothing of the store.
      if (DragomanError.is(signal?.reason) && signal.reason.code === "aborted") throw thrown;
      failures += 1;
      if (failures >= FAILURES_MAX) {
        if (restsUntil === undefined) onChange("left-alone");
        restsUntil = now() + REST_MS;
      }
      throw thrown;
    }
  }

  return {
    get: (key, options) => guarded(() => store.get(key, options), undefined, options?.signal),
    set: (key, response, options) => guarded(() => store.set(key, response, options), undefined, options?.signal),
    delete: (key, options) => store.delete(key, options),
  };
}

/** Also where the store does not heed the signal. */
function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return value;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
