/**
 * The way to one vendor: its address, its key, its headers. Sends what a dialect rendered, gives back an answer of 2xx, and
 * turns everything else into an error of the table. The key goes into the header and nowhere else: it is taken out of
 * whatever the vendor says, whatever the key looks like.
 */
import type { Dialect, ErrorResponse, ParseContext, RenderedRequest } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import { createKeySigner } from "./key-signer.ts";
import type { AddressedCall, AuthScheme, ProviderDefinition } from "./provider-definition.ts";
import { remembering } from "./remembering.ts";
import type { Timeouts } from "./request.ts";
import type { RequestSigner } from "./request-signer.ts";
import { sharedTransport } from "./transport/shared-transport.ts";
import type { TransportResponse } from "./transport/transport.ts";
import type { ChannelRequest, VendorChannel } from "./vendor-operations.ts";
import type { Warning } from "./warning.ts";

/** What of a call the transport needs. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/** An answer that may be read; `recovered` where it was made of a refusal. */
export interface VendorAnswer {
  readonly response: TransportResponse;
  readonly recovered?: Warning;
}

export interface SentRequest extends AddressedCall {
  readonly rendered: RenderedRequest;
  readonly context: ParseContext;
  /** Method and path, for errors. */
  readonly label: string;
}

export interface VendorConnection extends VendorChannel {
  readonly baseUrl: string;
  /** Method and path as the vendor sees them, without the query, for errors. */
  label(request: Pick<ChannelRequest, "method" | "path">): string;
  /** Sends a call that a dialect rendered. */
  sendCall(request: SentRequest, call: SendOptions): Promise<VendorAnswer>;
  /** Why there is no key, and what to do; undefined where there is one or none is needed. Throws `configuration`. */
  missingKey(): Promise<{ readonly detail: string; readonly nextStep: string } | undefined>;
  /** What to do about a key that is refused; undefined where no key is used. */
  readonly keyNextStep: string | undefined;
  /** The error with provider, model and request, and without the key. */
  locate(thrown: unknown, model: string, label?: string): DragomanError;
}

export function createVendorConnection(
  provider: string,
  definition: ProviderDefinition,
  loadDialect: () => Dialect | Promise<Dialect>,
): VendorConnection {
  const { options = {}, hooks = {} } = definition;
  const baseUrl = (options.baseUrl ?? definition.baseUrl).replace(/\/+$/, "");
  const signer = signerOf(provider, definition);
  const ownHeaders = { ...lowerCased(definition.headers), ...lowerCased(options.headers) };
  // Calls go to few paths, and putting an address together is a fiftieth of a call's CPU.
  const addressOf = remembering((path) => addressUnder(baseUrl, path), ADDRESSES_MAX);
  let secrets: readonly string[] = [];

  async function dispatch(request: ChannelRequest, call: SendOptions): Promise<TransportResponse> {
    const transport = options.transport ?? (await sharedTransport());
    const { url } = addressOf(request.path);
    const timeouts = call.timeouts === undefined ? options.timeouts : { ...options.timeouts, ...call.timeouts };
    const headers = { ...ownHeaders, ...lowerCased(request.headers) };
    const body = request.body === undefined || request.body instanceof Uint8Array ? request.body : jsonOf(request.body);
    if (typeof body === "string") headers["content-type"] = "application/json";
    if (signer !== undefined) {
      const unsigned = { method: request.method, url, headers, ...(body === undefined ? {} : { body }) };
      const signing = signer.sign(unsigned, call.signal === undefined ? {} : { signal: call.signal });
      // A key is at hand at once; a token may be fetched by a caller's own function, which may never come back.
      const signed = await (definition.auth.type === "signed" ? inTime(signing, call.signal, timeouts?.totalMs) : signing);
      secrets = signed.secrets;
      Object.assign(headers, signed.headers);
    }
    return transport.send({
      url,
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: call.signal,
      timeouts,
    });
  }

  async function sendCall({ rendered, context, label, ...addressed }: SentRequest, call: SendOptions): Promise<VendorAnswer> {
    const response = await dispatch(rendered, call);
    if (isGood(response)) return { response };
    const refused = await refusal(response, label);
    const recovered = await hooks.recover?.(refused, addressed);
    if (recovered !== undefined) return { response: responseOf(recovered.body), recovered: recovered.warning };
    throw (await loadDialect()).parseError(refused, context);
  }

  async function send(request: ChannelRequest, call: SendOptions): Promise<TransportResponse> {
    const response = await dispatch(request, call);
    if (isGood(response)) return response;
    throw (await loadDialect()).parseError(await refusal(response, label(request)), { provider, model: "" });
  }

  function label({ method, path }: Pick<ChannelRequest, "method" | "path">): string {
    return `${method} ${addressOf(path).pathname}`;
  }

  return {
    baseUrl,
    label,
    sendCall,
    send,
    fetchJson: async (request, call) => parseJsonBody(await (await send(request, call)).text()),
    missingKey: async () => signer?.missing(),
    keyNextStep: signer?.nextStep,
    locate: (thrown, model, request) =>
      withoutSecrets(toDragomanError(thrown), secrets).with({ provider, model: model === "" ? undefined : model, request }),
  };
}

/** How long credentials may take where the call sets no limit of its own. */
const SIGNING_MS_MAX = 60_000;

