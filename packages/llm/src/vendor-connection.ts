/**
 * The way to one vendor: its address, its key, its headers. Sends what a dialect rendered, gives back an answer of 2xx, and
 * turns everything else into an error of the table. The key goes into the header and nowhere else: it is taken out of
 * whatever the vendor says, whatever the key looks like.
 */
import type { Dialect, ParseContext, RenderedRequest } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import type { AuthScheme, ProviderDefinition } from "./provider-definition.ts";
import type { Timeouts } from "./request.ts";
import { describeSecret, resolveSecret, type Secret, type SecretReference } from "./secret.ts";
import type { Transport, TransportResponse } from "./transport/transport.ts";

/** What of a call the transport needs. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Timeouts | undefined;
}

export type JsonRequest = Pick<RenderedRequest, "method" | "path"> & {
  readonly headers?: RenderedRequest["headers"];
  readonly body?: object;
};

export interface VendorConnection {
  readonly baseUrl: string;
  /** Method and path as the vendor sees them, without the query, for errors. */
  label(request: Pick<RenderedRequest, "method" | "path">): string;
  send(request: RenderedRequest, context: ParseContext, label: string, call: SendOptions): Promise<TransportResponse>;
  /** One JSON request that is no completion. */
  fetchJson(request: JsonRequest, call: SendOptions): Promise<unknown>;
  /** Why there is no key, and what to do; undefined where there is one or none is needed. Throws `configuration`. */
  missingKey(): Promise<{ readonly detail: string; readonly nextStep: string } | undefined>;
  /** What to do about a key that is refused; undefined where no key is used. */
  readonly keyNextStep: string | undefined;
  /** The error with provider, model and request, and without the key. */
  locate(thrown: unknown, model: string, label?: string): DragomanError;
}

export function createVendorConnection(provider: string, definition: ProviderDefinition): VendorConnection {
  const { dialect, options = {} } = definition;
  const baseUrl = (options.baseUrl ?? definition.baseUrl).replace(/\/+$/, "");
  const auth: AuthScheme =
    options.key !== undefined && definition.auth.type !== "none" ? { ...definition.auth, key: options.key } : definition.auth;
  const ownHeaders = { ...lowerCased(definition.headers), ...lowerCased(options.headers) };
  let key: Promise<Secret | undefined> | undefined;
  let revealed: string | undefined;

  async function headersFor(request: RenderedRequest): Promise<Record<string, string>> {
    const headers = { ...ownHeaders, ...lowerCased(request.headers) };
    if (request.body !== undefined) headers["content-type"] = "application/json";
    if (auth.type === "none") return headers;
    const secret = await readKey(auth);
    if (secret === undefined) {
      if (auth.optional === true) return headers;
      const detail = `no key: ${describeSecret(auth.key)} is not set`;
      throw new DragomanError({ code: "authentication", provider, detail, advice: nextStepForKey(auth.key) });
    }
    revealed = secret.reveal();
    if (auth.type === "bearer") headers.authorization = `Bearer ${revealed}`;
    else headers[auth.name.toLowerCase()] = revealed;
    return headers;
  }

  /** Read once; a key that was missing or unreadable is looked for again at the next call. */
  async function readKey({ key: reference }: Exclude<AuthScheme, { type: "none" }>): Promise<Secret | undefined> {
    key ??= resolveSecret(reference, options.secrets);
    let secret: Secret | undefined;
    try {
      secret = await key;
    } finally {
      if (secret === undefined) key = undefined;
    }
    return secret;
  }

  async function send(
    request: RenderedRequest,
    context: ParseContext,
    label: string,
    call: SendOptions,
  ): Promise<TransportResponse> {
    const transport = options.transport ?? (await sharedTransport());
    const response = await transport.send({
      url: addressOf(baseUrl, request.path),
      method: request.method,
      headers: await headersFor(request),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: call.signal,
      timeouts: call.timeouts === undefined ? options.timeouts : { ...options.timeouts, ...call.timeouts },
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw await refusal(dialect, response, context, label);
  }

  async function fetchJson({ body, headers = {}, method, path }: JsonRequest, call: SendOptions): Promise<unknown> {
    const request: RenderedRequest = {
      method,
      path,
      headers,
      warnings: [],
      ...(body === undefined ? {} : { body: body as never }),
    };
    const response = await send(request, { provider, model: "" }, label(request), call);
    return parseJsonBody(await response.text());
  }

  function label({ method, path }: Pick<RenderedRequest, "method" | "path">): string {
    const address = addressOf(baseUrl, path);
    // By hand: parsing the URL would be a twentieth of a call's CPU.
    const pathStart = address.indexOf("/", address.indexOf("://") + 3);
    return `${method} ${pathStart === -1 ? path : address.slice(pathStart).split("?", 1)[0]}`;
  }

  return {
    baseUrl,
    label,
    send,
    fetchJson,
    missingKey: async () => {
      if (auth.type === "none" || auth.optional === true || (await readKey(auth)) !== undefined) return undefined;
      return { detail: `${describeSecret(auth.key)} is not set`, nextStep: nextStepForKey(auth.key) };
    },
    keyNextStep: auth.type === "none" ? undefined : nextStepForKey(auth.key),
    locate: (thrown, model, request) => withoutKey(toDragomanError(thrown), revealed).with({ provider, model, request }),
  };
}

/** The error of an answer that is not 2xx. */
async function refusal(
  dialect: Dialect,
  response: TransportResponse,
  context: ParseContext,
  label: string,
): Promise<DragomanError> {
  if (response.status < 400) {
    response.cancel();
    return new DragomanError({
      code: "invalid_response",
      status: response.status,
      detail: "the vendor answered with a redirect, which is never followed",
      advice: "correct the base URL",
      ...context,
      request: label,
    });
  }
  const body = await errorText(response);
  return dialect.parseError({ status: response.status, headers: response.headers, body, request: label }, context);
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

/** Keys of the shapes that vendors issue are redacted everywhere; this takes out the very key that was sent. */
function withoutKey(error: DragomanError, key: string | undefined): DragomanError {
  if (key === undefined || key.length < KEY_LENGTH_MIN || !error.detail.includes(key)) return error;
  const { code, status, request, field, retryAfterMs, requestId, vendorCode, retryable, provider, model } = error;
  const detail = error.detail.replaceAll(key, "***");
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
    provider,
    model,
  });
}

/** A shorter one is no secret, and would tear words apart. */
const KEY_LENGTH_MIN = 4;

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

function nextStepForKey(key: SecretReference): string {
  const described = describeSecret(key);
  return described.startsWith("env:")
    ? `set ${described.slice("env:".length)} in the environment or in .env`
    : `check ${described}`;
}

/** Names in lower case, so that one name never goes out twice. */
function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lowered: Record<string, string> = {};
  for (const name in headers) lowered[name.toLowerCase()] = headers[name] ?? "";
  return lowered;
}

/** A path that begins with `../` leaves the base URL's own path, as for an engine's native routes beside `/v1`. */
function addressOf(baseUrl: string, path: string): string {
  return path.startsWith("../") ? new URL(path, `${baseUrl}/`).href : baseUrl + path;
}

let shared: Promise<Transport> | undefined;

/** One connection pool for the process, opened at the first call. The only thing that providers share. */
function sharedTransport(): Promise<Transport> {
  shared ??= import("./transport/undici-transport.ts").then((module) => module.createUndiciTransport());
  return shared;
}
