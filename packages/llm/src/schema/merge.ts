/**
 * Two schemas that both hold, as one schema: the way to get rid of `allOf`, and of constraints beside a `$ref` or an
 * `anyOf`. It either means exactly the same or is refused; it never guesses.
 */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";

/** Keywords that say nothing about validity. The first schema's win. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$comment",
  "$schema",
  "$id",
]);

/** Keywords whose meaning depends on each other: both schemas may use a group only if they say the same. */
const GROUPS: readonly (readonly string[])[] = [
  ["items", "prefixItems", "additionalItems", "unevaluatedItems"],
  ["if", "then", "else"],
  ["contains", "minContains", "maxContains"],
];

/** `first` and `second` in one. Undefined when that cannot be said without `allOf`. */
export function mergeSchemas(first: JsonSchema, second: JsonSchema): JsonSchema | undefined {
  if (!groupsAgree(first, second) || !objectsAgree(first, second)) return undefined;
  const merged = new Map<string, JsonValue | undefined>(Object.entries(first));
  for (const [keyword, value] of Object.entries(second)) {
    const known = merged.get(keyword);
    const both = known === undefined || value === undefined ? (known ?? value) : mergeKeyword(keyword, known, value);
    if (both === undefined) return undefined;
    merged.set(keyword, both);
  }
  return Object.fromEntries(merged);
}

function mergeKeyword(keyword: string, first: JsonValue, second: JsonValue): JsonValue | undefined {
  if (isSame(first, second) || ANNOTATIONS.has(keyword)) return first;
  switch (keyword) {
    case "type":
      return mergeTypes(first, second);
    case "required":
      return Array.isArray(first) && Array.isArray(second) ? [...new Set([...first, ...second])] : undefined;
    case "enum":
      return mergeEnums(first, second);
    case "properties":
      return mergeProperties(first, second);
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
    case "minProperties":
      return mergeNumbers(first, second, Math.max);
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return mergeNumbers(first, second, Math.min);
    default:
      return undefined;
  }
}

function mergeNumbers(first: JsonValue, second: JsonValue, pick: (a: number, b: number) => number): number | undefined {
  return typeof first === "number" && typeof second === "number" ? pick(first, second) : undefined;
}

function mergeTypes(first: JsonValue, second: JsonValue): JsonValue | undefined {
  const others = typesOf(second);
  const shared = typesOf(first).flatMap((type) => {
    if (others.includes(type)) return [type];
    if (type === "integer" && others.includes("number")) return [type];
    return type === "number" && others.includes("integer") ? ["integer"] : [];
  });
  const distinct = [...new Set(shared)];
  return distinct.length > 1 ? distinct : distinct[0];
}

function mergeEnums(first: JsonValue, second: JsonValue): JsonValue | undefined {
  if (!Array.isArray(first) || !Array.isArray(second)) return undefined;
  const shared = first.filter((value: JsonValue) => second.some((other: JsonValue) => isSame(value, other)));
  return shared.length === 0 ? undefined : shared;
}

function mergeProperties(first: JsonValue, second: JsonValue): JsonValue | undefined {
  return isJsonObject(first) && isJsonObject(second) ? mergeMaps(first, second) : undefined;
}

function mergeMaps(first: JsonSchema, second: JsonSchema): JsonSchema | undefined {
  const merged = new Map<string, JsonValue | undefined>(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const known = merged.get(name);
    if (known === undefined || value === undefined || isSame(known, value)) {
      merged.set(name, known ?? value);
      continue;
    }
    const both = isJsonObject(known) && isJsonObject(value) ? mergeSchemas(known, value) : undefined;
    if (both === undefined) return undefined;
    merged.set(name, both);
  }
  return Object.fromEntries(merged);
}

function groupsAgree(first: JsonSchema, second: JsonSchema): boolean {
  return GROUPS.every((group) => {
    const usedByBoth = group.some((keyword) => keyword in first) && group.some((keyword) => keyword in second);
    return !usedByBoth || group.every((keyword) => isSame(first[keyword], second[keyword]));
  });
}

/** What `additionalProperties` covers depends on the properties beside it, so it may not meet other ones. */
function objectsAgree(first: JsonSchema, second: JsonSchema): boolean {
  const restricts = (schema: JsonSchema) => "additionalProperties" in schema || "unevaluatedProperties" in schema;
  if (!restricts(first) && !restricts(second)) return true;
  if (!namesProperties(first) && !restricts(first)) return true;
  if (!namesProperties(second) && !restricts(second)) return true;
  return (
    isSame(propertyNames(first), propertyNames(second)) &&
    ["additionalProperties", "unevaluatedProperties", "patternProperties"].every((key) => isSame(first[key], second[key]))
  );
}

function namesProperties(schema: JsonSchema): boolean {
  return "properties" in schema || "patternProperties" in schema;
}

function propertyNames(schema: JsonSchema): readonly string[] {
  return isJsonObject(schema.properties) ? Object.keys(schema.properties).sort() : [];
}

/** The types that a schema names; none when it leaves them open. */
export function typesOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((type: JsonValue) => typeof type === "string") : [];
}

export function isSame(first: JsonValue | undefined, second: JsonValue | undefined): boolean {
  return first === second || JSON.stringify(first) === JSON.stringify(second);
}
