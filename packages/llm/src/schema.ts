/**
 * JSON Schema between the caller, who writes any of it, and a vendor, who takes a part of it: `lowerSchema` makes the
 * schema that goes over the wire and says what was lost; `validate.ts` checks what comes back against the whole schema.
 */
import { isJsonObject, type JsonSchema, type JsonValue } from "./json.ts";
import { oneOfAsAnyOf, spreadOverAnyOf } from "./schema/alternatives.ts";
import { foldAllOf } from "./schema/fold-all-of.ts";
import { count, DEPTH_MAX, type Lowering, listOf, loseKeyword, type Place, takes, unsupported, warn } from "./schema/lowering.ts";
import { isSame, typesOf } from "./schema/merge.ts";
import { orNull, spellNullable } from "./schema/nullable.ts";
import { constAsEnum, modernTuple, tupleAsItems } from "./schema/rewrite.ts";
import { writeOutReference } from "./schema/write-out.ts";
import type { Warning } from "./warning.ts";

/** What one vendor's schema subset takes, as data. */
export interface SchemaProfile {
  /** Whose subset it is, for warnings: `OpenAI strict`. */
  readonly name: string;
  /** Keywords that are kept. `all` keeps whatever is not in `removedKeywords`. */
  readonly keywords: ReadonlySet<string> | "all";
  readonly removedKeywords?: ReadonlySet<string>;
  /** Values that a kept keyword may have: words or numbers, or the shape of a text. Any other value drops the keyword. */
  readonly values?: { readonly [keyword: string]: ReadonlySet<JsonValue> | RegExp };
  /** Write dropped constraints into the description, so that the model at least reads them. Default true. */
  readonly intoDescription?: boolean;
  /** Every property is required; an optional one becomes nullable. */
  readonly allRequired?: boolean;
  /** `additionalProperties: false` on every object. */
  readonly closedObjects?: boolean;
  /** `inline` writes `$ref` out; a recursive one then becomes an unconstrained value, with a warning. Default `keep`. */
  readonly references?: "keep" | "inline";
  readonly oneOfAsAnyOf?: boolean;
  readonly constAsEnum?: boolean;
  /** A `type` beside `anyOf` moves into the alternatives. */
  readonly typeInAnyOf?: boolean;
  /** How "or null" is spelt. Default: as it came. */
  readonly nullable?: "type-array" | "any-of" | "keyword";
  /** The root must be an object without `anyOf`, `oneOf`, `allOf`; anything else throws `schema_unsupported`. */
  readonly rootObject?: boolean;
}

/** A schema that the vendor takes, and what was lost. */
export interface LoweredSchema {
  readonly schema: JsonSchema;
  /** One warning per lost keyword, type `lossy`, with the path below `path`. */
  readonly warnings: readonly Warning[];
}

const SCHEMA_LISTS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMA_MAPS: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const SCHEMA_SINGLES: ReadonlySet<string> = new Set([
  "items",
  "additionalProperties",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
  "contentSchema",
]);

/**
 * The schema in the subset of one vendor. `path` is the schema's place in the canonical request, for the warnings.
 *
 * Pure; key order is kept; lowering a lowered schema changes nothing. Dropped constraints make the schema looser, never
 * stricter, with three exceptions that come from vendors: an object without `additionalProperties` is closed, an optional
 * property is required or null (`withoutAddedNulls` takes these nulls out again), and a constraint dropped below `not`,
 * `if` or `oneOf`. Check what comes back against the whole schema.
 *
 * Throws `schema_unsupported` with the path when the root is not what the profile demands, when something is no schema,
 * or when it nests deeper than 64 or holds more than 10 000 subschemas with its references written out.
 */
export function lowerSchema(schema: JsonSchema, profile: SchemaProfile, path: string): LoweredSchema {
  const lowering: Lowering = { profile, document: schema, warnings: [], subschemas: 0 };
  const lowered = lowerNode(lowering, schema, rootPlace(profile, path));
  if (!isJsonObject(lowered)) throw unsupported(path, "the schema is not an object");
  return { schema: lowered, warnings: lowering.warnings };
}

function rootPlace(profile: SchemaProfile, path: string): Place {
  return { path, depth: 0, writtenOut: ["#"], isRoot: true, expands: profile.rootObject === true, notes: [] };
}

function lowerNode(lowering: Lowering, node: JsonValue | undefined, place: Place): JsonValue {
  count(lowering, place);
  if (place.depth > DEPTH_MAX) throw unsupported(place.path, `nested deeper than ${DEPTH_MAX}`);
  if (typeof node === "boolean") return lowerBoolean(lowering, node, place);
  if (!isJsonObject(node)) throw unsupported(place.path, "a schema must be an object, true or false");

  const { profile } = lowering;
  const referenced = writeOutReference(lowering, node, place);
  const keepsAllOf = takes(profile, "allOf") && place.expands !== true;
  const folded = keepsAllOf ? referenced : foldAllOf(lowering, referenced.schema, referenced.place);
  const inner = folded.place;
  let schema = modernTuple(folded.schema);
  if (!takes(profile, "prefixItems") && takes(profile, "items")) schema = tupleAsItems(lowering, schema, inner);
  if (profile.constAsEnum === true) schema = constAsEnum(schema);
  if (profile.oneOfAsAnyOf === true) schema = oneOfAsAnyOf(lowering, schema, inner);
  if (profile.nullable === "any-of" || profile.nullable === "keyword") schema = spellNullable(schema, profile.nullable);
  schema = spreadOverAnyOf(lowering, schema, inner);
  if (inner.isRoot && profile.rootObject === true) schema = objectRoot(schema, inner);

  schema = lowerKeywords(lowering, schema, inner);
  schema = closeObject(lowering, schema, inner);
  if (profile.nullable === "type-array") schema = spellNullable(schema, profile.nullable);
  return withNotes(profile, schema, inner.notes);
}