/** What is awaited, unless the call is over before. */
async function inTime<Value>(
  awaited: Value | Promise<Value>,
  signal: AbortSignal | undefined,
  totalMs = SIGNING_MS_MAX,
): Promise<Value> {
  const limitMs = Math.min(totalMs, SIGNING_MS_MAX);
  const { promise: over, reject } = Promise.withResolvers<never>();
  const detail = `the credentials were not there within ${Math.ceil(limitMs)} ms`;
  const timer = setTimeout(() => reject(new DragomanError({ code: "timeout", detail })), limitMs);
  const onAbort = (): void =>
    reject(new DragomanError({ code: "aborted", detail: "the caller aborted the call", cause: signal?.reason }));
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([awaited, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A caller's own key takes the place of the definition's; a scheme that signs knows its own credentials. */
function signerOf(provider: string, { auth, options = {} }: ProviderDefinition): RequestSigner | undefined {
  if (auth.type === "none") return undefined;
  if (auth.type === "signed") return auth.signer;
  return createKeySigner({
    provider,
    key: options.key ?? auth.key,
    optional: auth.optional ?? false,
    sources: options.secrets,
    ...headerOf(auth),
  });
}

function headerOf(auth: Extract<AuthScheme, { type: "bearer" | "header" }>): {
  readonly header: string;
  readonly headerValue: (key: string) => string;
} {
  if (auth.type === "bearer") return { header: "authorization", headerValue: (key) => `Bearer ${key}` };
  return { header: auth.name.toLowerCase(), headerValue: (key) => key };
}

function isGood(response: TransportResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** An answer that is not 2xx, read. Throws for a redirect. */
async function refusal(response: TransportResponse, label: string): Promise<ErrorResponse> {
  if (response.status < 400) {
    response.cancel();
    throw new DragomanError({
      code: "invalid_response",
      status: response.status,
      detail: "the vendor answered with a redirect, which is never followed",
      advice: "correct the base URL",
      retryable: false,
      request: label,
    });
  }
  return { status: response.status, headers: response.headers, body: await errorText(response), request: label };
}

/** A body at hand as an answer of the network. */
function responseOf(text: string): TransportResponse {
  const bytes = new TextEncoder().encode(text);
  return {
    status: 200,
    headers: {},
    body: (async function* () {
      yield bytes;
    })(),
    text: async () => text,
    cancel: () => undefined,
  };
}

/** Bytes of an error's body that are read. */
const ERROR_BYTES_MAX = 1_048_576;

/** A body over the limit costs its words, not the status. */
async function errorText(response: TransportResponse): Promise<string> {
  try {
    return await response.text(ERROR_BYTES_MAX);
  } catch (error) {
    if (DragomanError.is(error) && error.code === "invalid_response") return "an error whose body is too large to be read";
    throw error;
  }
}

/** Keys of the shapes that vendors issue are redacted everywhere; this takes out the very secrets that were sent. */
function withoutSecrets(error: DragomanError, secrets: readonly string[]): DragomanError {
  const { detail, field, requestId, vendorCode } = error;
  const said = [detail, field, requestId, vendorCode].join("\n");
  const spoken = secrets.filter((secret) => secret.length >= KEY_LENGTH_MIN && said.includes(secret));
  if (spoken.length === 0) return error;
  const clean = (text: string | undefined) =>
    spoken.reduce<string | undefined>((rest, secret) => rest?.replaceAll(secret, "***"), text);
  const { code, status, request, retryAfterMs, retryable, provider, model, advice } = error;
  return new DragomanError({
    code,
    detail: clean(detail) ?? "",
    status,
    request,
    field: clean(field),
    retryAfterMs,
    requestId: clean(requestId),
    vendorCode: clean(vendorCode),
    retryable,
    provider,
    model,
    advice,
  });
}

/** A shorter one is no secret, and would tear words apart. */
const KEY_LENGTH_MIN = 4;

/** A value of a caller's own that is no JSON (a circle, a bigint) is the request's fault. */
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    const detail = `the request holds what JSON cannot: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`;
    throw new DragomanError({ code: "invalid_request", detail });
  }
}

export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the body, unredacted.
    const start = text.trim().slice(0, 120);
    const detail = start === "" ? "the body is empty" : `the body is not JSON; it begins ${JSON.stringify(start)}`;
    throw new DragomanError({ code: "invalid_response", detail });
  }
}

/** Names in lower case, so that one name never goes out twice. */
function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lowered: Record<string, string> = {};
  for (const name in headers) lowered[name.toLowerCase()] = headers[name] ?? "";
  return lowered;
}

/** Where a path leads. */
interface Address {
  readonly url: string;
  /** As the vendor sees it, without the query. */
  readonly pathname: string;
}

/** Addresses kept at hand. Gemini has one for each model, and listings one for each page. */
const ADDRESSES_MAX = 256;

/** A path that begins with `../` leaves the base URL's own path, as for an engine's native routes beside `/v1`. */
function addressUnder(baseUrl: string, path: string): Address {
  const url = path.startsWith("../") ? new URL(path, `${baseUrl}/`).href : baseUrl + path;
  const pathStart = url.indexOf("/", url.indexOf("://") + 3);
  return { url, pathname: pathStart === -1 ? path : (url.slice(pathStart).split("?", 1)[0] ?? path) };
}
