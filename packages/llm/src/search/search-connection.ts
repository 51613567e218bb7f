/**
 * The way to one search service: its address, its key, its limits. Every request goes to the configured host; redirects are
 * refused; the key goes into a header and is taken out of whatever comes back.
 */
import { DragomanError, type ErrorCode, toDragomanError } from "../errors.ts";
import type { Availability } from "../provider.ts";
import { describeSecret, resolveSecret, type SecretReference, type SecretSources } from "../secret.ts";
import { sharedTransport } from "../transport/shared-transport.ts";
import type { Transport, TransportResponse } from "../transport/transport.ts";
import { withoutInvisible } from "./plain-text.ts";
import { checkSearchAddress } from "./search-address.ts";
import type { SearchOptions } from "./search-backend.ts";

/** What every backend's function takes. */
export interface SearchBackendOptions {
  /** Another name in warnings and errors, for a second account. */
  readonly id?: string;
  /** For a proxy or another instance. */
  readonly baseUrl?: string;
  /** What one search costs under your plan, for the reports. US dollars. Default: unknown. */
  readonly costPerSearchUsd?: number;
  /** Default: undici, shared with the providers. */
  readonly transport?: Transport;
  readonly secrets?: SecretSources;
}

/** In which header the key goes, and with what before it. */
export interface KeyHeader {
  readonly name: string;
  readonly prefix?: string;
  readonly key: SecretReference;
}

export interface SearchRequest {
  readonly method: "GET" | "POST";
  /** Under the base URL, with a slash before it. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SearchAnswer {
  readonly status: number;
  readonly text: string;
}

/** A refusal in the service's own words. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

/** What a service says that its status does not. */
export interface RefusalReading {
  readonly code?: ErrorCode | undefined;
  readonly detail?: string | undefined;
  readonly vendorCode?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly advice?: string | undefined;
}

export interface SearchConnectionInit {
  readonly id: string;
  readonly baseUrl: string;
  readonly options: SearchBackendOptions;
  readonly key?: KeyHeader;
  readonly readRefusal?: (refusal: Refusal) => RefusalReading;
}

export interface SearchConnection {
  /** An answer of 2xx. Rejects with a DragomanError in which the key does not stand. */
  fetchText(request: SearchRequest, options: SearchOptions): Promise<SearchAnswer>;
  /** The same, read as JSON. */
  fetchJson(request: SearchRequest, options: SearchOptions): Promise<unknown>;
  /** Whether there is a key where one is needed. Sends nothing. */
  keyAvailability(): Promise<Availability>;
  /** An `invalid_response` to a request. */
  unexpected(request: SearchRequest, detail: string): DragomanError;
}

export const DEFAULT_TIMEOUT_MS = 10_000;
export const DEFAULT_BYTES_MAX = 2 * 1024 * 1024;
const CONNECT_MS_MAX = 5_000;
/** Bytes of a refusal that are read. */
const REFUSAL_BYTES_MAX = 65_536;
const DETAIL_LENGTH_MAX = 300;

export function createSearchConnection(init: SearchConnectionInit): SearchConnection {
  const { id, options, key } = init;
  const base = parseBase(id, init.baseUrl);

  async function headersFor(request: SearchRequest): Promise<{ headers: Record<string, string>; secret: string | undefined }> {
    const headers: Record<string, string> = { accept: "application/json", ...request.headers };
    if (key === undefined) return { headers, secret: undefined };
    const secret = (await resolveSecret(key.key, options.secrets))?.reveal();
    if (secret === undefined) {
      const detail = `no key: ${describeSecret(key.key)} is not set`;
      throw new DragomanError({ code: "authentication", detail, advice: nextStepForKey(key.key) });
    }
    headers[key.name] = `${key.prefix ?? ""}${secret}`;
    return { headers, secret };
  }

  async function fetchText(request: SearchRequest, limits: SearchOptions): Promise<SearchAnswer> {
    let secret: string | undefined;
    try {
      const prepared = await headersFor(request);
      secret = prepared.secret;
      const response = await send(request, prepared.headers, limits);
      if (response.status < 200 || response.status > 299) throw await refusalOf(response, init.readRefusal);
      const text = await response.text(limits.bytesMax ?? DEFAULT_BYTES_MAX);
      return { status: response.status, text: hide(text, secret) };
    } catch (thrown) {
      throw withoutKey(toDragomanError(thrown), secret).with({ provider: id, request: labelOf(request) });
    }
  }

  async function send(
    request: SearchRequest,
    headers: Record<string, string>,
    limits: SearchOptions,
  ): Promise<TransportResponse> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = limits;
    const transport = options.transport ?? (await sharedTransport());
    const query = request.query === undefined ? "" : `?${request.query}`;
    return transport.send({
      url: `${base.origin}${base.pathname}${request.path}${query}`,
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
      timeouts: { connectMs: Math.min(timeoutMs, CONNECT_MS_MAX), firstByteMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs },
    });
  }

