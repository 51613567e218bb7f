/** "Or null": whether a schema takes it, how to let it, and how a vendor wants it spelt. */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { ANNOTATIONS, typesOf } from "./merge.ts";

export type NullableSpelling = "type-array" | "any-of" | "keyword";

const NULL_SCHEMA: JsonSchema = { type: "null" };

/** The one type that a keyword speaks of. Beside another type it has no effect. */
const TYPE_OF_KEYWORD: { readonly [keyword: string]: string } = {
  minLength: "string",
  maxLength: "string",
  pattern: "string",
  format: "string",
  contentEncoding: "string",
  contentMediaType: "string",
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
  multipleOf: "number",
  items: "array",
  prefixItems: "array",
  minItems: "array",
  maxItems: "array",
  uniqueItems: "array",
  contains: "array",
  properties: "object",
  required: "object",
  additionalProperties: "object",
  patternProperties: "object",
  propertyNames: "object",
  minProperties: "object",
  maxProperties: "object",
};

/** True when the schema says by itself that null is valid. A `$ref` is not followed. */
export function takesNull(schema: JsonSchema): boolean {
  if (schema.nullable === true) return true;
  const constrains = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword));
  if (constrains.length === 0) return true;
  if (Array.isArray(schema.anyOf) && constrains.every((keyword) => keyword === "anyOf")) {
    return schema.anyOf.some((branch: JsonValue) => isJsonObject(branch) && takesNull(branch));
  }
  if (["anyOf", "oneOf", "allOf", "not", "if", "$ref", "$dynamicRef"].some((keyword) => keyword in schema)) return false;
  if (schema.type !== undefined && !typesOf(schema.type).includes("null")) return false;
  if ("const" in schema && schema.const !== null) return false;
  return !Array.isArray(schema.enum) || schema.enum.includes(null);
}

/** The schema, or null. Null is added where it is least noticed: to the types, to the alternatives, else around it. */
export function orNull(schema: JsonSchema): JsonSchema {
  if (takesNull(schema)) return schema;
  const keywords = Object.keys(schema);
  const composed = keywords.some((keyword) => ["anyOf", "oneOf", "allOf", "not", "if", "$ref", "const"].includes(keyword));
  if (!composed && schema.type !== undefined) return withNullType(schema);
  const alternatives = keywords.every((keyword) => keyword === "anyOf" || ANNOTATIONS.has(keyword));
  if (alternatives && Array.isArray(schema.anyOf)) return { ...schema, anyOf: [...schema.anyOf, NULL_SCHEMA] };
  return { anyOf: [schema, NULL_SCHEMA] };
}

function withNullType(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema.type);
  return {
    ...schema,
    type: types.includes("null") ? types : [...types, "null"],
    ...(Array.isArray(schema.enum) && !schema.enum.includes(null) ? { enum: [...schema.enum, null] } : {}),
  };
}

/** The schema with "or null" spelt as the vendor wants it. Means the same; unchanged where that cannot be said. */
export function spellNullable(schema: JsonSchema, spelling: NullableSpelling | undefined): JsonSchema {
  if (spelling === "any-of") return splitTypes(schema);
  if (spelling === "type-array") return joinTypes(schema);
  return spelling === "keyword" ? useKeyword(joinTypes(schema)) : schema;
}

/** `type: [a, b]` as one alternative per type, each with the keywords that speak of it. */
function splitTypes(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.type) || "anyOf" in schema) return schema;
  const types = typesOf(schema.type);
  const branches = types.map((type) => branchOf(schema, type)).filter((branch) => branch !== undefined);
  const result: [string, JsonValue | undefined][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "type") result.push(["anyOf", branches]);
    else if (isShared(keyword)) result.push([keyword, value]);
  }
  return Object.fromEntries(result);
}

/** Annotations and definitions stay with the whole. */
function isShared(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || keyword === "$defs" || keyword === "definitions";
}

function branchOf(schema: JsonSchema, type: string): JsonSchema | undefined {
  const entries: [string, JsonValue | undefined][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (isShared(keyword)) continue;
    if (keyword === "type") entries.push(["type", type]);
    else if (keyword === "enum" && Array.isArray(value)) {
      const values = value.filter((item: JsonValue) => isOfType(item, type));
      if (values.length === 0) return undefined;
      if (type !== "null") entries.push(["enum", values]);
    } else if (speaksOf(keyword, type)) entries.push([keyword, value]);
  }
  return Object.fromEntries(entries);
}

function speaksOf(keyword: string, type: string): boolean {
  const subject = TYPE_OF_KEYWORD[keyword];
  return subject === undefined || subject === type || (subject === "number" && type === "integer");
}

function isOfType(value: JsonValue, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isJsonObject(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

/** `anyOf: [X, null]` as X with null among its types, where X is plain enough. */
function joinTypes(schema: JsonSchema): JsonSchema {
  const branches = schema.anyOf;
  if (!Array.isArray(branches) || branches.length !== 2) return schema;
  const value: JsonValue | undefined = branches.find((branch: JsonValue) => !isNullSchema(branch));
  if (!branches.some(isNullSchema) || !isJsonObject(value)) return schema;
  if (typesOf(value.type).length === 0 || "const" in value) return schema;
  const { anyOf: _branches, ...around } = schema;
  const clash = Object.keys(value).some((keyword) => keyword in around);
  const constrained = Object.keys(around).some((keyword) => !isShared(keyword));
  return clash || constrained ? schema : withNullType({ ...value, ...around });
}

function isNullSchema(branch: JsonValue): boolean {
  return isJsonObject(branch) && branch.type === "null" && Object.keys(branch).length === 1;
}

function useKeyword(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema.type).filter((type) => type !== "null");
  if (!typesOf(schema.type).includes("null") || types.length !== 1) return schema;
  return { ...schema, type: types[0], nullable: true };
}
