/**
 * Reads a client's JSON field by field and refuses with the field's path. For requests only: a vendor's answers are read
 * leniently, each dialect in its own way.
 */
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { findJsonFlaw } from "./json-flaw.ts";

export function invalidField(field: string, detail: string, advice?: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail, ...(advice === undefined ? {} : { advice }) });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function expected(what: string, value: unknown, field: string): DragomanError {
  return value === undefined
    ? invalidField(field, `${field} is missing; it must be ${what}`)
    : invalidField(field, `${field} must be ${what}, not ${kindOf(value)}`);
}

export function readObject(value: unknown, field: string): JsonObject {
  if (!isJsonObject(value)) throw expected("an object", value, field);
  return value;
}

/** The body of a request. Refuses what no dialect should have to deal with, wherever in it that is. */
export function readBody(value: unknown): JsonObject {
  const body = readObject(value, "body");
  const flaw = findJsonFlaw(body);
  if (flaw !== undefined) throw invalidField(flaw.path, flaw.detail);
  return body;
}

export function readArray(value: unknown, field: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw expected("an array", value, field);
  return value;
}

export function readString(value: unknown, field: string): string {
  if (typeof value !== "string") throw expected("a string", value, field);
  return value;
}

export function readNumber(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw expected("a number", value, field);
  return value;
}

export function readInteger(value: unknown, field: string): number {
  if (!Number.isInteger(value)) throw expected("a whole number", value, field);
  return value as number;
}

export function readBoolean(value: unknown, field: string): boolean {
  if (typeof value !== "boolean") throw expected("true or false", value, field);
  return value;
}

/** One of a set of words. */
export function readOneOf<const Word extends string>(value: unknown, words: readonly Word[], field: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw invalidField(field, `${field} must be one of ${words.join(", ")}, not ${JSON.stringify(value)}`);
  return word;
}

/** The field read, or undefined where it is absent or null, as most clients mean the two alike. */
export function optional<T>(value: unknown, field: string, read: (value: unknown, field: string) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value, field);
}

/** The entries of an object whose key is not in the list: what a dialect does not define. */
export function otherFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let others: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    if (known.has(key) || value === undefined) continue;
    others ??= {};
    others[key] = value;
  }
  return others;
}
