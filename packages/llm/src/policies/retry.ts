/**
 * Sends a failed call again, if and only if that is safe and may help: rate limits, overload, passing faults of the vendor
 * or the network. Waits as long as the vendor asks, else with exponential backoff and full jitter. A stream is repeated
 * only while the caller has seen nothing of it but its start.
 *
 *     const patient = retry(anthropic(), { attemptsMax: 4 });
 *
 * It does not know other providers (`fallback` does) and changes nothing in the request.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { openedStream, type ReadyStream, readyStream, resumedStream } from "../staged-stream.ts";
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";

/** How often, and how long to wait in between. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default 3. */
  readonly attemptsMax?: number;
  /** The first wait's upper bound, doubled each time. Milliseconds. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait is longer; a vendor that asks for more gets no retry, and the error says how long it asked. Milliseconds. Default 30 000. */
  readonly delayMsMax?: number;
  /** A last word on whether an error that may pass is worth another attempt here. Default: it is. */
  readonly retryIf?: (error: DragomanError) => boolean;
  /** Between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Waits, or rejects with the signal's reason. Default: a timer. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
  /** Told before each wait. */
  readonly onRetry?: (attempt: { readonly number: number; readonly delayMs: number; readonly error: DragomanError }) => void;
}

/** Sends a failed call again, if and only if that is safe and may help. */
export function retry<Model extends string>(provider: Provider<Model>, options?: RetryOptions): Provider<Model>;
export function retry(provider: Provider, options: RetryOptions = {}): Provider {
  const { attemptsMax = 3, sleep = sleepUnlessAborted, now = () => performance.now(), onRetry } = options;

  /** What is left of the whole call's time. Milliseconds. */
  function timeLeft({ timeouts }: CompletionCall): () => number {
    const endsAt = now() + (timeouts?.totalMs ?? Number.POSITIVE_INFINITY);
    return () => endsAt - now();
  }

  /** Waits before the next attempt; false when there must be none. */
  async function anotherAttempt(
    error: DragomanError,
    attempt: number,
    leftMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const delayMs = attempt < attemptsMax ? retryDelayMs(error, attempt, options) : undefined;
    if (delayMs === undefined || delayMs >= leftMs) return false;
    onRetry?.({ number: attempt, delayMs, error });
    await sleep(delayMs, signal);
    return true;
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const leftMs = timeLeft(call);
    for (let attempt = 1; ; attempt++) {
      try {
        const completion = await provider.complete(within(call, leftMs(), attempt));
        return attempt === 1 ? completion : { ...completion, warnings: [retryWarning(attempt), ...completion.warnings] };
      } catch (thrown) {
        const error = toDragomanError(thrown);
        if (!(await anotherAttempt(error, attempt, leftMs(), call.signal))) throw error;
      }
    }
  }

  /** What comes after the first part is the reader's already: from then on there is nothing to do. */
  async function begun(call: CompletionCall): Promise<ReadyStream> {
    const leftMs = timeLeft(call);
    for (let attempt = 1; ; attempt++) {
      const source = readyStream(provider.stream(within(call, leftMs(), attempt)));
      const { held, failure } = await openingOf(source, attempt);
      if (failure === undefined) return resumedStream(held, source);
      await source.return();
      let again: boolean;
      try {
        again = await anotherAttempt(failure.error, attempt, leftMs(), call.signal);
      } catch (thrown) {
        return resumedStream([{ ...failure, error: toDragomanError(thrown) }]);
      }
      if (!again) return resumedStream([...held, failure]);
    }
  }

  const stream = (call: CompletionCall): ReadyStream => openedStream(() => begun(call));

  return wrapProvider(provider, { complete, stream });
}

/** A later attempt has the rest of the call's time; waking late, it has a little rather than none. */
function within(call: CompletionCall, leftMs: number, attempt: number): CompletionCall {
  if (attempt === 1 || !Number.isFinite(leftMs)) return call;
  return { ...call, timeouts: { ...call.timeouts, totalMs: Math.max(1, leftMs) } };
}

interface Opening {
  /** What has come so far. */
  readonly held: readonly StreamEvent[];
  /** It came before the first part, so that the call may be repeated without a trace. */
  readonly failure?: Extract<StreamEvent, { type: "error" }>;
}

/** A stream up to its first part, or to its end. */
async function openingOf(events: ReadyStream, attempt: number): Promise<Opening> {
  const held: StreamEvent[] = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    const event = next.value;
    if (event.type === "error") return { held, failure: event };
    held.push(event);
    if (event.type === "start" && attempt > 1) held.push({ type: "warning", warning: retryWarning(attempt) });
    if (event.type !== "start" && event.type !== "warning" && event.type !== "usage") break;
  }
  return { held };
}

/** How long to wait, or undefined when the call must not be repeated. */
export function retryDelayMs(error: DragomanError, attempt: number, options: RetryOptions = {}): number | undefined {
  const { firstDelayMs = 500, delayMsMax = 30_000, random = Math.random } = options;
  if (!error.retryable || options.retryIf?.(error) === false) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= delayMsMax ? error.retryAfterMs : undefined;
  return random() * Math.min(delayMsMax, firstDelayMs * 2 ** (attempt - 1));
}

function retryWarning(attempt: number): Warning {
  return { type: "other", detail: `answered at attempt ${attempt}` };
}

function sleepUnlessAborted(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(abortError(signal));
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function abortError(signal: AbortSignal | undefined): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the call was aborted while it waited to retry", cause: signal?.reason });
}
