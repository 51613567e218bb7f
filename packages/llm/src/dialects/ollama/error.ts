/** Errors of this wire, both ways: `{ "error": "words" }`, with a status or as a line of a stream. */
import type { ParseContext, RenderedError } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { vendorErrorFrom } from "../vendor-error.ts";

export { parseVendorError as parseError } from "../vendor-error.ts";

/** The error inside a 200, or undefined when the body or line is none. */
export function errorWithin(body: JsonObject, context: ParseContext): DragomanError | undefined {
  const { error } = body;
  const isError = (typeof error === "string" && error !== "") || isJsonObject(error);
  return isError ? vendorErrorFrom(body, undefined, context) : undefined;
}

export function invalidResponse(detail: string, context: ParseContext, cause?: unknown): DragomanError {
  return new DragomanError({
    code: "invalid_response",
    detail,
    provider: context.provider,
    model: context.model,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function renderError(error: DragomanError): RenderedError {
  const status = error.status !== undefined && error.status >= 400 ? error.status : ERROR_TABLE[error.code].httpStatus;
  const headers: Record<string, string> =
    error.retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) };
  return { status, headers, body: renderErrorBody(error) };
}

/** The same in a body and as a line of a stream. */
export function renderErrorBody(error: DragomanError): JsonObject {
  return { error: error.message };
}
