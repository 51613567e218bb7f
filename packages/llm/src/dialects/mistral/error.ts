/** Errors: a vendor's answer to ours, and ours in Mistral's flat form. */
import type { RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";

export { parseVendorError as parseError } from "../vendor-error.ts";

interface ErrorWords {
  readonly type: string;
  /** The vendor numbers its errors; null where its number is not known. */
  readonly code: string | null;
}

/** Source: the answers of the API. Where it has no words of its own, the type is ours. */
const WORDS: { readonly [Code in ErrorCode]?: ErrorWords } = {
  rate_limited: { type: "rate_limited", code: "1300" },
  model_not_found: { type: "invalid_model", code: "1500" },
  unknown_model: { type: "invalid_model", code: "1500" },
  unsupported: { type: "invalid_request_invalid_args", code: "3051" },
  overloaded: { type: "service_tier_capacity_exceeded", code: "3505" },
  authentication: { type: "unauthorized", code: null },
  permission_denied: { type: "permission_denied", code: null },
  quota_exceeded: { type: "insufficient_quota", code: null },
  content_refused: { type: "content_policy_violation", code: null },
  context_overflow: { type: "context_length_exceeded", code: null },
};

export function renderError(error: DragomanError): RenderedError {
  const status = error.status !== undefined && error.status >= 400 ? error.status : ERROR_TABLE[error.code].httpStatus;
  return { status, headers: retryHeaders(error), body: { ...renderErrorBody(error), raw_status_code: status } };
}

/** The same in a body and inside a stream. */
export function renderErrorBody(error: DragomanError): JsonObject {
  const { type, code } = WORDS[error.code] ?? { type: defaultType(error.code), code: null };
  return { object: "error", message: error.message, type, param: error.field ?? null, code };
}

function defaultType(code: ErrorCode): string {
  return ERROR_TABLE[code].httpStatus < 500 ? "invalid_request_error" : "internal_server_error";
}

function retryHeaders(error: DragomanError): Record<string, string> {
  return error.retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) };
}
