import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { JsonSchema } from "../../src/json.ts";
import { exampleOf } from "../../src/testing/fake-vendors/schema-example.ts";

const SCHEMAS: Record<string, JsonSchema> = {
  "an object with every type": {
    type: "object",
    properties: {
      text: { type: "string" },
      count: { type: "integer" },
      size: { type: "number" },
      open: { type: "boolean" },
      nothing: { type: "null" },
      list: { type: "array", items: { type: "string" } },
      inner: { type: "object", properties: { deep: { type: "string" } }, required: ["deep"] },
    },
    required: ["text", "count", "size", "open", "nothing", "list", "inner"],
    additionalProperties: false,
  },
  "bounds of numbers": {
    type: "object",
    properties: {
      low: { type: "integer", minimum: 10 },
      high: { type: "integer", maximum: -3 },
      between: { type: "number", exclusiveMinimum: 2, exclusiveMaximum: 3 },
      steps: { type: "integer", multipleOf: 7, minimum: 1, maximum: 20 },
    },
    required: ["low", "high", "between", "steps"],
  },
  "lengths and patterns of strings": {
    type: "object",
    properties: {
      long: { type: "string", minLength: 40 },
      short: { type: "string", maxLength: 3 },
      code: { type: "string", pattern: "^[A-Z]{2}$" },
      digits: { type: "string", pattern: "^\\d{3}$" },
    },
    required: ["long", "short", "code", "digits"],
  },
  "counts of items": {
    type: "object",
    properties: {
      many: { type: "array", minItems: 3, uniqueItems: true, items: { type: "string" } },
      none: { type: "array", maxItems: 0, items: { type: "string" } },
      pair: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], minItems: 2 },
    },
    required: ["many", "none", "pair"],
  },
  "enum, const and unions": {
    type: "object",
    properties: {
      unit: { enum: ["C", "F"] },
      kind: { const: "weather" },
      maybe: { type: ["null", "string"] },
      either: { anyOf: [{ type: "null" }, { type: "integer", minimum: 5 }] },
      one: { oneOf: [{ type: "string", maxLength: 2 }, { type: "integer" }] },
    },
    required: ["unit", "kind", "maybe", "either", "one"],
  },
  allOf: {
    allOf: [
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      { type: "object", properties: { b: { type: "integer" } }, required: ["b"] },
    ],
  },
  "a recursive tree": {
    $ref: "#/$defs/node",
    $defs: {
      node: {
        type: "object",
        properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
        required: ["name", "children"],
        additionalProperties: false,
      },
    },
  },
};

describe("an example of a JSON Schema", () => {
  const ajv = new Ajv2020({ strict: false });

  it.each(Object.entries(SCHEMAS))("satisfies %s", (_name, schema) => {
    const validate = ajv.compile(schema);
    const value = exampleOf(schema);
    expect([validate(value), validate.errors]).toEqual([true, null]);
  });

  it("is the same each time, and holds characters of several bytes", () => {
    const schema: JsonSchema = { type: "object", properties: { city: { type: "string" } } };
    expect(exampleOf(schema)).toEqual({ city: "city – é 🚀" });
    expect(exampleOf(schema)).toEqual(exampleOf(schema));
  });

  it("reads Gemini's spelling: types in capitals, counts as text", () => {
    expect(exampleOf({ type: "ARRAY", minItems: "2", items: { type: "INTEGER" } })).toEqual([1, 1]);
  });
});
