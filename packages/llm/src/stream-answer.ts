/**
 * Drives one streamed answer: bytes from the transport, cut into wire events, parsed into stream events, completed with
 * cost, timing and the partial completion. One step per piece of bytes; everything inside it is synchronous, because this
 * is where a stream's CPU goes. Never throws: every failure becomes the terminal event.
 */
import type { Completion } from "./completion.ts";
import type { Dialect, ParseContext, RenderedRequest } from "./dialect.ts";
import { DragomanError } from "./errors.ts";
import { flattenBatches } from "./flatten-batches.ts";
import { createFold, type StreamFold } from "./fold.ts";
import type { WireRequest } from "./request.ts";
import { type ResumableBody, resumableBody } from "./resumable-body.ts";
import type { ReadyStream } from "./staged-stream.ts";
import type { StreamEvent } from "./stream.ts";
import type { TransportResponse } from "./transport/transport.ts";
import { streamTooLong } from "./transport/transport-failure.ts";
import { STREAM_BYTES_MAX } from "./transport/transport-limits.ts";
import type { Warning } from "./warning.ts";

/** What is known of the request once it is rendered. */
export interface RequestInFlight {
  readonly dialect: Dialect;
  readonly context: ParseContext;
  readonly warnings: readonly Warning[];
  /** A client's own request: each event then carries what the vendor wrote of it. */
  readonly passed?: WireRequest;
}

export interface AnswerSource<Request extends RequestInFlight> {
  readonly signal: AbortSignal | undefined;
  /** From the call's beginning to the first delta. Milliseconds; undefined is no limit. */
  readonly firstTokenMs: number | undefined;
  /** The longest answer that is taken. Bytes, after decompression. Default `STREAM_BYTES_MAX`. */
  readonly bytesMax?: number | undefined;
  /** Renders and sends. Throws when there is no answer of 2xx. */
  readonly open: (
    signal: AbortSignal | undefined,
  ) => Promise<{ readonly request: Request; readonly response: TransportResponse }>;
  /** Takes up a broken stream where the dialect says how. */
  readonly resume: (request: RenderedRequest, signal: AbortSignal | undefined) => Promise<TransportResponse>;
  /** Adds cost, timing and the warnings of the request to what the stream folded to. */
  readonly complete: (
    completion: Completion,
    request: Request,
    startedAt: number,
    firstTokenMs: number | undefined,
  ) => Completion;
  /** Names provider, model and request in an error. */
  readonly locate: (error: unknown, request: Request | undefined) => DragomanError;
}

export function streamAnswer<Request extends RequestInFlight>(source: AnswerSource<Request>): ReadyStream {
  return flattenBatches(answerBatches(source));
}

/** The events of one piece of bytes at a time. */
async function* answerBatches<Request extends RequestInFlight>(
  source: AnswerSource<Request>,
): AsyncGenerator<readonly StreamEvent[], void, undefined> {
  const answer = createAnswer(source);
  const firstToken = createFirstTokenLimit(source.firstTokenMs, source.signal);
  let body: ResumableBody | undefined;
  const { bytesMax = STREAM_BYTES_MAX } = source;
  let bytes = 0;
  const events: StreamEvent[] = [];
  try {
    const [opened, { createAnswerReader }] = await Promise.all([source.open(firstToken.signal), loadReader()]);
    answer.begin(opened.request);
    const reader = createAnswerReader(opened.request.dialect, opened.request.context, opened.request.passed);
    body = resumableBody(opened.response, reader, (request) => source.resume(request, firstToken.signal));
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
      bytes += piece.length;
      if (bytes > bytesMax) throw streamTooLong(bytesMax);
      for (let from = 0; from < piece.length; ) {
        const to = answer.tokenSeen() ? piece.length : from + OPENING_BYTES;
        reader.push(from === 0 && to >= piece.length ? piece : piece.subarray(from, to), events);
        from = to;
        if (events.length === 0) continue;
        yield answer.take(events);
        events.length = 0;
        if (answer.tokenSeen()) firstToken.clear();
        if (answer.ended()) return;
      }
    }
    reader.end(events);
    yield answer.take(events);
    events.length = 0;
    if (!answer.ended())
      throw new DragomanError({
        code: "internal",
        detail: `the ${opened.request.dialect.id} parser ended without a terminal event`,
      });
  } catch (error) {
    // What was read before the bytes went wrong.
    if (events.length > 0) yield answer.take(events);
    yield answer.fail(lateOr(error, firstToken.expired()));
  } finally {
    firstToken.clear();
    const open = body?.current();
    if (open !== undefined && answer.finished()) void readToEnd(open.pieces, open.response);
    else open?.response.cancel();
  }
}

/** Until the first token is out, bytes are read so many at a time: it does not wait for all that came with it. */
const OPENING_BYTES = 1_024;

let readers: Promise<typeof import("./answer-reader.ts")> | undefined;

/** The framings, while the vendor thinks about the first answer. */
function loadReader(): Promise<typeof import("./answer-reader.ts")> {
  readers ??= import("./answer-reader.ts");
  return readers;
}

