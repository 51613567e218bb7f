/** The API takes its own field names in camelCase and in snake_case; we read both and write the first. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** The object with its own keys in camelCase; what lies below is left as it is. Nulls mean absence and go. */
export function camelFields(object: JsonObject): JsonObject {
  const fields: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || value === null) continue;
    fields[key.includes("_") ? camelCase(key) : key] = value;
  }
  return fields;
}

/** A vendor's object with its keys in camelCase, or undefined for anything else. */
export function objectField(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? camelFields(value) : undefined;
}

/** A repeated field as a list: the API takes a single message in its place. */
export function listField(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
