/**
 * One upstream call for all who ask the same at the same time. It belongs to none of them: it goes on as long as anybody
 * waits, and is aborted when the last one leaves. Whoever comes late gets what came so far, then the rest.
 *
 * A stream is pulled by its fastest reader. Its events are kept until it ends, and no longer.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import { type FinishEvent, isTerminal, type StreamEvent } from "../stream.ts";

/** Who asks. The limit holds for those who join: the first one's is kept upstream. */
export interface Waiter {
  readonly signal: AbortSignal | undefined;
  readonly totalMs: number | undefined;
}

export interface JoinedCalls {
  /** `start` is called for the first who asks. `shared` tells that somebody else got the answer first, and pays for it. */
  complete(
    key: string,
    waiter: Waiter,
    start: (signal: AbortSignal) => Promise<Completion>,
  ): Promise<{ readonly completion: Completion; readonly shared: boolean }>;
  /** `asShared` rewrites the finish for all but the first who gets it. */
  stream(
    key: string,
    waiter: Waiter,
    start: (signal: AbortSignal) => AsyncIterable<StreamEvent>,
    asShared: (event: FinishEvent) => FinishEvent,
  ): AsyncIterable<StreamEvent>;
}

export function createJoinedCalls(): JoinedCalls {
  const calls = new Map<string, JoinedCall<Promise<Completion>>>();
  const streams = new Map<string, JoinedCall<EventLog>>();

  return {
    async complete(key, waiter, start) {
      const { call, first } = enter(calls, key, start);
      const { signal, release } = first ? { signal: waiter.signal, release: nothing } : limited(waiter);
      try {
        const completion = await orAbort(call.running, signal);
        const shared = call.paid;
        call.paid = true;
        call.over = true;
        return { completion, shared };
      } finally {
        release();
        // Left by its last waiter, or over: whoever asks now starts anew.
        if (leave(calls, key, call) && !call.over) call.controller.abort();
      }
    },
    async *stream(key, waiter, start, asShared) {
      const { call, first } = enter(streams, key, (whileAsked) => createEventLog(start(whileAsked)));
      const { signal, release } = first ? { signal: waiter.signal, release: nothing } : limited(waiter);
      const folded = createFold();
      try {
        for (let position = 0; ; position++) {
          const event = await orAbort(call.running.at(position), signal);
          if (event === undefined) return;
          if (isTerminal(event)) call.over = true;
          const given = event.type === "finish" && call.paid ? asShared(event) : event;
          if (event.type === "finish") call.paid = true;
          folded.push(given);
          yield given;
          if (call.over && isTerminal(event)) return;
        }
      } catch (thrown) {
        for (const end of folded.endsOfOpenParts()) yield end;
        yield { type: "error", error: toDragomanError(thrown), partial: folded.completion() };
      } finally {
        release();
        if (leave(streams, key, call)) {
          if (!call.over) call.controller.abort();
          await call.running.close();
        }
      }
    },
  };
}

interface JoinedCall<Running> {
  readonly running: Running;
  readonly controller: AbortController;
  waiting: number;
  /** Whether it has ended. */
  over: boolean;
  /** Whether somebody has had the answer with its cost. */
  paid: boolean;
}

function enter<Running>(
  calls: Map<string, JoinedCall<Running>>,
  key: string,
  start: (signal: AbortSignal) => Running,
): { readonly call: JoinedCall<Running>; readonly first: boolean } {
  const known = calls.get(key);
  if (known !== undefined && !known.over) {
    known.waiting += 1;
    return { call: known, first: false };
  }
  const controller = new AbortController();
  const call = { running: start(controller.signal), controller, waiting: 1, over: false, paid: false };
  calls.set(key, call);
  return { call, first: true };
}

/** True for the last one to leave. */
function leave<Running>(calls: Map<string, JoinedCall<Running>>, key: string, call: JoinedCall<Running>): boolean {
  call.waiting -= 1;
  if ((call.waiting === 0 || call.over) && calls.get(key) === call) calls.delete(key);
  return call.waiting === 0;
}

/** A stream that several read, each from its beginning. */
interface EventLog {
  /** Undefined after the end. */
  at(position: number): Promise<StreamEvent | undefined>;
  /** Waits for the stream to clean up, unless an event of it is still awaited. */
  close(): Promise<void>;
}

function createEventLog(events: AsyncIterable<StreamEvent>): EventLog {
  const source = events[Symbol.asyncIterator]();
  const log: StreamEvent[] = [];
  let ended = false;
  let pulling: Promise<void> | undefined;

  async function pull(): Promise<void> {
    try {
      const next = await source.next();
      if (next.done === true) ended = true;
      else log.push(next.value);
    } catch (thrown) {
      ended = true;
      log.push({ type: "error", error: toDragomanError(thrown) });
    } finally {
      pulling = undefined;
    }
  }

  return {
    async at(position) {
      while (position >= log.length && !ended) {
        pulling ??= pull();
        await pulling;
      }
      return log[position];
    },
    async close() {
      const stillPulling = pulling !== undefined;
      const closed = source.return?.();
      // Nobody is there any more to be told of what goes wrong now.
      const quiet = closed?.then(nothing, nothing);
      if (!stillPulling) await quiet;
    },
  };
}

function nothing(): void {}

/** The waiter's signal, which also ends at its limit. `release` calls the limit off. */
function limited({ signal, totalMs }: Waiter): { readonly signal: AbortSignal | undefined; readonly release: () => void } {
  if (totalMs === undefined || !Number.isFinite(totalMs)) return { signal, release: nothing };
  const controller = new AbortController();
  const detail = `no answer within ${totalMs} ms (totalMs) from the call that it joined`;
  const timer = setTimeout(() => controller.abort(new DragomanError({ code: "timeout", detail })), totalMs);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    release: () => clearTimeout(timer),
  };
}

/** The promise, or the signal's abort, whichever comes first. */
function orAbort<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** A caller may abort with any reason; it is an abort all the same, unless a time limit was the reason. */
function abortError({ reason }: AbortSignal): DragomanError {
  const timedOut = DragomanError.is(reason) || (reason instanceof Error && reason.name === "TimeoutError");
  return timedOut
    ? toDragomanError(reason)
    : new DragomanError({ code: "aborted", detail: "the call was aborted", cause: reason });
}
