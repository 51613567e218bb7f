/**
 * JSON Schema between the caller, who writes any of it, and a vendor, who takes a part of it: `lowerSchema` makes the
 * schema that goes over the wire and says what was lost; `validate.ts` checks what comes back against the whole schema.
 */
import { DragomanError } from "./errors.ts";
import { isJsonObject, type JsonSchema, type JsonValue } from "./json.ts";
import { isExclusive } from "./schema/exclusive.ts";
import { ANNOTATIONS, isSame, mergeSchemas, typesOf } from "./schema/merge.ts";
import { orNull, spellNullable } from "./schema/nullable.ts";
import { isPlainReference, resolveReference } from "./schema/reference.ts";
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

export interface LoweredSchema {
  readonly schema: JsonSchema;
  /** One warning per lost keyword, type `lossy`, with the path below `path`. */
  readonly warnings: readonly Warning[];
}

/** Schemas nest at most so deep, references written out included. */
const DEPTH_MAX = 64;
/** Subschemas of a lowered schema, references written out included. */
const SUBSCHEMAS_MAX = 10_000;
/** A lost constraint goes into the description up to this many characters of JSON. */
const NOTE_LENGTH_MAX = 400;

/** Keywords that neither constrain nor tell the model anything: dropped without a word. */
const SILENT: ReadonlySet<string> = new Set(["$schema", "$id", "$comment", "$vocabulary", "$anchor", "$dynamicAnchor"]);
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

/** One run over one schema. */
interface Lowering {
  readonly profile: SchemaProfile;
  /** What references point into. */
  readonly document: JsonSchema;
  readonly warnings: Warning[];
  subschemas: number;
}

/** Where the walk is. */
interface Place {
  readonly path: string;
  readonly depth: number;
  /** References that are being written out here: meeting one again is a recursion. */
  readonly writtenOut: readonly string[];
  readonly isRoot: boolean;
  /** A reference may not stay here: its target is needed to go on. */
  readonly expands?: boolean;
  /** Lost constraints of this schema, for its description. */
  readonly notes: string[];
}

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

function count(lowering: Lowering, place: Place): void {
  if (++lowering.subschemas > SUBSCHEMAS_MAX) throw unsupported(place.path, `more than ${SUBSCHEMAS_MAX} subschemas`);
}

function lowerBoolean(lowering: Lowering, node: boolean, place: Place): JsonValue {
  if (lowering.profile.keywords === "all" && !place.isRoot) return node;
  if (!node) warn(lowering, place.path, "false", "the schema false (nothing is valid) was left open", false);
  return {};
}

// References

interface Placed {
  readonly schema: JsonSchema;
  readonly place: Place;
}

/** `$ref` is kept where the vendor takes it and it stands alone; else what it points at takes its place. */
function writeOutReference(lowering: Lowering, node: JsonSchema, place: Place): Placed {
  const reference = node.$ref;
  if (typeof reference !== "string") return { schema: node, place };
  const { $ref: _reference, ...beside } = node;
  const { profile } = lowering;
  const keeps = takes(profile, "$ref") && profile.references !== "inline";
  if (keeps && place.expands !== true) {
    if (profile.keywords === "all") return { schema: node, place };
    const alone = Object.keys(beside).every((keyword) => SILENT.has(keyword));
    if (alone && isPlainReference(reference)) return { schema: { $ref: reference }, place };
  }

  const recursive = place.writtenOut.includes(reference);
  if (recursive && keeps && isPlainReference(reference)) return keepBareReference(lowering, reference, beside, place);
  const target = recursive ? undefined : resolveReference(lowering.document, reference);
  if (target === undefined || target === node) {
    const reason = recursive || target === node ? "the recursive $ref" : "the $ref, which points at no schema of this document,";
    warn(lowering, `${place.path}.$ref`, "$ref", `${reason} became an unconstrained value`, reference);
    return { schema: beside, place };
  }
  const merged = mergeReferenced(lowering, target, beside, place);
  return writeOutReference(lowering, merged, deeper(place, reference));
}

function deeper(place: Place, reference: string): Place {
  if (place.depth >= DEPTH_MAX) throw unsupported(place.path, `nested deeper than ${DEPTH_MAX}`);
  return { ...place, depth: place.depth + 1, writtenOut: [...place.writtenOut, reference] };
}

