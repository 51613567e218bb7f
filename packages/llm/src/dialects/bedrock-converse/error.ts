/**
 * Errors of this wire, both ways. AWS names the kind of an error in the header `x-amzn-errortype` (what follows a colon says
 * nothing) or in the body's `__type`, and inside a stream as the name of the event; the words are the body's `message`, with
 * either spelling. The name decides where it says enough, the words elsewhere.
 */
import type { ErrorResponse, ParseContext, RenderedError } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { parseVendorError, vendorErrorFrom } from "../vendor-error.ts";

/**
 * Kinds that say enough by themselves. Those that are left out (ValidationException) are told apart by their words.
 * Source: the exceptions of @aws-sdk/client-bedrock-runtime, and AWS's list of common errors.
 */
const CODE_BY_KIND: ReadonlyMap<string, ErrorCode> = new Map([
  ["throttlingexception", "rate_limited"],
  ["toomanyrequestsexception", "rate_limited"],
  ["servicequotaexceededexception", "quota_exceeded"],
  ["accessdeniedexception", "permission_denied"],
  ["unrecognizedclientexception", "authentication"],
  ["invalidsignatureexception", "authentication"],
  ["incompletesignatureexception", "authentication"],
  ["missingauthenticationtokenexception", "authentication"],
  ["missingauthenticationtoken", "authentication"],
  ["expiredtokenexception", "authentication"],
  ["expiredtoken", "authentication"],
  ["invalidclienttokenid", "authentication"],
  ["resourcenotfoundexception", "model_not_found"],
  ["modelnotreadyexception", "model_loading"],
  ["modeltimeoutexception", "timeout"],
  ["modelerrorexception", "vendor_error"],
  ["modelstreamerrorexception", "vendor_error"],
]);

/** Kinds that say little: they count where the words and the status say no more. */
const CODE_BY_VAGUE_KIND: ReadonlyMap<string, ErrorCode> = new Map([
  ["internalserverexception", "vendor_error"],
  ["internalfailure", "vendor_error"],
  ["serviceunavailableexception", "overloaded"],
  ["serviceunavailable", "overloaded"],
  ["unknownoperationexception", "not_found"],
  ["validationexception", "invalid_request"],
]);

/** What the words and the status come to where neither says anything. */
const VAGUE_CODES: ReadonlySet<ErrorCode> = new Set(["vendor_error", "invalid_request"]);

/** A key of Bedrock's own that is wrong or too old is told as "access denied". */
const KEY_WORDS = /api key|bearer token|security token|token.{0,40}expired|signature/i;
const MODEL_WORDS = /model identifier is invalid|reached the end of its life/i;
const PROFILE_WORDS = /on-demand throughput isn.t supported/i;

export function parseError(response: ErrorResponse, context: ParseContext): DragomanError {
  const body = bodyOf(response.body);
  const kind = kindIn(response.headers["x-amzn-errortype"]) ?? kindIn(body?.__type) ?? kindIn(body?.code);
  const message = body?.message ?? body?.Message;
  const plain =
    body === undefined || typeof message !== "string"
      ? response
      : { ...response, body: JSON.stringify({ ...body, message, ...(kind === undefined ? {} : { type: kind }) }) };
  const error = parseVendorError(plain, context);
  return settled(error, kind, response.headers["x-amzn-requestid"], context);
}

/** An exception inside a stream, by the name of its event. */
export function streamException(kind: string, body: JsonObject, context: ParseContext): DragomanError {
  const message = body.message ?? body.Message ?? body.originalMessage;
  const words = typeof message === "string" && message !== "" ? message : `the stream broke off with ${kind}`;
  return settled(vendorErrorFrom({ message: words, type: kind }, undefined, context), kind, undefined, context);
}

/** The error inside a body that should have been an answer, or undefined when it is none. */
export function errorWithin(body: JsonObject, context: ParseContext): DragomanError | undefined {
  const message = body.message ?? body.Message;
  const isForeign = message === undefined && (typeof body.error === "string" || isJsonObject(body.error));
  const kind = kindIn(body.__type);
  if (isForeign) return vendorErrorFrom(body, undefined, context);
  if (typeof message !== "string") return undefined;
  return settled(
    vendorErrorFrom({ ...body, message, ...(kind === undefined ? {} : { type: kind }) }, undefined, context),
    kind,
    undefined,
    context,
  );
}