function lowerBoolean(lowering: Lowering, node: boolean, place: Place): JsonValue {
  if (lowering.profile.keywords === "all" && !place.isRoot) return node;
  if (!node) warn(lowering, place.path, "false", "the schema false (nothing is valid) was left open", false);
  return {};
}

function objectRoot(schema: JsonSchema, place: Place): JsonSchema {
  for (const keyword of ["anyOf", "oneOf", "allOf", "$ref"]) {
    if (keyword in schema) throw unsupported(place.path, `the root must be a plain object, without ${keyword}`);
  }
  if (schema.type === undefined && isJsonObject(schema.properties)) return { type: "object", ...schema };
  if (!isSame(typesOf(schema.type), ["object"])) throw unsupported(place.path, "the root must be an object");
  return schema;
}

// Keywords

function lowerKeywords(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const kept: [string, JsonValue][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (!takesValue(lowering.profile, keyword, value)) loseKeyword(lowering, keyword, value, place);
    else kept.push([keyword, lowerValue(lowering, keyword, value, place)]);
  }
  return Object.fromEntries(kept);
}

function lowerValue(lowering: Lowering, keyword: string, value: JsonValue, place: Place): JsonValue {
  if (SCHEMA_SINGLES.has(keyword)) {
    return typeof value === "boolean" ? value : lowerNode(lowering, value, below(place, `.${keyword}`));
  }
  if (SCHEMA_LISTS.has(keyword) && Array.isArray(value)) {
    return value.map((item: JsonValue, index) => lowerNode(lowering, item, below(place, `.${keyword}[${index}]`)));
  }
  if (SCHEMA_MAPS.has(keyword) && isJsonObject(value)) return lowerMap(lowering, keyword, value, place);
  return value;
}

function lowerMap(lowering: Lowering, keyword: string, map: JsonSchema, place: Place): JsonSchema {
  const isDefinitions = place.isRoot && (keyword === "$defs" || keyword === "definitions");
  const entries: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(map)) {
    if (value === undefined) continue;
    const inner = below(place, `.${keyword}${step(name)}`);
    const writtenOut = isDefinitions ? [...inner.writtenOut, `#/${keyword}/${name}`] : inner.writtenOut;
    entries.push([name, lowerNode(lowering, value, { ...inner, writtenOut })]);
  }
  return Object.fromEntries(entries);
}

function below(place: Place, step: string): Place {
  return { path: `${place.path}${step}`, depth: place.depth + 1, writtenOut: place.writtenOut, isRoot: false, notes: [] };
}

function takesValue(profile: SchemaProfile, keyword: string, value: JsonValue): boolean {
  if (!takes(profile, keyword)) return false;
  // `items: false` and the like close a tuple; subsets without tuples take only schemas here.
  if (keyword === "items" && typeof value === "boolean" && profile.keywords !== "all") return false;
  if (keyword === "additionalProperties" && profile.closedObjects === true) return value === false;
  const values = profile.values?.[keyword];
  if (values === undefined) return true;
  return values instanceof RegExp ? typeof value === "string" && values.test(value) : values.has(value);
}

function withNotes(profile: SchemaProfile, schema: JsonSchema, notes: readonly string[]): JsonSchema {
  if (notes.length === 0 || !takes(profile, "description")) return schema;
  const note = notes.join("; ");
  const own = typeof schema.description === "string" && schema.description !== "" ? `${schema.description}\n` : "";
  return { ...schema, description: `${own}(${note})` };
}

// Objects

/** The object as strict vendors want it: closed, and with every property required. */
function closeObject(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const { profile } = lowering;
  const isObject = typesOf(schema.type).includes("object") || (schema.type === undefined && isJsonObject(schema.properties));
  if (!isObject) return schema;
  const required = profile.allRequired === true ? requireAll(schema) : schema;
  if (profile.closedObjects !== true) return required;
  const isReported = lowering.warnings.some(({ path }) => path === `${place.path}.additionalProperties`);
  if (!("properties" in schema) && !("additionalProperties" in schema) && !place.isRoot && !isReported) {
    const detail = `${profile.name} closes every object: one with free keys came down to an empty one`;
    warn(lowering, `${place.path}.additionalProperties`, "additionalProperties", detail, undefined);
  }
  return { ...required, additionalProperties: false };
}

function requireAll(schema: JsonSchema): JsonSchema {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = listOf(schema.required);
  const all = Object.entries(properties).map(([name, value]): [string, JsonValue] => {
    if (required.includes(name) || !isJsonObject(value)) return [name, value ?? {}];
    return [name, orNull(value)];
  });
  return { ...schema, properties: Object.fromEntries(all), required: Object.keys(properties) };
}

// Small parts

function step(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
