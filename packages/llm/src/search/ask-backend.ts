/** Asks one search backend, within its time. Whatever goes wrong is told as data, but for the caller's abort. */
import { DragomanError, toDragomanError } from "../errors.ts";
import { collectResults } from "./collect-results.ts";
import type { SearchBackend, SearchQuery, SearchResults } from "./search-backend.ts";
import type { SearchFailure } from "./search-report.ts";

export interface AskOptions {
  readonly limit: number;
  /** For each backend. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Asked = { readonly answer: SearchResults } | { readonly failure: SearchFailure };

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** Rejects only with `aborted`, when the caller aborted. */
export async function askBackend(backend: SearchBackend, query: SearchQuery, options: AskOptions): Promise<Asked> {
  const { limit, timeoutMs, signal } = options;
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), Math.min(timeoutMs, DELAY_MAX_MS));
  const both = signal === undefined ? timer.signal : AbortSignal.any([signal, timer.signal]);
  try {
    const answer = await untilAborted(backend.search(query, { limit, timeoutMs, signal: both }), both);
    // Once more, for a backend of somebody else.
    const results = collectResults(answer.results, limit);
    if (results.length > 0) return { answer: { ...answer, results } };
    return { failure: { backend: backend.id, code: "nothing-found", detail: "it knows nothing of this" } };
  } catch (thrown) {
    if (signal?.aborted === true)
      throw new DragomanError({ code: "aborted", detail: "the call was aborted while it searched", cause: signal.reason });
    if (timer.signal.aborted) {
      return { failure: { backend: backend.id, code: "timeout", detail: `no results within ${timeoutMs} ms` } };
    }
    const { code, detail } = toDragomanError(thrown);
    return { failure: { backend: backend.id, code, detail } };
  } finally {
    clearTimeout(timeout);
  }
}

/** A backend of somebody else may not look at its signal. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
