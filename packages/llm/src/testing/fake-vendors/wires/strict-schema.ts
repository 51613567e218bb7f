/**
 * OpenAI's rules for schemas with `strict: true`: closed objects, every property required, no keyword outside the list.
 * The sentence about `required` is the service's own; the list of keywords follows the Structured Outputs guide and was
 * not checked against the service. Gives the vendor's sentence about the first breach.
 */
import type { JsonObject } from "../../../json.ts";
import { objectOf, objectsOf, stringsOf } from "../json-reading.ts";

const KEYWORDS = new Set(
  (
    "type properties required additionalProperties items enum const anyOf $ref $defs definitions description title " +
    "pattern format multipleOf maximum minimum exclusiveMaximum exclusiveMinimum minItems maxItems $schema"
  ).split(" "),
);

/** Undefined for a schema that keeps the rules. */
export function strictSchemaBreach(schema: JsonObject): string | undefined {
  if (schema.type !== "object")
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(schema.type ?? "None")}"'.`;
  if (schema.anyOf !== undefined)
    return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.";
  return breachWithin(schema, []);
}

function breachWithin(schema: JsonObject, path: readonly string[]): string | undefined {
  const context = `In context=(${path.map((step) => `'${step}'`).join(", ")}${path.length === 1 ? "," : ""})`;
  const foreign = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (foreign !== undefined) return `${context}, '${foreign}' is not permitted.`;
  return objectBreach(schema, context) ?? nestedBreach(schema, path);
}

function objectBreach(schema: JsonObject, context: string): string | undefined {
  if (!stringsOf(schema.type).includes("object")) return undefined;
  if (schema.additionalProperties !== false)
    return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
  const required = new Set(stringsOf(schema.required));
  const missing = Object.keys(objectOf(schema.properties)).find((name) => !required.has(name));
  return missing === undefined
    ? undefined
    : `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

function nestedBreach(schema: JsonObject, path: readonly string[]): string | undefined {
  const nested: [readonly string[], JsonObject][] = [];
  for (const keyword of ["properties", "$defs", "definitions"]) {
    for (const [name, inner] of Object.entries(objectOf(schema[keyword])))
      nested.push([[...path, keyword, name], objectOf(inner)]);
  }
  if (schema.items !== undefined) nested.push([[...path, "items"], objectOf(schema.items)]);
  for (const [index, inner] of objectsOf(schema.anyOf).entries()) nested.push([[...path, "anyOf", String(index)], inner]);
  for (const [where, inner] of nested) {
    const breach = breachWithin(inner, where);
    if (breach !== undefined) return breach;
  }
  return undefined;
}
