/** Looks into a client's request: a value of the wrong type is refused with its path; null is as good as absent. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

export function refused(field: string, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail });
}

export function optionalString(object: JsonObject, name: string, path: string): string | undefined {
  const value = object[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw refused(at(path, name), "must be a string");
}

export function requiredString(object: JsonObject, name: string, path: string): string {
  const value = optionalString(object, name, path);
  if (value === undefined) throw refused(at(path, name), "is required");
  return value;
}

export function optionalBoolean(object: JsonObject, name: string, path: string): boolean | undefined {
  const value = object[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw refused(at(path, name), "must be true or false");
}

export function optionalNumber(object: JsonObject, name: string, path: string): number | undefined {
  const value = object[name] ?? undefined;
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw refused(at(path, name), "must be a number");
}

export function optionalObject(object: JsonObject, name: string, path: string): JsonObject | undefined {
  const value = object[name] ?? undefined;
  return value === undefined ? undefined : checkedObject(value, at(path, name));
}

export function checkedObject(value: unknown, path: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw refused(path, "must be an object");
}

export function optionalList(object: JsonObject, name: string, path: string): readonly JsonValue[] | undefined {
  const value = object[name] ?? undefined;
  return value === undefined ? undefined : checkedList(value, at(path, name));
}

export function checkedList(value: unknown, path: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  throw refused(path, "must be a list");
}

export function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