/** What a vendor may send after the end of its answer. */
const LEFTOVER_BYTES_MAX = 64 * 1024;
const LEFTOVER_MS_MAX = 1_000;

/**
 * The answer is complete before its body is. Reading the rest keeps the connection for the next call; giving it up would
 * close it. A body that goes on for too long is given up.
 */
async function readToEnd(pieces: AsyncIterator<Uint8Array>, response: TransportResponse): Promise<void> {
  const timer = setTimeout(() => response.cancel(), LEFTOVER_MS_MAX).unref();
  let bytes = 0;
  try {
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
      bytes += piece.value.length;
      if (bytes > LEFTOVER_BYTES_MAX) response.cancel();
    }
  } catch {
    // The answer was complete: whatever ends the connection now is nobody's concern.
  } finally {
    clearTimeout(timer);
  }
}

/** The limit's own error, with what is known of the answer that it ended. */
function lateOr(error: unknown, expired: DragomanError | undefined): unknown {
  if (expired === undefined || !DragomanError.is(error) || error.status === undefined) return expired ?? error;
  return expired.with({ status: error.status });
}

/** What has become of the answer so far. */
interface Answer<Request> {
  begin(request: Request): void;
  /** The parser's events as they go out to the caller. */
  take(events: readonly StreamEvent[]): readonly StreamEvent[];
  /** The ends of what is open, and the error. Nothing when the terminal event is out already. */
  fail(error: unknown): readonly StreamEvent[];
  ended(): boolean;
  /** Whether it ended well. */
  finished(): boolean;
  tokenSeen(): boolean;
}

function createAnswer<Request extends RequestInFlight>(source: AnswerSource<Request>): Answer<Request> {
  const startedAt = performance.now();
  const folded: StreamFold = createFold();
  let request: Request | undefined;
  let firstTokenMs: number | undefined;

  function completed(): Completion {
    const completion = folded.completion();
    return request === undefined ? completion : source.complete(completion, request, startedAt, firstTokenMs);
  }

  /** The finish event with what the provider adds; what it has to warn of goes before it. */
  function finished(event: Extract<StreamEvent, { type: "finish" }>): readonly StreamEvent[] {
    const known = folded.completion().warnings.length + (request?.warnings.length ?? 0);
    const { cost, timing, cache, warnings, usage } = completed();
    const late = warnings.slice(known).map((warning): StreamEvent => ({ type: "warning", warning }));
    const additions = { ...(cost && { cost }), ...(timing && { timing }), ...(cache && { cache }) };
    return [...late, { ...event, usage, ...additions }];
  }

  function started(event: StreamEvent): readonly StreamEvent[] {
    return [event, ...(request?.warnings ?? []).map((warning): StreamEvent => ({ type: "warning", warning }))];
  }

  function take(events: readonly StreamEvent[]): readonly StreamEvent[] {
    let out: StreamEvent[] | undefined;
    let position = -1;
    for (const event of events) {
      position += 1;
      if (folded.terminal !== undefined) break;
      folded.push(event);
      const replaced = replacement(event);
      if (replaced === undefined) {
        out?.push(event);
        continue;
      }
      out ??= events.slice(0, position);
      out.push(...replaced);
    }
    return out ?? events;
  }

  function replacement(event: StreamEvent): readonly StreamEvent[] | undefined {
    switch (event.type) {
      case "start":
        return started(event);
      case "finish":
        return finished(event);
      case "error":
        return [{ type: "error", error: source.locate(event.error, request), partial: completed() }];
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
      case "tool-call-delta":
      case "tool-call-start":
        firstTokenMs ??= performance.now() - startedAt;
        return undefined;
      default:
        return undefined;
    }
  }

  return {
    begin(sent) {
      request = sent;
    },
    take,
    fail(error) {
      if (folded.terminal !== undefined) return [];
      return take([...folded.endsOfOpenParts(), { type: "error", error: source.locate(error, request) }]);
    },
    ended: () => folded.terminal !== undefined,
    finished: () => folded.terminal?.type === "finish",
    tokenSeen: () => firstTokenMs !== undefined,
  };
}

interface FirstTokenLimit {
  readonly signal: AbortSignal | undefined;
  clear(): void;
  /** The error, once the limit has passed. */
  expired(): DragomanError | undefined;
}

function createFirstTokenLimit(limitMs: number | undefined, signal: AbortSignal | undefined): FirstTokenLimit {
  if (limitMs === undefined || !Number.isFinite(limitMs)) return { signal, clear: () => undefined, expired: () => undefined };
  const controller = new AbortController();
  let expired: DragomanError | undefined;
  const timer = setTimeout(() => {
    expired = new DragomanError({ code: "timeout", detail: `no first token within ${limitMs} ms (firstTokenMs)` });
    controller.abort(expired);
  }, limitMs);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    clear: () => clearTimeout(timer),
    expired: () => expired,
  };
}
