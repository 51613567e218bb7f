/**
 * The other way round of "every property is required, an optional one may be null": a vendor with such schemas makes the
 * model write null for what it leaves out.
 */
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { isSame } from "./merge.ts";
import { takesNull } from "./nullable.ts";
import { resolveReference } from "./reference.ts";

const DEPTH_MAX = 64;

/**
 * The value without the nulls that stand for "left out": those of properties that the whole schema calls optional and does
 * not let be null. Every other null stays. Follows properties, items, references and alternatives whose constants and
 * property names fit the value.
 */
export function withoutAddedNulls(schema: JsonSchema, value: JsonValue): JsonValue {
  return clean({ document: schema, schema, depth: 0 }, value);
}

interface Place {
  readonly document: JsonSchema;
  readonly schema: JsonValue | undefined;
  readonly depth: number;
}

function clean(place: Place, value: JsonValue): JsonValue {
  const schema = resolved(place);
  if (schema === undefined || place.depth > DEPTH_MAX || typeof value !== "object" || value === null) return value;
  let cleaned: JsonValue = Array.isArray(value)
    ? cleanItems(place, schema, value)
    : isJsonObject(value)
      ? cleanProperties(place, schema, value)
      : value;
  for (const branch of branchesOf(schema)) {
    const inner = below(place, branch);
    if (fits(inner, cleaned)) cleaned = clean(inner, cleaned);
  }
  return cleaned;
}

function cleanItems(place: Place, schema: JsonSchema, values: readonly JsonValue[]): JsonValue {
  const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  return values.map((value, index) => clean(below(place, first[index] ?? schema.items), value));
}

function cleanProperties(place: Place, schema: JsonSchema, value: JsonObject): JsonValue {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required: readonly JsonValue[] = Array.isArray(schema.required) ? schema.required : [];
  const kept: [string, JsonValue][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const inner = below(place, property);
    if (item === null && property !== undefined && !required.includes(name) && !mayBeNull(inner)) continue;
    kept.push([name, clean(inner, item)]);
  }
  return Object.fromEntries(kept);
}

/** Whether null is valid here. Where that is hard to say (`not`, `if`), it is taken to be. */
function mayBeNull(place: Place): boolean {
  const { schema, depth } = place;
  if (typeof schema === "boolean") return schema;
  if (!isJsonObject(schema) || depth > DEPTH_MAX) return true;
  if (!takesNull(onlyOwn(schema))) return false;
  const admits = (branch: JsonValue): boolean => mayBeNull(below(place, branch));
  const target = typeof schema.$ref === "string" ? resolveReference(place.document, schema.$ref) : undefined;
  if (target !== undefined && !admits(target)) return false;
  return listOf(schema.allOf).every(admits) && someOf(schema.anyOf, admits) && someOf(schema.oneOf, admits);
}

/** The schema without what has to be looked at by itself. */
function onlyOwn(schema: JsonSchema): JsonSchema {
  const { $ref: _reference, allOf: _allOf, anyOf: _anyOf, oneOf: _oneOf, not: _not, if: _if, ...own } = schema;
  return own;
}

function someOf(list: JsonValue | undefined, admits: (branch: JsonValue) => boolean): boolean {
  return !Array.isArray(list) || list.some(admits);
}

function listOf(list: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(list) ? list : [];
}

/** Whether the alternative can be the one that was meant. */
function fits(place: Place, value: JsonValue): boolean {
  const schema = resolved(place);
  if (schema === undefined || !isJsonObject(value) || !isJsonObject(schema.properties)) return schema !== undefined;
  const { properties } = schema;
  return Object.entries(value).every(([name, item]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) return schema.additionalProperties !== false;
    return !isJsonObject(property) || !("const" in property) || item === null || isSame(property.const, item);
  });
}

function branchesOf(schema: JsonSchema): readonly JsonValue[] {
  return [schema.anyOf, schema.oneOf, schema.allOf].flatMap(listOf);
}

function below(place: Place, schema: JsonValue | undefined): Place {
  return { document: place.document, schema, depth: place.depth + 1 };
}

function resolved(place: Place): JsonSchema | undefined {
  let schema = place.schema;
  for (let step = 0; step < DEPTH_MAX && isJsonObject(schema) && typeof schema.$ref === "string"; step++) {
    schema = resolveReference(place.document, schema.$ref);
  }
  return isJsonObject(schema) ? schema : undefined;
}