  /** Method and path; the query is left out. */
  function labelOf({ method, path }: SearchRequest): string {
    return `${method} ${base.pathname}${path}`;
  }

  function unexpected(request: SearchRequest, detail: string): DragomanError {
    return new DragomanError({ code: "invalid_response", provider: id, request: labelOf(request), detail });
  }

  return {
    fetchText,
    unexpected,
    fetchJson: async (request, limits) => {
      const { text } = await fetchText(request, limits);
      const body = parsedJson(text);
      if (body === undefined) throw unexpected(request, "the answer is not JSON");
      return body;
    },
    keyAvailability: async () => {
      if (key === undefined) return { available: true };
      try {
        if ((await resolveSecret(key.key, options.secrets)) !== undefined) return { available: true };
        const detail = `${describeSecret(key.key)} is not set`;
        return { available: false, reason: "no-key", detail, nextStep: nextStepForKey(key.key) };
      } catch (thrown) {
        const { detail, advice } = toDragomanError(thrown);
        return { available: false, reason: "not-configured", detail, nextStep: advice };
      }
    },
  };
}

/** The origin, and the path without a slash at its end. Throws `configuration`. */
function parseBase(id: string, text: string): { readonly origin: string; readonly pathname: string } {
  const { origin, pathname } = checkSearchAddress(id, text);
  return { origin, pathname: pathname.replace(/\/+$/, "") };
}

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_request",
  401: "authentication",
  402: "quota_exceeded",
  403: "permission_denied",
  404: "not_found",
  408: "timeout",
  413: "request_too_large",
  414: "request_too_large",
  422: "invalid_request",
  429: "rate_limited",
  503: "overloaded",
  504: "timeout",
};

async function refusalOf(response: TransportResponse, read: SearchConnectionInit["readRefusal"]): Promise<DragomanError> {
  const { status, headers } = response;
  if (status < 400) {
    response.cancel();
    const detail = "the service answered with a redirect, which is never followed";
    return new DragomanError({ code: "invalid_response", status, detail, advice: "correct the base URL" });
  }
  const body = parsedJson(await refusalText(response));
  const reading = read?.({ status, headers, body }) ?? {};
  const retryAfterMs = reading.retryAfterMs ?? retryAfterOf(headers["retry-after"]);
  return new DragomanError({
    code: reading.code ?? CODE_BY_STATUS[status] ?? (status >= 500 ? "vendor_error" : "invalid_request"),
    status,
    detail: withoutInvisible(reading.detail ?? "").slice(0, DETAIL_LENGTH_MAX) || `the service answered with status ${status}`,
    vendorCode: reading.vendorCode,
    retryAfterMs,
    advice: reading.advice,
  });
}

/** A body over the limit costs its words, not the status. */
async function refusalText(response: TransportResponse): Promise<string> {
  try {
    return await response.text(REFUSAL_BYTES_MAX);
  } catch (thrown) {
    if (DragomanError.is(thrown) && thrown.code === "invalid_response") return "";
    throw thrown;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or a date of HTTP (RFC 9110, 10.2.3). */
function retryAfterOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number.parseFloat(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** A shorter one is no secret, and would tear words apart. */
const KEY_LENGTH_MIN = 4;

/** Without the key, spelt plainly or as in an address. */
function hide(text: string, key: string | undefined): string {
  if (key === undefined || key.length < KEY_LENGTH_MIN) return text;
  return text.replaceAll(key, "***").replaceAll(encodeURIComponent(key), "***");
}

function withoutKey(error: DragomanError, key: string | undefined): DragomanError {
  const detail = hide(error.detail, key);
  const vendorCode = error.vendorCode === undefined ? undefined : hide(error.vendorCode, key);
  const cause =
    error.cause instanceof Error && hide(`${error.cause.stack}`, key) !== `${error.cause.stack}` ? undefined : error.cause;
  if (detail === error.detail && vendorCode === error.vendorCode && cause === error.cause) return error;
  const { code, status, request, field, retryAfterMs, requestId, retryable, advice } = error;
  return new DragomanError({
    code,
    detail,
    status,
    request,
    field,
    retryAfterMs,
    requestId,
    vendorCode,
    retryable,
    advice,
    cause,
  });
}

function nextStepForKey(key: SecretReference): string {
  const described = describeSecret(key);
  return described.startsWith("env:")
    ? `set ${described.slice("env:".length)} in the environment or in .env`
    : `check ${described}`;
}
