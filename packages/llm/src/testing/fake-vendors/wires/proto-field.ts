/** A field of a proto message in JSON, spelt in camel case or with underscores; Google takes both. */
import type { JsonObject, JsonValue } from "../../../json.ts";

export function protoField(object: JsonObject, name: string): JsonValue | undefined {
  const value = object[name] ?? object[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
  return value === null ? undefined : value;
}
