/**
 * A value that satisfies a JSON Schema: the fake model's arguments and structured answers. Deterministic. It knows the
 * keywords that tool schemas use (types, enum, const, properties, items, bounds, lengths, formats, references, unions) and
 * a few usual patterns; for a pattern that none of its candidates matches it returns the first candidate.
 */
import type { JsonObject, JsonSchema, JsonValue } from "../../json.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf, stringsOf } from "./json-reading.ts";

const DEPTH_MAX = 8;

export function exampleOf(schema: JsonSchema): JsonValue {
  return example(schema, schema, "value", 0);
}

function example(given: unknown, root: JsonSchema, name: string, depth: number): JsonValue {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return schema.const;
  const choices = listOf(schema.enum);
  const [choice] = choices;
  if (choice !== undefined) return choice;
  const branch = objectsOf(schema.anyOf ?? schema.oneOf).find((candidate) => candidate.type !== "null");
  if (branch !== undefined) return example(withBranch(schema, branch, root), root, name, depth);
  return byType(typeOf(schema), schema, root, name, depth);
}

function byType(type: string, schema: JsonObject, root: JsonSchema, name: string, depth: number): JsonValue {
  switch (type) {
    case "object":
      return exampleObject(schema, root, depth);
    case "array":
      return exampleArray(schema, root, name, depth);
    case "integer":
      return exampleNumber(schema, 1);
    case "number":
      return exampleNumber(schema, 0.5);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return exampleString(schema, name);
  }
}

/** The first type that says something; Gemini spells types in capitals. */
function typeOf(schema: JsonObject): string {
  const type = stringsOf(schema.type).find((candidate) => candidate.toLowerCase() !== "null") ?? stringsOf(schema.type)[0];
  if (type !== undefined) return type.toLowerCase();
  if (schema.properties !== undefined) return "object";
  return schema.items === undefined ? "string" : "array";
}

/** Follows local references and lays `allOf` over the schema. */
function resolve(given: unknown, root: JsonSchema): JsonObject {
  let schema = objectOf(given);
  for (let hops = 0; typeof schema.$ref === "string" && hops < DEPTH_MAX; hops++) {
    const { $ref: reference, ...siblings } = schema;
    schema = { ...lookUp(reference, root), ...siblings };
  }
  return objectsOf(schema.allOf).reduce<JsonObject>((merged, part) => mergeSchemas(merged, resolve(part, root)), schema);
}

function lookUp(reference: unknown, root: JsonSchema): JsonObject {
  const steps = stringOf(reference).replace(/^#\/?/, "").split("/").filter(Boolean);
  let found: unknown = root;
  for (const step of steps) found = objectOf(found)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  return objectOf(found);
}

function withBranch(schema: JsonObject, branch: JsonObject, root: JsonSchema): JsonObject {
  const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema;
  return mergeSchemas(rest, resolve(branch, root));
}

function mergeSchemas(first: JsonObject, second: JsonObject): JsonObject {
  return {
    ...first,
    ...second,
    properties: { ...objectOf(first.properties), ...objectOf(second.properties) },
    required: [...new Set([...stringsOf(first.required), ...stringsOf(second.required)])],
    ...(first.properties === undefined && second.properties === undefined ? { properties: undefined } : {}),
  };
}

/** All properties near the root; deeper only the required ones, so that a recursive schema ends. */
function exampleObject(schema: JsonObject, root: JsonSchema, depth: number): JsonObject {
  const required = new Set(stringsOf(schema.required));
  const object: Record<string, JsonValue> = {};
  for (const [name, property] of Object.entries(objectOf(schema.properties))) {
    if (!required.has(name) && depth >= 3) continue;
    if (depth < DEPTH_MAX) object[name] = example(property, root, name, depth + 1);
  }
  for (const name of required) if (!(name in object)) object[name] = "–";
  return object;
}

function exampleArray(schema: JsonObject, root: JsonSchema, name: string, depth: number): JsonValue {
  const fixed = listOf(schema.prefixItems);
  const count = Math.max(numberOfText(schema.minItems) ?? 0, depth >= 3 ? 0 : 1, fixed.length);
  const limit = Math.min(count, numberOfText(schema.maxItems) ?? count);
  const items: JsonValue[] = [];
  for (let index = 0; index < limit; index++) {
    const item = example(fixed[index] ?? schema.items, root, name, depth + 1);
    items.push(schema.uniqueItems === true && typeof item === "string" && index > 0 ? `${item}${index + 1}` : item);
  }
  return items;
}

function exampleNumber(schema: JsonObject, preferred: number): number {
  const step = numberOf(schema.multipleOf) ?? (preferred === 1 ? 1 : undefined);
  const exclusiveLow = numberOf(schema.exclusiveMinimum);
  const exclusiveHigh = numberOf(schema.exclusiveMaximum);
  const low = numberOf(schema.minimum) ?? (exclusiveLow === undefined ? undefined : exclusiveLow + (step ?? 0.25));
  const high = numberOf(schema.maximum) ?? (exclusiveHigh === undefined ? undefined : exclusiveHigh - (step ?? 0.25));
  let value = preferred;
  if (high !== undefined) value = Math.min(value, high);
  if (low !== undefined) value = Math.max(value, low);
  if (step === undefined) return value;
  const above = Math.ceil(value / step) * step;
  return high !== undefined && above > high ? Math.floor(value / step) * step : above;
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-02T03:04:05Z",
  date: "2026-01-02",
  time: "03:04:05Z",
  duration: "PT1H",
  email: "ada@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  uri: "https://example.com/",
  url: "https://example.com/",
  regex: "^a$",
};

const PATTERN_CANDIDATES = [
  "a",
  "A",
  "1",
  "ab",
  "AB",
  "abc",
  "ABC",
  "12",
  "123",
  "1234",
  "12345",
  "a1",
  "A1",
  "2026-01-02",
  "03:04",
  "1.0.0",
  "#a1b2c3",
  "ada@example.com",
  "https://example.com/",
  "AB-123",
  "abc-123",
];

/** Holds letters beyond ASCII and an emoji, so that a cut between two bytes meets them. */
function exampleString(schema: JsonObject, name: string): string {
  const formatted = FORMATS[stringOf(schema.format)];
  if (formatted !== undefined) return formatted;
  const pattern = stringOf(schema.pattern);
  const free = `${name} – é 🚀`;
  if (pattern !== "") return [free, ...PATTERN_CANDIDATES].find((candidate) => matches(pattern, candidate)) ?? "a";
  const shortest = numberOfText(schema.minLength) ?? 0;
  const longest = numberOfText(schema.maxLength) ?? Number.POSITIVE_INFINITY;
  const characters = [...free];
  while (characters.length < shortest) characters.push("é");
  return characters.slice(0, longest).join("");
}

function matches(pattern: string, candidate: string): boolean {
  try {
    return new RegExp(pattern, "u").test(candidate);
  } catch {
    return false;
  }
}

/** Gemini writes counts as strings. */
function numberOfText(value: unknown): number | undefined {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : numberOf(value);
}