/** A recursive reference stays a reference; vendors refuse anything beside it. */
function keepBareReference(lowering: Lowering, reference: string, beside: JsonSchema, place: Place): Placed {
  for (const [keyword, value] of Object.entries(beside)) {
    if (SILENT.has(keyword)) continue;
    warn(lowering, `${place.path}.${keyword}`, keyword, `${lowering.profile.name} takes nothing beside a $ref; left out`, value);
  }
  return { schema: { $ref: reference }, place };
}

function mergeReferenced(lowering: Lowering, target: JsonSchema, beside: JsonSchema, place: Place): JsonSchema {
  const merged = mergeSchemas(beside, withoutDefinitions(target));
  if (merged !== undefined) return merged;
  if (takes(lowering.profile, "allOf")) return { ...beside, allOf: [...listOf(beside.allOf), target] };
  for (const [keyword, value] of Object.entries(beside)) {
    if (keyword in target) loseKeyword(lowering, keyword, value, place);
  }
  return { ...beside, ...target };
}

/** Definitions are the root's; a reference to the root must not carry them along. */
function withoutDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs: _defs, definitions: _definitions, $schema: _draft, $id: _id, ...rest } = schema;
  return rest;
}

// Steps on one schema

/** `allOf` folded into the schema where that means the same. Otherwise it stays, and is dropped with a warning. */
function foldAllOf(lowering: Lowering, schema: JsonSchema, place: Place): Placed {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return { schema, place };
  let folded: JsonSchema = rest;
  let inner = place;
  for (const branch of allOf) {
    if (branch === true) continue;
    const flat = flatBranch(lowering, branch, place);
    if (flat === undefined || "allOf" in flat.schema) return { schema, place };
    const recursion = flat.schema.$ref;
    if (typeof recursion === "string") {
      const onlyNamed = allOf.length === 1 && Object.keys(rest).every((keyword) => ANNOTATIONS.has(keyword));
      return onlyNamed ? keepBareReference(lowering, recursion, rest, place) : { schema, place };
    }
    const merged = mergeSchemas(folded, flat.schema);
    if (merged === undefined) return { schema, place };
    folded = merged;
    const writtenOut = [...new Set([...inner.writtenOut, ...flat.place.writtenOut])];
    inner = { ...place, depth: Math.max(inner.depth, flat.place.depth), writtenOut };
  }
  return { schema: folded, place: inner };
}

/** A branch of `allOf` with its reference written out and its own `allOf` folded, as far as that goes. */
function flatBranch(lowering: Lowering, branch: JsonValue, place: Place): Placed | undefined {
  count(lowering, place);
  if (!isJsonObject(branch) || place.depth >= DEPTH_MAX) return undefined;
  const resolved = writeOutReference(lowering, branch, {
    ...place,
    depth: place.depth + 1,
    isRoot: false,
    expands: true,
  });
  return foldAllOf(lowering, resolved.schema, resolved.place);
}

/** Draft 7 wrote a tuple as a list under `items`; draft 2020-12 calls it `prefixItems`. */
function modernTuple(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.items)) return schema;
  const { additionalItems, ...rest } = schema;
  return replaceKeyword(rest, "items", [
    ["prefixItems", schema.items],
    ...(additionalItems === undefined ? [] : [["items", additionalItems] satisfies [string, JsonValue]]),
  ]);
}

/** Where there are no tuples: an array of any of the tuple's members. */
function tupleAsItems(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const members = schema.prefixItems;
  if (!Array.isArray(members)) return schema;
  loseKeyword(lowering, "prefixItems", members, place);
  const rest = schema.items;
  const { items: _items, ...others } = schema;
  const distinct = (isJsonObject(rest) ? [...members, rest] : members).filter(
    (member: JsonValue, index, all) => all.findIndex((other: JsonValue) => isSame(member, other)) === index,
  );
  const [only] = distinct;
  const items: JsonValue | undefined = distinct.length === 1 ? only : { anyOf: distinct };
  return replaceKeyword(others, "prefixItems", distinct.length === 0 ? [] : [["items", items ?? {}]]);
}

function constAsEnum(schema: JsonSchema): JsonSchema {
  if (!("const" in schema) || schema.const === undefined) return schema;
  const { enum: values, ...rest } = schema;
  const allowed = !Array.isArray(values) || values.some((value: JsonValue) => isSame(value, schema.const));
  // A constant outside the enum is a schema that nothing satisfies; it is left as it is written.
  return allowed ? replaceKeyword(rest, "const", [["enum", [schema.const]]]) : schema;
}

