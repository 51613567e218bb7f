/** Whether the alternatives of a `oneOf` shut each other out anyway, so that `anyOf` says the same. */
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { typesOf } from "./merge.ts";

/** True when it is certain: different types, different constants, or a required property that tells them apart. */
export function isExclusive(branches: readonly JsonValue[], resolve: (reference: string) => JsonSchema | undefined): boolean {
  const schemas = branches.map((branch) => target(branch, resolve));
  return schemas.every((first, index) =>
    schemas.slice(index + 1).every((second) => first !== undefined && second !== undefined && excludes(first, second)),
  );
}

function target(branch: JsonValue, resolve: (reference: string) => JsonSchema | undefined): JsonSchema | undefined {
  if (!isJsonObject(branch)) return undefined;
  return typeof branch.$ref === "string" ? resolve(branch.$ref) : branch;
}

function excludes(first: JsonSchema, second: JsonSchema): boolean {
  return typesExclude(first, second) || valuesExclude(first, second) || propertiesExclude(first, second);
}

function typesExclude(first: JsonSchema, second: JsonSchema): boolean {
  const types = typesOf(first.type).map(numeric);
  const others = typesOf(second.type).map(numeric);
  return types.length > 0 && others.length > 0 && !types.some((type) => others.includes(type));
}

function numeric(type: string): string {
  return type === "integer" ? "number" : type;
}

function valuesExclude(first: JsonSchema, second: JsonSchema): boolean {
  const values = valuesOf(first);
  const others = valuesOf(second);
  return values !== undefined && others !== undefined && !values.some((value) => others.includes(value));
}

function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value: JsonValue) => JSON.stringify(value)) : undefined;
}

function propertiesExclude(first: JsonSchema, second: JsonSchema): boolean {
  if (!isJsonObject(first.properties) || !isJsonObject(second.properties)) return false;
  // Both must be objects for certain: a property says nothing of a value that is none.
  if (first.type !== "object" || second.type !== "object") return false;
  const others: JsonObject = second.properties;
  return Object.entries(first.properties).some(([name, property]) => {
    const other = Object.hasOwn(others, name) ? others[name] : undefined;
    if (!isRequired(first, name) || !isRequired(second, name)) return false;
    return isJsonObject(property) && isJsonObject(other) && (valuesExclude(property, other) || typesExclude(property, other));
  });
}

function isRequired(schema: JsonSchema, name: string): boolean {
  return Array.isArray(schema.required) && schema.required.includes(name);
}
