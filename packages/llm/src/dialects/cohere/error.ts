/** Errors of this wire, both ways: `{ "message": "words" }` with a status, or words at the end of a stream. */
import type { ErrorResponse, ParseContext, RenderedError } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { parseVendorError, vendorErrorFrom } from "../vendor-error.ts";

/** Status 498, which is no standard's, is Cohere's for a blocked or malformed key. Source: `InvalidTokenError` of cohere-ai. */
const INVALID_TOKEN = 498;

export function parseError(response: ErrorResponse, context: ParseContext): DragomanError {
  if (response.status !== INVALID_TOKEN) return parseVendorError(response, context);
  const error = parseVendorError({ ...response, status: 401 }, context);
  const { detail, requestId } = error;
  const { provider, model } = context;
  return new DragomanError({
    code: "authentication",
    detail,
    status: INVALID_TOKEN,
    provider,
    model: model === "" ? undefined : model,
    request: response.request,
    requestId,
  });
}

/** The error inside a body or event that should have been an answer, or undefined when it is none. */
export function errorWithin(body: JsonObject, context: ParseContext): DragomanError | undefined {
  const isPlain = typeof body.message === "string";
  const isForeign = body.message === undefined && (typeof body.error === "string" || isJsonObject(body.error));
  return isPlain || isForeign ? vendorErrorFrom(body, undefined, context) : undefined;
}

/** What the end of an answer says of a failure: `error` beside the finish reason. Source: recorded streams. */
export function errorAtEnd(words: JsonValue | undefined, finishWord: JsonValue | undefined, context: ParseContext) {
  if (typeof words !== "string" || words === "") return undefined;
  return vendorErrorFrom({ message: words, type: finishWord === "TIMEOUT" ? "timeout_error" : "error" }, undefined, context);
}

export function invalidResponse(detail: string, { provider, model }: ParseContext): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, provider, model });
}

export function renderError(error: DragomanError): RenderedError {
  const status = error.status !== undefined && error.status >= 400 ? error.status : ERROR_TABLE[error.code].httpStatus;
  const headers: Record<string, string> =
    error.retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) };
  const id: JsonObject = error.requestId === undefined ? {} : { id: error.requestId };
  return { status, headers, body: { ...id, message: renderErrorWords(error) } };
}

/** Clients look for these words to shorten the conversation, so they stand first. */
const OVERFLOW_WORDS = "too many tokens: total number of tokens in the prompt";

/** The words alone, as they also stand at the end of a stream. */
export function renderErrorWords(error: DragomanError): string {
  const isOverflow = error.code === "context_overflow" && !error.detail.includes(OVERFLOW_WORDS);
  return isOverflow ? `${OVERFLOW_WORDS} is over the limit. ${error.message}` : error.message;
}
