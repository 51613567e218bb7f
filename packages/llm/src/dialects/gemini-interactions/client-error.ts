import type { RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";

/** The wire's words: Google's canonical codes in small letters, but for `invalid_request`, which is recorded. */
const WORDS: { readonly [Code in ErrorCode]?: string } = {
  authentication: "unauthenticated",
  permission_denied: "permission_denied",
  quota_exceeded: "resource_exhausted",
  rate_limited: "resource_exhausted",
  overloaded: "unavailable",
  model_loading: "unavailable",
  provider_unavailable: "unavailable",
  connection_failed: "unavailable",
  timeout: "deadline_exceeded",
  model_not_found: "not_found",
  unknown_model: "not_found",
  not_found: "not_found",
  aborted: "cancelled",
};

/** Google has no 529. */
const STATUSES: { readonly [Code in ErrorCode]?: number } = { overloaded: 503 };

export function renderError(error: DragomanError): RenderedError {
  const status = STATUSES[error.code] ?? ERROR_TABLE[error.code].httpStatus;
  const code = WORDS[error.code] ?? (status < 500 ? "invalid_request" : "internal");
  const { retryAfterMs } = error;
  return {
    status,
    headers: retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
    body: { error: { message: error.message, code } },
  };
}
