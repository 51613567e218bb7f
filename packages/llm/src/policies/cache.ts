/**
 * Gives the answer of an earlier call to an equal one: the same request to the last setting, asked of the same provider on
 * behalf of the same user. Only answers that finished are kept. Equal calls at the same time become one.
 *
 *     const thrifty = cache(anthropic(), { timeToLiveMs: 3_600_000 });
 *
 * An answer from here says so in `cached`; its cost is nothing, its usage is what it took when it was made. A call with
 * `metadata.tags.cache` set to `"no"` is asked anew and not kept. A store that fails or is slow costs a warning, not the
 * call. An answer is given out while the store still keeps it, so that an equal call right after it may be asked anew; where that
 * fails, the next answer that is to be kept says so. `close` waits for what is being kept.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { type RequestMetadata, requestOf } from "../request.ts";
import type { StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import type { Cost } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { canonicalJson } from "./canonical-json.ts";
import { createJoinedCalls, type Waiter } from "./joined-calls.ts";
import { createMemoryResponseStore } from "./memory-response-store.ts";
import type { ResponseStore, StoredResponse } from "./response-store.ts";

/** Where answers are kept, for how long, and which are not. */
export interface CacheOptions {
  /** Default: one in memory, of this provider's own. */
  readonly store?: ResponseStore;
  /** How long an answer is given out again. Default 300 000. */
  readonly timeToLiveMs?: number;
  /**
   * Who shares answers: all calls of one `user` or one `session`, `everyone`, or those for which a function of the metadata and
   * the call says the same.
   * Default `user`; calls that name none share among themselves.
   */
  readonly scope?: "user" | "session" | "everyone" | ((metadata: RequestMetadata, call: CompletionCall) => string);
  /** Part of every key: a tenant, or a version that makes old answers void. */
  readonly namespace?: string;
  /** Whether answers that wait for tool results are kept. Default false: tools see a world that changes. */
  readonly toolCalls?: boolean;
  /** A last word on whether a finished answer is kept. */
  readonly keep?: (completion: Completion) => boolean;
  /** True: the call passes, neither answered from the store nor kept. */
  readonly bypass?: (call: CompletionCall) => boolean;
  /** How long the store may take to answer. What a call waits for is the look into it, no longer than this. Default 1 000. */
  readonly storeTimeoutMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** The value of the tag `cache` that asks anew. */
const NO_CACHE = "no";

/** Answers that the store is keeping at one time. Further ones are not kept. */
const WRITES_MAX = 256;

/** Gives the answer of an earlier, equal call. Only answers that finished are kept. */
export function cache<Model extends string>(provider: Provider<Model>, options?: CacheOptions): Provider<Model>;
export function cache(provider: Provider, options: CacheOptions = {}): Provider {
  const { timeToLiveMs = 300_000, toolCalls = false, storeTimeoutMs = 1_000, now = Date.now } = options;
  const store = options.store ?? createMemoryResponseStore({ now });
  const joined = createJoinedCalls();
  const writing = new Set<Promise<void>>();
  /** Of an answer that was given out before it could not be kept. */
  let owed: Warning | undefined;

  function passes(call: CompletionCall): boolean {
    return call.metadata?.tags?.cache === NO_CACHE || options.bypass?.(call) === true;
  }

  function keyOf(call: CompletionCall): Promise<string> {
    const { metadata = {}, ...request } = requestOf(call);
    return hashed(canonicalJson([options.namespace ?? "", scopeOf(metadata, options.scope, call), provider.id, request]));
  }

  async function found(key: string, signal: AbortSignal | undefined): Promise<Lookup> {
    const startedAt = performance.now();
    try {
      const stored = await inTime(storeTimeoutMs, signal, (limited) => store.get(key, { signal: limited }));
      if (stored === undefined || stored.expiresAt <= now()) return {};
      return { completion: fromStore(stored, now(), performance.now() - startedAt) };
    } catch (thrown) {
      if (signal?.aborted === true) throw thrown;
      return { warning: storeWarning("read", toDragomanError(thrown).detail) };
    }
  }

  /** Has an answer kept that may be, without waiting for it. What went wrong with an earlier one is told now. */
  function keep(key: string, completion: Completion): Warning | undefined {
    const { reason } = completion.finish;
    const finished = reason === "stop" || (toolCalls && reason === "tool-calls");
    if (!finished || completion.cached !== undefined || options.keep?.(completion) === false) return undefined;
    if (writing.size >= WRITES_MAX) return storeWarning("written", `it is still keeping ${WRITES_MAX} answers`);
    const storedAt = now();
    const written = write(key, { completion, storedAt, expiresAt: storedAt + timeToLiveMs });
    writing.add(written);
    void written.finally(() => writing.delete(written));
    const warning = owed;
    owed = undefined;
    return warning;
  }

  async function write(key: string, stored: StoredResponse): Promise<void> {
    try {
      await inTime(storeTimeoutMs, undefined, (limited) => store.set(key, stored, { signal: limited }));
    } catch (thrown) {
      owed = storeWarning("written", `an earlier answer was not kept: ${toDragomanError(thrown).detail}`);
    }
  }

  async function close(): Promise<void> {
    await Promise.all(writing);
    await provider.close?.();
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    if (passes(call)) return provider.complete(call);
    try {
      const key = await keyOf(call);
      const { completion: hit, warning } = await found(key, call.signal);
      if (hit !== undefined) return hit;
      const { completion, shared } = await joined.complete(key, waiterOf(call), async (signal) => {
        const answer = await provider.complete({ ...call, signal });
        return withWarnings(answer, keep(key, answer));
      });
      return withWarnings(shared ? asShared(completion) : completion, warning);
    } catch (thrown) {
      throw located(toDragomanError(thrown), call);
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    if (passes(call)) return yield* provider.stream(call);
    let key: string;
    let lookup: Lookup;
    try {
      key = await keyOf(call);
      lookup = await found(key, call.signal);
    } catch (thrown) {
      yield { type: "error", error: located(toDragomanError(thrown), call), partial: createFold().completion() };
      return;
    }
    const { completion, warning } = lookup;
    if (completion !== undefined) return yield* streamFromCompletion(completion);
    const upstream = (signal: AbortSignal) => keeping(key, provider.stream({ ...call, signal }));
    for await (const event of joined.stream(key, waiterOf(call), upstream, asShared)) {
      yield event.type === "error" ? { ...event, error: located(event.error, call) } : event;
      if (event.type === "start" && warning !== undefined) yield { type: "warning", warning };
    }
  }

  function located(error: DragomanError, { model }: CompletionCall): DragomanError {
    return error.provider === undefined ? error.with({ provider: provider.id, model }) : error;
  }

  async function* keeping(key: string, events: AsyncIterable<StreamEvent>): AsyncGenerator<StreamEvent, void, undefined> {
    const folded = createFold();
    for await (const event of events) {
      folded.push(event);
      const warning = event.type === "finish" ? keep(key, folded.completion()) : undefined;
      if (warning !== undefined) yield { type: "warning", warning };
      yield event;
    }
  }

  return wrapProvider(provider, { complete, stream, close });
}

interface Lookup {
  readonly completion?: Completion;
  readonly warning?: Warning;
}

function scopeOf(metadata: RequestMetadata, scope: CacheOptions["scope"] = "user", call: CompletionCall): string {
  if (typeof scope === "function") return `own:${scope(metadata, call)}`;
  return scope === "everyone" ? scope : `${scope}:${metadata[scope] ?? ""}`;
}

function waiterOf({ signal, timeouts }: CompletionCall): Waiter {
  return { signal, totalMs: timeouts?.totalMs };
}

async function hashed(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The answer, as it is given out a second time

/** Nothing was asked of a model, so no price list comes into it. */
const NOTHING: Cost = { totalUsd: 0, inputUsd: 0, outputUsd: 0, catalogue: "response-cache" };

function fromStore({ completion, storedAt }: StoredResponse, at: number, totalMs: number): Completion {
  // What the vendor's prompt cache came to then says nothing of this call.
  const { cache: _promptCache, ...answer } = completion;
  return { ...asShared(answer, Math.max(0, at - storedAt)), timing: { totalMs } };
}

function asShared<Answer extends Pick<Completion, "cost" | "cached">>(answer: Answer, ageMs = 0): Answer {
  if (answer.cached !== undefined) return answer;
  const savedUsd = answer.cost?.totalUsd;
  return { ...answer, cost: NOTHING, cached: { ageMs, ...(savedUsd === undefined ? {} : { savedUsd }) } };
}

function withWarnings(completion: Completion, warning: Warning | undefined): Completion {
  return warning === undefined ? completion : { ...completion, warnings: [warning, ...completion.warnings] };
}

function storeWarning(verb: "read" | "written", reason: string): Warning {
  return { type: "other", detail: `the response store could not be ${verb}: ${reason}` };
}

/** Runs with a limit; the limit ends the wait also where the store does not heed the signal. */
async function inTime<Value>(
  limitMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (error: DragomanError): void => {
    reject(error);
    controller.abort(error);
  };
  const onAbort = (): void => stop(new DragomanError({ code: "aborted", detail: "the call was aborted" }));
  const timer = setTimeout(() => stop(new DragomanError({ code: "timeout", detail: `no answer within ${limitMs} ms` })), limitMs);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([stopped, run(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
