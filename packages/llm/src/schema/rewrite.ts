/** Keywords said in others that mean the same, or nearly so and with a warning. */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { type Lowering, loseKeyword, type Place } from "./lowering.ts";
import { isSame } from "./merge.ts";

/** Draft 7 wrote a tuple as a list under `items`; draft 2020-12 calls it `prefixItems`. */
export function modernTuple(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.items)) return schema;
  const { additionalItems, ...rest } = schema;
  return replaceKeyword(rest, "items", [
    ["prefixItems", schema.items],
    ...(additionalItems === undefined ? [] : [["items", additionalItems] satisfies [string, JsonValue]]),
  ]);
}

/** Where there are no tuples: an array of any of the tuple's members. */
export function tupleAsItems(lowering: Lowering, schema: JsonSchema, place: Place): JsonSchema {
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

export function constAsEnum(schema: JsonSchema): JsonSchema {
  if (!("const" in schema) || schema.const === undefined) return schema;
  const { enum: values, ...rest } = schema;
  const allowed = !Array.isArray(values) || values.some((value: JsonValue) => isSame(value, schema.const));
  // A constant outside the enum is a schema that nothing satisfies; it is left as it is written.
  return allowed ? replaceKeyword(rest, "const", [["enum", [schema.const]]]) : schema;
}

/** The schema with one keyword replaced, in its place, by others. */
export function replaceKeyword(schema: JsonSchema, keyword: string, by: readonly (readonly [string, JsonValue])[]): JsonSchema {
  const names = new Set(by.map(([name]) => name));
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, value]): (readonly [string, JsonValue | undefined])[] => {
      if (name === keyword) return [...by];
      return names.has(name) ? [] : [[name, value]];
    }),
  );
}
