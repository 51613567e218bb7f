/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
/** A list of JSON values. */
export type JsonArray = readonly JsonValue[];
/** An object of JSON values. A field that is undefined is as good as absent. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A JSON Schema, draft 2020-12 unless it says otherwise. Kept whole; each dialect lowers it to what its vendor takes. */
export type JsonSchema = JsonObject;

/** Whether a value is an object: neither null nor a list. What it holds is not looked at. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
