/** How a failed connection is told: which request, what went wrong, and no secret. */
import { DragomanError } from "../errors.ts";
import type { TimeoutName } from "./call-clock.ts";

/** `POST /v1/messages`: the method and the path. The query is left out, as some vendors take the key there. */
export function requestName(method: string, url: URL): string {
  return `${method} ${url.pathname}`;
}

/** The address of a request. Throws `configuration` for what no request can be sent to. */
export function parseRequestUrl(method: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw badUrl("the endpoint is not a URL", method);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw badUrl(`the endpoint's URL must begin with https:// or http://, not ${url.protocol}`, method, url);
  }
  if (url.username !== "" || url.password !== "") {
    throw badUrl("the endpoint's URL carries credentials; they would not be sent", method, url);
  }
  return url;
}

function badUrl(detail: string, method: string, url?: URL): DragomanError {
  const request = url === undefined ? method : requestName(method, url);
  return new DragomanError({ code: "configuration", detail, request });
}

const TIMEOUT_DETAILS: Record<TimeoutName, (limitMs: number) => string> = {
  connectMs: (limitMs) => `no connection within ${limitMs} ms (connectMs)`,
  firstByteMs: (limitMs) => `no answer within ${limitMs} ms of the request (firstByteMs)`,
  idleMs: (limitMs) => `the answer paused for more than ${limitMs} ms (idleMs)`,
  totalMs: (limitMs) => `the call took more than ${limitMs} ms (totalMs)`,
};

export function timedOut(name: TimeoutName, limitMs: number, request: string): DragomanError {
  return new DragomanError({ code: "timeout", detail: TIMEOUT_DETAILS[name](Math.ceil(limitMs)), request });
}

/** A signal that ran out of time (`AbortSignal.timeout`) is a timeout; the signal stays over, so another attempt is in vain. */
export function abortedBySignal(signal: AbortSignal, request: string): DragomanError {
  if (signal.reason instanceof Error && signal.reason.name === "TimeoutError") {
    const advice = "give the signal more time";
    const detail = "the signal's time limit has passed";
    return new DragomanError({ code: "timeout", detail, request, retryable: false, advice, cause: signal.reason });
  }
  return new DragomanError({ code: "aborted", detail: "the caller aborted the call", request, cause: signal.reason });
}

export function cancelled(request: string): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the answer was given up before its end", request });
}

export function readTwice(request: string): DragomanError {
  return new DragomanError({ code: "internal", detail: "the body of an answer was read twice", request });
}

export function transportClosed(request: string): DragomanError {
  return new DragomanError({
    code: "provider_unavailable",
    detail: "the transport was closed",
    request,
    advice: "make a new transport",
  });
}

export function bodyTooLong(bytesMax: number, request: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `the body is longer than ${bytesMax} bytes`, request });
}

/** A stream that would fill the memory. */
export function streamTooLong(bytesMax: number): DragomanError {
  const detail = `the stream is longer than ${bytesMax} bytes`;
  const advice = "limit the answer (maxOutputTokens), or ask another model if this one repeats itself without end";
  return new DragomanError({ code: "invalid_response", detail, advice });
}

/** A header or a path that cannot be sent. */
export function unsendable(thrown: unknown, request: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail: `the request cannot be sent: ${explain(thrown)}`, request });
}

/** Where the connection broke. */
export type BreakPoint = "before the answer" | "inside the answer";

export function connectionFailed(thrown: unknown, where: BreakPoint, request: string): DragomanError {
  const what = where === "before the answer" ? "no answer" : "the connection broke inside the answer";
  return new DragomanError({ code: "connection_failed", detail: `${what}: ${explain(thrown)}`, request, cause: thrown });
}

/** A failure after the head says what the head said: whether the vendor had begun an answer, or had turned the call away. */
export function withStatus(error: DragomanError, status: number | undefined): DragomanError {
  return status === undefined ? error : error.with({ status });
}

/** How deep a chain of causes is followed. */
const CAUSES_MAX = 4;

/**
 * The innermost cause, as `CODE message`. `fetch` wraps the real one in "fetch failed"; an attempt on several addresses
 * comes as an AggregateError without a message.
 */
function explain(thrown: unknown): string {
  let error = thrown;
  for (let depth = 0; depth < CAUSES_MAX && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  if (error instanceof AggregateError) return [...new Set(error.errors.map(sayError))].join("; ");
  return sayError(error);
}

function sayError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const text = error.message || error.name;
  return code === "" || text.includes(code) ? text : `${code} ${text}`;
}
