/** Errors for a client, in Google's shape. Source: google.rpc.Status and error_details.proto (googleapis). */
import type { RenderedError } from "../../dialect.ts";
import { type DragomanError, ERROR_TABLE } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";

/** The canonical status words for the HTTP status of our table; the second is sent where Google has no such status. */
const STATUSES: Readonly<Record<number, { readonly word: string; readonly http?: number }>> = {
  400: { word: "INVALID_ARGUMENT" },
  401: { word: "UNAUTHENTICATED" },
  402: { word: "RESOURCE_EXHAUSTED", http: 429 },
  403: { word: "PERMISSION_DENIED" },
  404: { word: "NOT_FOUND" },
  405: { word: "UNIMPLEMENTED" },
  413: { word: "INVALID_ARGUMENT" },
  429: { word: "RESOURCE_EXHAUSTED" },
  499: { word: "CANCELLED" },
  500: { word: "INTERNAL" },
  502: { word: "UNAVAILABLE", http: 503 },
  503: { word: "UNAVAILABLE" },
  504: { word: "DEADLINE_EXCEEDED" },
  529: { word: "UNAVAILABLE", http: 503 },
};

const TYPE = "type.googleapis.com/google.rpc.";

export function renderError(error: DragomanError): RenderedError {
  const row = ERROR_TABLE[error.code];
  const { word, http } = STATUSES[row.httpStatus] ?? { word: "UNKNOWN" };
  const status = http ?? row.httpStatus;
  const seconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  return {
    status,
    headers: seconds === undefined ? {} : { "retry-after": String(seconds) },
    body: { error: { code: status, message: error.message, status: word, details: detailsOf(error) } },
  };
}

/** Our own code as `ErrorInfo`; when to come back and which field is wrong, where that is known. */
function detailsOf(error: DragomanError): JsonObject[] {
  const details: JsonObject[] = [{ "@type": `${TYPE}ErrorInfo`, reason: error.code.toUpperCase(), domain: "dragoman" }];
  if (error.retryAfterMs !== undefined) {
    details.push({ "@type": `${TYPE}RetryInfo`, retryDelay: `${error.retryAfterMs / 1000}s` });
  }
  if (error.field !== undefined) {
    const violation = { field: error.field, description: error.detail };
    details.push({ "@type": `${TYPE}BadRequest`, fieldViolations: [violation] });
  }
  return details;
}
