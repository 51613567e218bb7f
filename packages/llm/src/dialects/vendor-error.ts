/**
 * Reads an error answer of any vendor in any shape: nested or flat objects, FastAPI's `detail`, a bare string, a proxy's
 * HTML, nothing at all. Gateways pass foreign shapes on, so no dialect may expect only its own.
 */
import type { ErrorResponse, ParseContext } from "../dialect.ts";
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { classifyVendorError } from "./error-classification.ts";
import { parseRetryAfter } from "./retry-after.ts";

const DETAIL_LENGTH_MAX = 2000;

interface ErrorShape {
  readonly message: string;
  readonly words: readonly string[];
  readonly field: string | undefined;
  readonly vendorCode: string | undefined;
  readonly requestId: string | undefined;
}

/** The error of an HTTP answer of 4xx or 5xx. */
export function parseVendorError(response: ErrorResponse, context: ParseContext): DragomanError {
  const body = parseBody(response.body);
  return build(body, response.status, context, response.request, response.headers);
}

/** The error inside a 200: an event of a stream, or a body that carries an error instead of an answer. */
export function vendorErrorFrom(
  body: unknown,
  status: number | undefined,
  context: ParseContext,
  request?: string,
): DragomanError {
  return build(body, status, context, request, {});
}

function build(
  body: unknown,
  status: number | undefined,
  context: ParseContext,
  request: string | undefined,
  headers: Readonly<Record<string, string>>,
): DragomanError {
  const shape = readShape(body);
  const effectiveStatus = status ?? statusWithin(body);
  const words = shape.words.join(" ").toLowerCase();
  const code = emptyOverflow(status, body)
    ? "context_overflow"
    : classifyVendorError({ status: effectiveStatus, message: shape.message, words });
  return new DragomanError({
    code,
    detail:
      shape.message.slice(0, DETAIL_LENGTH_MAX) || `the vendor answered ${effectiveStatus ?? "with an error"} without a message`,
    provider: context.provider,
    // Questions about no model in particular, as a listing, have none.
    model: context.model === "" ? undefined : context.model,
    status: effectiveStatus,
    request,
    field: shape.field,
    vendorCode: shape.vendorCode,
    requestId: shape.requestId ?? headers["request-id"] ?? headers["x-request-id"],
    retryAfterMs: parseRetryAfter(headers, body),
    retryable: saidRetryable(headers),
  });
}

/** `x-should-retry` is the vendor's own verdict (OpenAI, Anthropic); it goes over the table's. */
function saidRetryable(headers: Readonly<Record<string, string>>): boolean | undefined {
  const verdict = headers["x-should-retry"];
  return verdict === "true" ? true : verdict === "false" ? false : undefined;
}

/** Cerebras answers an overflow with 400 or 413 and no body at all. */
function emptyOverflow(status: number | undefined, body: unknown): boolean {
  return (status === 400 || status === 413) && body === "";
}

function parseBody(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  try {
    return JSON.parse(trimmed);
  } catch {
    return isHtml(trimmed) ? htmlSentence(trimmed) : trimmed;
  }
}

function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body)/i.test(text);
}

/** The page's title stands for the page. */
function htmlSentence(html: string): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(html)?.[1]?.trim();
  return title === undefined || title === ""
    ? "an HTML page instead of an answer, probably from a proxy"
    : `an HTML page: ${title}`;
}

/** A number that the body itself gives as its status, when it is one. */
function statusWithin(body: unknown): number | undefined {
  const holder = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(holder)) return undefined;
  const inner = isJsonObject(holder.error) ? holder.error : holder;
  for (const candidate of [inner.code, inner.status, inner.status_code, holder.status, inner.raw_status_code]) {
    const number = typeof candidate === "string" && /^\d{3}$/.test(candidate) ? Number(candidate) : candidate;
    if (typeof number === "number" && Number.isInteger(number) && number >= 400 && number < 600) return number;
  }
  return undefined;
}

function readShape(body: unknown): ErrorShape {
  if (typeof body === "string")
    return { message: body, words: [], field: undefined, vendorCode: undefined, requestId: undefined };
  // Google's streams wrap the error object into an array. One level: a body of nothing but brackets must not end the stack.
  if (Array.isArray(body)) return readShape(Array.isArray(body[0]) ? undefined : body[0]);
  if (!isJsonObject(body)) return { message: "", words: [], field: undefined, vendorCode: undefined, requestId: undefined };
  const inner = innermost(body);
  const type = stringOf(inner.type) ?? stringOf(inner.status);
  const code = stringOf(inner.code) ?? numberText(inner.code);
  const outerCode = inner === body ? undefined : stringOf(body.code);
  return {
    message: messageOf(inner, body),
    words: [type, code, outerCode, ...reasons(inner)].filter((word) => word !== undefined),
    field: fieldOf(inner),
    vendorCode: code !== undefined && Number.isNaN(Number(code)) ? code : (type ?? outerCode ?? code),
    requestId: stringOf(body.request_id) ?? stringOf(inner.request_id),
  };
}

/** The object that carries the message: `error`, `response.error` of Responses, or the body itself. */
function innermost(body: JsonObject): JsonObject {
  if (isJsonObject(body.error)) return body.error;
  const response = body.response;
  if (isJsonObject(response) && isJsonObject(response.error)) return response.error;
  const details = body.details;
  if (isJsonObject(details) && isJsonObject(details.error)) return details.error;
  return body;
}

function messageOf(inner: JsonObject, outer: JsonObject): string {
  const own = stringOf(inner.message) ?? stringOf(outer.error) ?? detailText(inner.detail) ?? stringOf(inner.msg);
  const metadata = inner.metadata;
  const upstream = isJsonObject(metadata) ? stringOf(metadata.raw) : undefined;
  const particulars = own === "Param Incorrect" ? stringOf(inner.param) : undefined;
  return [own, upstream ?? particulars].filter((text) => text !== undefined).join(": ");
}

/** FastAPI: a string, or a list of `{ loc, msg }`. */
function detailText(detail: unknown): string | undefined {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return undefined;
  const lines = detail.filter(isJsonObject).map((item) => {
    const location = Array.isArray(item.loc) ? item.loc.filter((step) => step !== "body").join(".") : "";
    return `${location}: ${stringOf(item.msg) ?? "invalid"}`;
  });
  return lines.join("; ");
}

/** `param` is a field's path only where it looks like one; some vendors put a sentence there. */
function fieldOf(inner: JsonObject): string | undefined {
  const param = stringOf(inner.param);
  return param !== undefined && /^[\w.[\]-]{1,200}$/.test(param) ? param : undefined;
}

/** `reason` words of google.rpc.ErrorInfo, and Azure's inner codes. */
function reasons(inner: JsonObject): string[] {
  const words: string[] = [];
  const details = inner.details;
  if (Array.isArray(details)) {
    for (const detail of details) {
      const reason = isJsonObject(detail) ? stringOf(detail.reason) : undefined;
      if (reason !== undefined) words.push(reason);
    }
  }
  const innerError = inner.innererror;
  const innerCode = isJsonObject(innerError) ? stringOf(innerError.code) : undefined;
  if (innerCode !== undefined) words.push(innerCode);
  return words;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberText(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : undefined;
}
