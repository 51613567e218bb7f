/** A result as one line of JSON, and back: what a local run keeps of its work. */
import { createHash } from "node:crypto";
import type { BatchResult } from "../batch.ts";
import type { Completion } from "../completion.ts";
import { DragomanError, ERROR_TABLE, type ErrorCode } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CompletionRequest } from "../request.ts";

/** What became of an item, and of which request. */
export interface ResultRecord {
  readonly result: BatchResult;
  readonly requestHash: string;
}

/** The line, with its end. */
export function renderRecord({ result, requestHash }: ResultRecord): string {
  const outcome = "completion" in result ? { completion: result.completion } : { error: errorFields(result.error) };
  return `${JSON.stringify({ id: result.id, request: requestHash, ...outcome })}\n`;
}

/** Undefined for a line that is none of ours. */
export function parseRecord({ id, request: requestHash, completion, error }: JsonObject): ResultRecord | undefined {
  if (typeof id !== "string" || typeof requestHash !== "string") return undefined;
  if (isCompletion(completion)) return { requestHash, result: { id, completion } };
  const failure = isJsonObject(error) ? parseError(error) : undefined;
  return failure === undefined ? undefined : { requestHash, result: { id, error: failure } };
}

/** Equal for requests that are equal, whatever the order of their fields. */
export function requestHash(request: CompletionRequest): string {
  const text = JSON.stringify(request, (_key, value: unknown) => (isJsonObject(value) ? sorted(value) : value));
  return createHash("sha256").update(text).digest("base64url");
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

const TEXTS = ["provider", "model", "request", "field", "requestId", "vendorCode", "advice"] as const;
const NUMBERS = ["status", "retryAfterMs"] as const;

function errorFields(error: DragomanError): JsonObject {
  const fields: Record<string, string | number | boolean> = {
    code: error.code,
    detail: error.detail,
    retryable: error.retryable,
  };
  for (const name of [...TEXTS, ...NUMBERS]) {
    const value = error[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function parseError(fields: JsonObject): DragomanError | undefined {
  const { code, detail, retryable } = fields;
  if (!isErrorCode(code) || typeof detail !== "string" || typeof retryable !== "boolean") return undefined;
  const texts = TEXTS.map((name) => [name, typeof fields[name] === "string" ? fields[name] : undefined] as const);
  const numbers = NUMBERS.map((name) => [name, typeof fields[name] === "number" ? fields[name] : undefined] as const);
  return new DragomanError({ code, detail, retryable, ...Object.fromEntries([...texts, ...numbers]) });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_TABLE, code);
}

/** Written by us alone, so that its depth is trusted. */
function isCompletion(value: unknown): value is Completion {
  return isJsonObject(value) && isJsonObject(value.message) && Array.isArray(value.message.parts) && isJsonObject(value.finish);
}
