/** Lenient readers of a request's JSON: what is not of the kind asked for reads as empty. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function listOf(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The objects in a list; anything else in it is left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return listOf(value).filter((item) => typeof item === "string");
}

/** JSON text as a value; undefined where it is not JSON. */
export function parsedJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
