/** Errors: a vendor's answer to ours, and ours in OpenAI's words. */
import type { ErrorResponse, ParseContext, RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parseVendorError } from "../vendor-error.ts";
import { withFailedGeneration } from "./failed-generation.ts";

/** A vendor's answer to ours. Groq's carries what the model wrote, which belongs into the message. */
export function parseError(response: ErrorResponse, context: ParseContext): DragomanError {
  if (!response.body.includes('"failed_generation"')) return parseVendorError(response, context);
  return parseVendorError({ ...response, body: told(response.body) }, context);
}

function told(body: string): string {
  try {
    return JSON.stringify(withFailedGeneration(JSON.parse(body)));
  } catch {
    return body;
  }
}

interface ErrorWords {
  readonly type: string;
  readonly code: string;
}

/** Source: OpenAI, "Error codes", and the bodies that its API sends. Codes that it does not have go under our own name. */
const WORDS: { readonly [Code in ErrorCode]?: ErrorWords } = {
  context_overflow: { type: "invalid_request_error", code: "context_length_exceeded" },
  content_refused: { type: "invalid_request_error", code: "content_policy_violation" },
  authentication: { type: "invalid_request_error", code: "invalid_api_key" },
  permission_denied: { type: "permission_error", code: "permission_denied" },
  quota_exceeded: { type: "insufficient_quota", code: "insufficient_quota" },
  rate_limited: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  overloaded: { type: "overloaded_error", code: "overloaded" },
  model_not_found: { type: "invalid_request_error", code: "model_not_found" },
  unknown_model: { type: "invalid_request_error", code: "model_not_found" },
};

export function renderError(error: DragomanError): RenderedError {
  const status = error.status !== undefined && error.status >= 400 ? error.status : ERROR_TABLE[error.code].httpStatus;
  return { status, headers: retryHeaders(error), body: { error: renderErrorObject(error) } };
}

/** The object under `error`, the same in a body and inside a stream. */
export function renderErrorObject(error: DragomanError): JsonObject {
  const words = WORDS[error.code] ?? { type: defaultType(error.code), code: error.code };
  return { message: error.message, type: words.type, param: error.field ?? null, code: words.code };
}

function defaultType(code: ErrorCode): string {
  return ERROR_TABLE[code].httpStatus < 500 ? "invalid_request_error" : "server_error";
}

/** `x-should-retry` is what OpenAI's own SDKs obey before any status. */
function retryHeaders(error: DragomanError): Record<string, string> {
  const headers: Record<string, string> = { "x-should-retry": String(error.retryable) };
  if (error.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
    headers["retry-after-ms"] = String(Math.ceil(error.retryAfterMs));
  }
  return headers;
}
