/**
 * Fetches one body from an address that was checked, over a connection of its own. Node's plain HTTP client follows no
 * redirect, unpacks nothing and asks our `lookup` for the address, which is all that is wanted here.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { DragomanError } from "../errors.ts";
import { readBytes } from "./read-bytes.ts";
import { connectionFailed, requestName } from "./transport-failure.ts";
import type { FetchedMedia, FetchMediaOptions, PinnedAddress } from "./url-guard.ts";
import { concatBytes } from "./utf8-text.ts";

const BYTES_MAX = 20 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export async function fetchPinned(check: () => Promise<PinnedAddress>, options: FetchMediaOptions): Promise<FetchedMedia> {
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const stopped = () => (signal?.aborted ? mediaAborted(signal) : mediaTimedOut(timeoutMs));
  if (stop.aborted) throw stopped();
  let target: PinnedAddress | undefined;
  try {
    target = await untilStopped(check(), stop);
    const response = await open(target, options.mediaTypes ?? [], stop);
    return await readMedia(response, options, target.url);
  } catch (thrown) {
    if (stop.aborted) throw stopped();
    if (DragomanError.is(thrown) || target === undefined) throw thrown;
    throw connectionFailed(thrown, "before the answer", requestName("GET", target.url));
  }
}

/** The resolver cannot be stopped; its answer is no longer waited for. */
async function untilStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(stop.reason);
  stop.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    stop.removeEventListener("abort", onAbort);
  }
}

async function open(target: PinnedAddress, mediaTypes: readonly string[], stop: AbortSignal): Promise<IncomingMessage> {
  const { url } = target;
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request(url, {
      agent: false,
      signal: stop,
      lookup: pinnedLookup(target),
      headers: {
        accept: mediaTypes.length === 0 ? "*/*" : mediaTypes.join(", "),
        "accept-encoding": "identity",
        "user-agent": "dragoman",
      },
    });
    outgoing.on("response", resolve).on("error", reject).end();
  });
}

/** Answers every question for a name with the one address that was checked. */
function pinnedLookup({ address, family }: PinnedAddress): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

async function readMedia(response: IncomingMessage, options: FetchMediaOptions, url: URL): Promise<FetchedMedia> {
  const { bytesMax = BYTES_MAX, mediaTypes = [] } = options;
  const request = requestName("GET", url);
  const tooLarge = () => mediaTooLarge(bytesMax, request);
  try {
    checkStatus(response.statusCode ?? 0, request);
    const mediaType = checkMediaType(response.headers["content-type"], mediaTypes, request);
    checkEncoding(response.headers["content-encoding"], request);
    if (Number(response.headers["content-length"]) > bytesMax) throw tooLarge();
    return { data: concatBytes(await readBytes(response, bytesMax, tooLarge)), mediaType };
  } finally {
    response.destroy();
  }
}

function checkStatus(status: number, request: string): void {
  if (status === 200) return;
  const isTheirFault = status >= 500 || status === 429;
  const what = status >= 300 && status < 400 ? "the URL redirects, which is not followed" : `the URL answered ${status}`;
  throw new DragomanError({ code: isTheirFault ? "connection_failed" : "invalid_request", detail: what, status, request });
}

function checkMediaType(contentType: string | undefined, allowed: readonly string[], request: string): string {
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isAllowed = allowed.some((type) => (type.endsWith("/*") ? mediaType.startsWith(type.slice(0, -1)) : mediaType === type));
  if (allowed.length === 0 || isAllowed) return mediaType;
  throw invalid(`the URL gives ${mediaType.slice(0, 80) || "no content type"}, not ${allowed.join(", ")}`, request);
}

function checkEncoding(encoding: string | undefined, request: string): void {
  if (encoding === undefined || encoding === "" || encoding.toLowerCase() === "identity") return;
  throw invalid("the URL gives a compressed body, which was not asked for", request);
}

function invalid(detail: string, request: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, request });
}

function mediaTooLarge(bytesMax: number, request: string): DragomanError {
  return new DragomanError({ code: "request_too_large", detail: `the URL gives more than ${bytesMax} bytes`, request });
}

function mediaTimedOut(timeoutMs: number): DragomanError {
  return new DragomanError({ code: "timeout", detail: `the URL was not fetched within ${timeoutMs} ms (timeoutMs)` });
}

function mediaAborted(signal: AbortSignal): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the caller aborted the fetch", cause: signal.reason });
}
