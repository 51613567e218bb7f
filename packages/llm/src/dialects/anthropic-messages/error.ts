/** Errors of this wire, both ways: `{ type: "error", error: { type, message }, request_id }`. */
import type { ErrorResponse, ParseContext, RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { parseVendorError, vendorErrorFrom } from "../vendor-error.ts";

export function parseError(response: ErrorResponse, context: ParseContext): DragomanError {
  return parseVendorError(response, context);
}

/** The error inside a body or event that should have been an answer, or undefined when it is none. */
export function errorWithin(body: unknown, context: ParseContext): DragomanError | undefined {
  if (!isJsonObject(body)) return undefined;
  const isError = body.type === "error" || (body.error !== undefined && body.error !== null && body.type !== "message");
  return isError ? vendorErrorFrom(body, undefined, context) : undefined;
}

/** Anthropic's own types. Source: docs.claude.com, "Errors", and ErrorType of @anthropic-ai/sdk. */
const TYPE_BY_CODE: Partial<Record<ErrorCode, string>> = {
  authentication: "authentication_error",
  permission_denied: "permission_error",
  quota_exceeded: "billing_error",
  model_not_found: "not_found_error",
  unknown_model: "not_found_error",
  not_found: "not_found_error",
  request_too_large: "request_too_large",
  rate_limited: "rate_limit_error",
  overloaded: "overloaded_error",
  timeout: "timeout_error",
};

export function renderError(error: DragomanError): RenderedError {
  const status = error.status !== undefined && error.status >= 400 ? error.status : ERROR_TABLE[error.code].httpStatus;
  const headers: Record<string, string> = { "x-should-retry": String(error.retryable) };
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  if (error.requestId !== undefined) headers["request-id"] = error.requestId;
  return { status, headers, body: renderErrorBody(error, status) };
}

/** The body alone, as it also stands in the `error` event of a stream. */
export function renderErrorBody(error: DragomanError, status: number = ERROR_TABLE[error.code].httpStatus): JsonObject {
  const type = TYPE_BY_CODE[error.code] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  return {
    type: "error",
    error: { type, message: messageOf(error) },
    ...(error.requestId === undefined ? {} : { request_id: error.requestId }),
  };
}

/** Clients look for these words to shorten the conversation, so they stand first. */
const OVERFLOW_WORDS = "prompt is too long";

function messageOf(error: DragomanError): string {
  const { detail, field } = error;
  const words = error.code === "context_overflow" && !detail.includes(OVERFLOW_WORDS) ? `${OVERFLOW_WORDS}: ${detail}` : detail;
  const place = field === undefined ? "" : `${field.replace(/\[(\d+)\]/g, ".$1")}: `;
  return `${place}${words}. Next: ${error.advice}`;
}
