/** Readers of what vendors say of a file: what is not of the kind that is expected counts as not said. */
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

export function objectAnswer(answer: unknown, what: string): JsonObject {
  if (isJsonObject(answer)) return answer;
  throw new DragomanError({ code: "invalid_response", detail: `the vendor's ${what} is not a JSON object` });
}

/** The id that everything else hangs on. Throws `invalid_response` where there is none. */
export function idOf(row: JsonObject, field: string, what: string): string {
  const id = textIn(row, field);
  if (id !== undefined) return id;
  throw new DragomanError({ code: "invalid_response", detail: `the vendor's ${what} has no ${field}` });
}

export function textIn(row: JsonObject, field: string): string | undefined {
  const value = row[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Also of Google's spelling of a 64-bit number, as text. */
export function countIn(row: JsonObject, field: string): number | undefined {
  const value = row[field];
  const count = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** Seconds since 1970, of a number of seconds or a time of RFC 3339. 0 is what servers send for unknown. */
export function secondsIn(row: JsonObject, field: string): number | undefined {
  const value = row[field];
  const seconds = typeof value === "string" ? Date.parse(value) / 1000 : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 1 ? Math.floor(seconds) : undefined;
}

export function rowsIn(answer: unknown, field: string): readonly JsonObject[] {
  const rows: unknown = isJsonObject(answer) ? answer[field] : answer;
  return Array.isArray(rows) ? rows.filter(isJsonObject) : [];
}

/** The entry, or nothing where its value is unknown: for objects whose fields are absent when unknown. */
export function known<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}
