/**
 * The API's own schema language (a subset of OpenAPI 3.0 with types in capitals, or as numbers) -> JSON Schema.
 * Source: the message Schema of the API.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

const TYPES: readonly string[] = ["", "string", "number", "integer", "boolean", "array", "object", "null"];
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "defs"]);
/** Whole numbers that proto3 writes as strings. */
const COUNTS: ReadonlySet<string> = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);

export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const converted: Record<string, JsonValue> = {};
  let nullable = false;
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (key === "nullable") nullable = value === true;
    else converted[key] = convertField(key, value);
  }
  return nullable ? withNull(converted) : converted;
}

function convertField(key: string, value: JsonValue): JsonValue {
  if (key === "type") return typeOf(value);
  if (MAPS.has(key) && isJsonObject(value)) return mapValues(value);
  if (LISTS.has(key) && Array.isArray(value)) return value.map(convertSchema);
  if (key === "items" || key === "additionalProperties") return convertSchema(value);
  if (COUNTS.has(key) && typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  return value;
}

function convertSchema(value: JsonValue): JsonValue {
  return isJsonObject(value) ? jsonSchemaOf(value) : value;
}

function mapValues(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convertSchema(value ?? {})]));
}

function typeOf(type: JsonValue): JsonValue {
  if (typeof type === "number") return TYPES[type] ?? type;
  return typeof type === "string" ? type.toLowerCase() : type;
}

function withNull(schema: Record<string, JsonValue>): JsonObject {
  const { type, ...rest } = schema;
  const values = Array.isArray(rest.enum) && !rest.enum.includes(null) ? { enum: [...rest.enum, null] } : {};
  if (typeof type === "string") return { type: [type, "null"], ...rest, ...values };
  if (Array.isArray(schema.anyOf)) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  return schema;
}