function oneOfAsAnyOf(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const branches = schema.oneOf;
  if (!Array.isArray(branches) || "anyOf" in schema) return schema;
  if (!isExclusive(branches, (reference) => resolveReference(lowering.document, reference))) {
    warn(lowering, `${place.path}.oneOf`, "oneOf", "oneOf became anyOf: that only one alternative may match was lost", undefined);
  }
  return replaceKeyword(schema, "oneOf", [["anyOf", branches]]);
}

/**
 * What stands beside `anyOf` moves into the alternatives, where the vendor wants the type there, or where every object is
 * closed: alternatives that are closed one by one would shut out the properties beside them.
 */
function spreadOverAnyOf(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const { profile } = lowering;
  if (!Array.isArray(schema.anyOf) || (place.isRoot && profile.rootObject === true)) return schema;
  if (profile.closedObjects === true && isJsonObject(schema.properties)) return spreadObject(lowering, schema, place);
  if (profile.typeInAnyOf !== true || schema.type === undefined) return schema;
  const { type, ...rest } = schema;
  const open = schema.anyOf.some((branch: JsonValue) => !isJsonObject(branch) || "$ref" in branch);
  if (open) loseKeyword(lowering, "type", type, place);
  const branches = schema.anyOf.map((branch: JsonValue) =>
    isJsonObject(branch) && !("type" in branch) && !("$ref" in branch) ? { type, ...branch } : branch,
  );
  return { ...rest, anyOf: branches };
}

function spreadObject(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
  const { anyOf, ...rest } = schema;
  const { title, description, $defs, definitions, ...constraints } = rest;
  const branches: JsonSchema[] = [];
  for (const branch of listOf(anyOf)) {
    count(lowering, place);
    const resolved = isJsonObject(branch)
      ? writeOutReference(lowering, branch, { ...place, isRoot: false, expands: true }).schema
      : undefined;
    const merged = resolved === undefined || "$ref" in resolved ? undefined : mergeSchemas(constraints, resolved);
    if (merged === undefined) {
      loseKeyword(lowering, "anyOf", anyOf, place);
      return rest;
    }
    branches.push(merged);
  }
  return compact({ title, description, anyOf: branches, $defs, definitions });
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

function takes(profile: SchemaProfile, keyword: string): boolean {
  if (profile.removedKeywords?.has(keyword) === true) return false;
  return profile.keywords === "all" || profile.keywords.has(keyword);
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

function loseKeyword(lowering: Lowering, keyword: string, value: JsonValue | undefined, place: Place): void {
  if (value === undefined || SILENT.has(keyword)) return;
  // Definitions are of no use without references: nothing of them is lost.
  if ((keyword === "$defs" || keyword === "definitions") && lowering.profile.references === "inline") return;
  const note = noteOf(lowering.profile, keyword, value);
  if (note !== undefined) place.notes.push(note);
  const fate = note === undefined ? "left out" : "written into the description";
  warn(lowering, `${place.path}.${keyword}`, keyword, `${lowering.profile.name} does not take ${keyword} here; ${fate}`, value);
}

/** The lost constraint in words that a model reads. Undefined where the profile has no room, or it is too long. */
function noteOf(profile: SchemaProfile, keyword: string, value: JsonValue): string | undefined {
  if (profile.intoDescription === false || !takes(profile, "description") || keyword === "description") return undefined;
  if (keyword === "$ref" || keyword === "$defs" || keyword === "definitions") return undefined;
  // That no other keys are wanted is what a model assumes anyway; the sentence would only cost tokens.
  if (value === false && (keyword === "additionalProperties" || keyword === "unevaluatedProperties")) return undefined;
  const json = typeof value === "string" ? value : JSON.stringify(value);
  return json.length > NOTE_LENGTH_MAX ? undefined : `${keyword}: ${json}`;
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

function warn(lowering: Lowering, path: string, keyword: string, detail: string, value: JsonValue | undefined): void {
  const sentence = detail.includes(keyword) ? detail : `${keyword}: ${detail}`;
  lowering.warnings.push({ type: "lossy", path, detail: sentence, ...(value === undefined ? {} : { value }) });
}

function unsupported(path: string, detail: string): DragomanError {
  return new DragomanError({ code: "schema_unsupported", field: path, detail });
}

function step(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function compact(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

/** The schema with one keyword replaced, in its place, by others. */
function replaceKeyword(schema: JsonSchema, keyword: string, by: readonly (readonly [string, JsonValue])[]): JsonSchema {
  const names = new Set(by.map(([name]) => name));
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, value]): (readonly [string, JsonValue | undefined])[] => {
      if (name === keyword) return [...by];
      return names.has(name) ? [] : [[name, value]];
    }),
  );
}
