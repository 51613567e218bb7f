/** Errors of this wire: `{ error: { message, type, param, code } }`, both ways. */
import type { ErrorResponse, ParseContext, RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parseVendorError } from "../vendor-error.ts";

export function parseError(response: ErrorResponse, context: ParseContext): DragomanError {
  return parseVendorError(response, context);
}

/** OpenAI's words, as its clients know them: type and code. Source: platform.openai.com/docs/guides/error-codes. */
const WORDS: Partial<Record<ErrorCode, readonly [type: string, code: string | null]>> = {
  invalid_request: ["invalid_request_error", null],
  unsupported: ["invalid_request_error", "unsupported_value"],
  schema_unsupported: ["invalid_request_error", "invalid_json_schema"],
  request_too_large: ["invalid_request_error", "request_too_large"],
  context_overflow: ["invalid_request_error", "context_length_exceeded"],
  content_refused: ["invalid_request_error", "content_filter"],
  authentication: ["invalid_request_error", "invalid_api_key"],
  permission_denied: ["invalid_request_error", "permission_denied"],
  quota_exceeded: ["insufficient_quota", "insufficient_quota"],
  rate_limited: ["requests", "rate_limit_exceeded"],
  model_not_found: ["invalid_request_error", "model_not_found"],
  unknown_model: ["invalid_request_error", "model_not_found"],
  ambiguous_model: ["invalid_request_error", "ambiguous_model"],
  not_found: ["invalid_request_error", "not_found"],
  overloaded: ["server_error", "server_is_overloaded"],
};

/** The error object that stands under `error` in a body and in a failed response. */
export function errorObject(error: DragomanError): JsonObject {
  const [type, code] = WORDS[error.code] ?? ["server_error", error.code];
  return { message: error.message, type, param: error.field ?? null, code: code ?? error.vendorCode ?? null };
}

export function renderError(error: DragomanError): RenderedError {
  const { status } = error;
  const told = status !== undefined && status >= 400 && status < 600;
  // Clients of OpenAI obey `x-should-retry` before they look at the status.
  const headers: Record<string, string> = { "x-should-retry": String(error.retryable) };
  if (error.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
    headers["retry-after-ms"] = String(Math.ceil(error.retryAfterMs));
  }
  return { status: told ? status : ERROR_TABLE[error.code].httpStatus, headers, body: { error: errorObject(error) } };
}