function bodyOf(text: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** `ThrottlingException` of `ThrottlingException:http://…` and of `com.amazon.coral.service#ThrottlingException`. */
function kindIn(value: unknown): string | undefined {
  const kind = typeof value === "string" ? (value.split("#").at(-1)?.split(":", 1)[0] ?? "") : "";
  return /^[A-Za-z]+$/.test(kind) ? kind : undefined;
}

function settled(
  error: DragomanError,
  kind: string | undefined,
  requestId: string | undefined,
  context: ParseContext,
): DragomanError {
  const code = codeFor(error, kind);
  const needsProfile = PROFILE_WORDS.test(error.detail);
  return new DragomanError({
    code,
    detail: error.detail,
    provider: error.provider,
    model: error.model,
    status: error.status,
    request: error.request,
    field: error.field,
    retryAfterMs: error.retryAfterMs,
    requestId: error.requestId ?? requestId,
    vendorCode: kind ?? error.vendorCode,
    ...(error.retryable === ERROR_TABLE[error.code].retryable ? {} : { retryable: error.retryable }),
    ...(needsProfile ? { advice: `name an inference profile of the model, as in us.${context.model}` } : {}),
  });
}

function codeFor(error: DragomanError, kind: string | undefined): ErrorCode {
  const { detail, status } = error;
  if (PROFILE_WORDS.test(detail)) return "unsupported";
  const isCallers = status === undefined || (status >= 400 && status < 500);
  if (isCallers && MODEL_WORDS.test(detail)) return "model_not_found";
  if ((kind?.toLowerCase() === "accessdeniedexception" || status === 403) && KEY_WORDS.test(detail)) return "authentication";
  const name = kind?.toLowerCase() ?? "";
  const vague = VAGUE_CODES.has(error.code) ? CODE_BY_VAGUE_KIND.get(name) : undefined;
  return CODE_BY_KIND.get(name) ?? vague ?? error.code;
}

// Towards a client

interface AwsError {
  readonly kind: string;
  readonly status: number;
}

const VALIDATION: AwsError = { kind: "ValidationException", status: 400 };
const INTERNAL: AwsError = { kind: "InternalServerException", status: 500 };

const AWS_BY_CODE: Partial<Record<ErrorCode, AwsError>> = {
  authentication: { kind: "UnrecognizedClientException", status: 403 },
  permission_denied: { kind: "AccessDeniedException", status: 403 },
  quota_exceeded: { kind: "ServiceQuotaExceededException", status: 400 },
  rate_limited: { kind: "ThrottlingException", status: 429 },
  overloaded: { kind: "ServiceUnavailableException", status: 503 },
  provider_unavailable: { kind: "ServiceUnavailableException", status: 503 },
  model_not_found: { kind: "ResourceNotFoundException", status: 404 },
  unknown_model: { kind: "ResourceNotFoundException", status: 404 },
  model_loading: { kind: "ModelNotReadyException", status: 429 },
  timeout: { kind: "ModelTimeoutException", status: 408 },
  request_too_large: { kind: "RequestEntityTooLargeException", status: 413 },
  not_found: { kind: "UnknownOperationException", status: 404 },
  method_not_allowed: { kind: "UnknownOperationException", status: 405 },
};

function awsError(error: DragomanError): AwsError {
  return AWS_BY_CODE[error.code] ?? (ERROR_TABLE[error.code].httpStatus >= 500 ? INTERNAL : VALIDATION);
}

export function renderError(error: DragomanError): RenderedError {
  const { kind, status } = awsError(error);
  const headers: Record<string, string> = { "x-amzn-errortype": kind };
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  if (error.requestId !== undefined) headers["x-amzn-requestid"] = error.requestId;
  return { status, headers, body: { message: messageOf(error) } };
}

/** The exceptions that a stream has. Source: ConverseStreamOutput of @aws-sdk/client-bedrock-runtime. */
const IN_STREAM: ReadonlyMap<string, string> = new Map([
  ["ThrottlingException", "throttlingException"],
  ["ServiceUnavailableException", "serviceUnavailableException"],
  ["ValidationException", "validationException"],
  ["InternalServerException", "internalServerException"],
]);

/** Name and payload of the exception that ends a stream. */
export function renderException(error: DragomanError): { readonly name: string; readonly body: JsonObject } {
  const name = IN_STREAM.get(awsError(error).kind) ?? "modelStreamErrorException";
  return { name, body: { message: messageOf(error) } };
}

/** Clients look for these words to shorten the conversation, so they stand first. */
const OVERFLOW_WORDS = "Input is too long for requested model";

function messageOf(error: DragomanError): string {
  const isOverflow = error.code === "context_overflow" && !error.detail.includes(OVERFLOW_WORDS);
  return isOverflow ? `${OVERFLOW_WORDS}. ${error.message}` : error.message;
}
