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
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";

export interface RetryOptions {
  /** Attempts in all, the first included. Default 3. */
  readonly attemptsMax?: number;
  /** The first wait's upper bound, doubled each time. Milliseconds. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait is longer; a vendor that asks for more gets no retry, and the error says how long it asked. Milliseconds. Default 30 000. */
  readonly delayMsMax?: number;
  /** Between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Waits, or rejects with the signal's reason. Default: a timer. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly onRetry?: (attempt: { readonly number: number; readonly delayMs: number; readonly error: DragomanError }) => void;
}

export function retry<Model extends string>(provider: Provider<Model>, options?: RetryOptions): Provider<Model>;
export function retry(provider: Provider, options: RetryOptions = {}): Provider {
  const { attemptsMax = 3, sleep = sleepUnlessAborted, onRetry } = options;

  /** Waits before the next attempt; false when there must be none. */
  async function anotherAttempt(error: DragomanError, attempt: number, signal: AbortSignal | undefined): Promise<boolean> {
    const delayMs = attempt < attemptsMax ? retryDelayMs(error, attempt, options) : undefined;
    if (delayMs === undefined) return false;
    onRetry?.({ number: attempt, delayMs, error });
    await sleep(delayMs, signal);
    return true;
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    for (let attempt = 1; ; attempt++) {
      try {
        const completion = await provider.complete(call);
        return attempt === 1 ? completion : { ...completion, warnings: [retryWarning(attempt), ...completion.warnings] };
      } catch (thrown) {
        const error = toDragomanError(thrown);
        if (!(await anotherAttempt(error, attempt, call.signal))) throw error;
      }
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    for (let attempt = 1; ; attempt++) {
      const failure = yield* untilFailure(provider.stream(call), attempt);
      if (failure === undefined) return;
      let again: boolean;
      try {
        again = failure.repeatable && (await anotherAttempt(failure.event.error, attempt, call.signal));
      } catch (thrown) {
        yield { ...failure.event, error: toDragomanError(thrown) };
        return;
      }
      if (again) continue;
      for (const event of failure.held) yield event;
      yield failure.event;
      return;
    }
  }

  return wrapProvider(provider, { complete, stream });
}

interface StreamFailure {
  readonly event: Extract<StreamEvent, { type: "error" }>;
  /** True while nothing was given out. */
  readonly repeatable: boolean;
  readonly held: readonly StreamEvent[];
}

/** Passes a stream on, holding back what comes before its first part, so that a failure until then leaves no trace. */
async function* untilFailure(
  events: AsyncIterable<StreamEvent>,
  attempt: number,
): AsyncGenerator<StreamEvent, StreamFailure | undefined, undefined> {
  let held: StreamEvent[] | undefined = [];
  for await (const event of events) {
    if (event.type === "error") return { event, repeatable: held !== undefined, held: held ?? [] };
    if (held === undefined) {
      yield event;
      continue;
    }
    held.push(event);
    if (event.type === "start" && attempt > 1) held.push({ type: "warning", warning: retryWarning(attempt) });
    if (event.type === "start" || event.type === "warning" || event.type === "usage") continue;
    for (const first of held) yield first;
    held = undefined;
  }
  return undefined;
}

/** How long to wait, or undefined when the call must not be repeated. */
export function retryDelayMs(error: DragomanError, attempt: number, options: RetryOptions = {}): number | undefined {
  const { firstDelayMs = 500, delayMsMax = 30_000, random = Math.random } = options;
  if (!error.retryable) return undefined;
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
