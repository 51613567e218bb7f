import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANTHROPIC_OUTPUT,
  GEMINI_JSON_SCHEMA,
  MOONSHOT_MFJS,
  OLLAMA_TOOL,
  OPENAI_STRICT,
} from "../src/dialects/schema-profiles.ts";
import { DragomanError } from "../src/errors.ts";
import type { JsonObject, JsonSchema, JsonValue } from "../src/json.ts";
import { withoutAddedNulls } from "../src/schema/added-nulls.ts";
import { lowerSchema, type SchemaProfile } from "../src/schema.ts";
import { validateAgainst } from "../src/validate.ts";

const PROFILES: readonly SchemaProfile[] = [OPENAI_STRICT, ANTHROPIC_OUTPUT, GEMINI_JSON_SCHEMA, OLLAMA_TOOL, MOONSHOT_MFJS];
const LOOSE: SchemaProfile = { name: "loose", keywords: "all" };

function lower(schema: JsonSchema, profile: SchemaProfile): JsonSchema {
  return lowerSchema(schema, profile, "schema").schema;
}

function pathsLost(schema: JsonSchema, profile: SchemaProfile): readonly (string | undefined)[] {
  return lowerSchema(schema, profile, "schema").warnings.map((warning) => warning.path);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DragomanError) return `${error.code} at ${error.field}`;
  }
  return "nothing was thrown";
}

function objectOf(properties: JsonObject, more: JsonObject = {}): JsonSchema {
  return { type: "object", properties, ...more };
}

describe("what a vendor does not take", () => {
  test("is written into the description and reported with its path and value", () => {
    const schema = objectOf({ age: { type: "integer", minimum: 0, description: "In years." } }, { required: ["age"] });
    const lowered = lowerSchema(schema, OLLAMA_TOOL, "tools[0].inputSchema");
    expect(lowered.schema).toEqual(
      objectOf({ age: { type: "integer", description: "In years.\n(minimum: 0)" } }, { required: ["age"] }),
    );
    expect(lowered.warnings).toEqual([
      {
        type: "lossy",
        path: "tools[0].inputSchema.properties.age.minimum",
        detail: "Ollama tools does not take minimum here; written into the description",
        value: 0,
      },
    ]);
  });

  test("is only reported where the profile keeps descriptions as they are", () => {
    const profile: SchemaProfile = { name: "terse", keywords: new Set(["type", "description"]), intoDescription: false };
    const lowered = lowerSchema({ type: "string", minLength: 2 }, profile, "schema");
    expect(lowered.schema).toEqual({ type: "string" });
    expect(lowered.warnings.map((warning) => warning.detail)).toEqual(["terse does not take minLength here; left out"]);
  });

  test("is judged by its value where only some values are taken", () => {
    const schema = objectOf({
      when: { type: "string", format: "date-time" },
      where: { type: "string", format: "uri" },
      bare: { type: "string", pattern: "^a+$" },
      ahead: { type: "string", pattern: "^(?=a)b" },
    });
    expect(pathsLost(schema, OPENAI_STRICT)).toEqual(["schema.properties.where.format", "schema.properties.ahead.pattern"]);
    expect(pathsLost({ type: "array", items: { type: "string" }, minItems: 1 }, ANTHROPIC_OUTPUT)).toEqual([]);
    expect(pathsLost({ type: "array", items: { type: "string" }, minItems: 2 }, ANTHROPIC_OUTPUT)).toEqual(["schema.minItems"]);
  });

  test("is not looked for among the names of properties, nor in data", () => {
    const schema = objectOf({ minimum: { type: "string", enum: ["pattern"] }, $ref: { type: "string" } }, { required: ["$ref"] });
    expect(lowerSchema(schema, OLLAMA_TOOL, "schema")).toEqual({ schema, warnings: [] });
  });

  test("says nothing of $schema and $id, which constrain nothing", () => {
    const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", $id: "x", type: "object", properties: {} };
    expect(lowerSchema(schema, OLLAMA_TOOL, "schema")).toEqual({ schema: { type: "object", properties: {} }, warnings: [] });
  });

  test("keeps a property called __proto__ a property", () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string","minLength":1}}}') as JsonSchema;
    const lowered = lower(schema, OLLAMA_TOOL);
    expect(JSON.stringify(lowered)).toBe(
      '{"type":"object","properties":{"__proto__":{"type":"string","description":"(minLength: 1)"}}}',
    );
  });
});

describe("references", () => {
  const tree = objectOf(
    { root: { $ref: "#/$defs/node" } },
    { $defs: { node: objectOf({ next: { $ref: "#/$defs/node" }, name: { type: "string" } }, { required: ["name"] }) } },
  );

  test("are written out, and a recursion ends in an open value with a warning", () => {
    const lowered = lowerSchema(tree, OLLAMA_TOOL, "schema");
    expect(lowered.schema).toEqual(objectOf({ root: objectOf({ next: {}, name: { type: "string" } }, { required: ["name"] }) }));
    expect(lowered.warnings.map((warning) => warning.path)).toEqual(["schema.properties.root.properties.next.$ref"]);
  });

  test("stay where the vendor takes them", () => {
    expect(lowerSchema(tree, GEMINI_JSON_SCHEMA, "schema")).toEqual({ schema: tree, warnings: [] });
  });

  test("with something beside them are written out, as vendors refuse that", () => {
    const schema = objectOf(
      { a: { $ref: "#/$defs/name", description: "The first." } },
      { $defs: { name: { type: "string", description: "A name." } } },
    );
    expect(lower(schema, GEMINI_JSON_SCHEMA).properties).toEqual({ a: { type: "string", description: "The first." } });
  });

  test("that recurse through a single allOf become plain, and report what stood beside them", () => {
    const schema = objectOf(
      { root: { $ref: "#/$defs/node" } },
      { $defs: { node: objectOf({ next: { allOf: [{ $ref: "#/$defs/node" }], description: "The rest." } }) } },
    );
    const lowered = lowerSchema(schema, GEMINI_JSON_SCHEMA, "schema");
    expect(lowered.schema).toEqual(
      objectOf({ root: { $ref: "#/$defs/node" } }, { $defs: { node: objectOf({ next: { $ref: "#/$defs/node" } }) } }),
    );
    expect(lowered.warnings.map((warning) => warning.path)).toEqual(["schema.$defs.node.properties.next.description"]);
  });

  test("out of the document are never followed", () => {
    const schema = objectOf({ a: { $ref: "https://example.org/schema.json" } });
    for (const profile of [OLLAMA_TOOL, GEMINI_JSON_SCHEMA, OPENAI_STRICT]) {
      expect(pathsLost(schema, profile)).toEqual(["schema.properties.a.$ref"]);
    }
  });

  test("at the root are written out where the root must be an object", () => {
    const schema = { $ref: "#/$defs/input", $defs: { input: objectOf({ a: { type: "string" } }, { required: ["a"] }) } };
    const lowered = lower(schema, OPENAI_STRICT);
    expect(lowered.type).toBe("object");
    expect(lowered.properties).toEqual({ a: { type: "string" } });
    expect(lowered).not.toHaveProperty("$ref");
  });
});

describe("combinations", () => {
  test("allOf is folded where that means the same", () => {
    const schema = objectOf(
      { a: { allOf: [{ type: "string", minLength: 1 }, { minLength: 3 }], description: "d" } },
      { allOf: [objectOf({ b: { type: "number" } }, { required: ["b"] })], required: ["a"] },
    );
    const keepsLength: SchemaProfile = { ...OLLAMA_TOOL, keywords: new Set(["type", "properties", "required", "minLength"]) };
    const lowered = lowerSchema(schema, keepsLength, "schema");
    expect(lowered.schema).toEqual(
      objectOf({ a: { type: "string", minLength: 3 }, b: { type: "number" } }, { required: ["a", "b"] }),
    );
    expect(lowered.warnings.map((warning) => warning.path)).toEqual(["schema.properties.a.description"]);
  });

  test("allOf that cannot be folded is dropped with a warning", () => {
    const schema = objectOf({ a: { type: "string", allOf: [{ pattern: "a" }, { pattern: "b" }] } });
    expect(pathsLost(schema, ANTHROPIC_OUTPUT)).toEqual(["schema.properties.a.allOf"]);
  });

  test("oneOf becomes anyOf, silently only where the alternatives shut each other out", () => {
    const shape = (kind: string) => objectOf({ kind: { const: kind } }, { required: ["kind"] });
    const told = objectOf({ a: { oneOf: [shape("circle"), shape("square")] } });
    expect(pathsLost(told, GEMINI_JSON_SCHEMA)).toEqual([]);
    const vague = objectOf({ a: { oneOf: [{ type: "number" }, { minimum: 3, type: "integer" }] } });
    expect(pathsLost(vague, GEMINI_JSON_SCHEMA)).toEqual(["schema.properties.a.oneOf"]);
    expect(lower(vague, GEMINI_JSON_SCHEMA).properties).toEqual({
      a: { anyOf: [{ type: "number" }, { minimum: 3, type: "integer" }] },
    });
  });

  test("properties beside anyOf go into the alternatives where every object is closed", () => {
    const schema = objectOf({
      a: objectOf({ x: { type: "string" } }, { anyOf: [objectOf({ y: { type: "number" } }), { required: ["x"] }] }),
    });
    expect(lower(schema, ANTHROPIC_OUTPUT).properties).toEqual({
      a: {
        anyOf: [
          objectOf({ x: { type: "string" }, y: { type: "number" } }, { additionalProperties: false }),
          objectOf({ x: { type: "string" } }, { required: ["x"], additionalProperties: false }),
        ],
      },
    });
  });

  test("a type beside anyOf moves into the alternatives for Moonshot", () => {
    const schema = objectOf({ a: { type: "string", anyOf: [{ minLength: 3 }, { type: "string", enum: ["x"] }] } });
    expect(lower(schema, MOONSHOT_MFJS).properties).toEqual({
      a: {
        anyOf: [
          { type: "string", minLength: 3 },
          { type: "string", enum: ["x"] },
        ],
      },
    });
  });

  test("a tuple becomes a list of its members where there are no tuples, in the spelling of either draft", () => {
    const members = [{ type: "string" }, { type: "number" }];
    for (const tuple of [
      { type: "array", prefixItems: members },
      { type: "array", items: members },
    ]) {
      const lowered = lowerSchema(objectOf({ a: tuple }), OLLAMA_TOOL, "schema");
      expect(lowered.schema.properties).toMatchObject({ a: { type: "array", items: { anyOf: members } } });
      expect(lowered.warnings.map((warning) => warning.path)).toEqual(["schema.properties.a.prefixItems"]);
    }
  });

  test("a constant becomes an enum of one", () => {
    expect(lower(objectOf({ a: { const: "x", description: "d" } }), OLLAMA_TOOL).properties).toEqual({
      a: { enum: ["x"], description: "d" },
    });
  });
});

describe("strict objects", () => {
  test("require every property, let optional ones be null, and shut out all others", () => {
    const schema = objectOf(
      {
        name: { type: "string" },
        unit: { type: "string", enum: ["C", "F"] },
        when: { anyOf: [{ type: "string" }, { type: "number" }] },
        where: { $ref: "#/$defs/place" },
        note: { type: ["string", "null"] },
      },
      { required: ["name"], $defs: { place: objectOf({ city: { type: "string" } }, { required: ["city"] }) } },
    );
    expect(lowerSchema(schema, OPENAI_STRICT, "schema")).toEqual({
      schema: {
        type: "object",
        properties: {
          name: { type: "string" },
          unit: { type: ["string", "null"], enum: ["C", "F", null] },
          when: { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] },
          where: { anyOf: [{ $ref: "#/$defs/place" }, { type: "null" }] },
          note: { type: ["string", "null"] },
        },
        required: ["name", "unit", "when", "where", "note"],
        $defs: { place: objectOf({ city: { type: "string" } }, { required: ["city"], additionalProperties: false }) },
        additionalProperties: false,
      },
      warnings: [],
    });
  });

  test("report free keys that they close", () => {
    const schema = objectOf({ map: { type: "object", additionalProperties: { type: "number" } }, any: { type: "object" } });
    expect(pathsLost(schema, ANTHROPIC_OUTPUT)).toEqual([
      "schema.properties.map.additionalProperties",
      "schema.properties.any.additionalProperties",
    ]);
  });

  test("have an object at the root, and nothing else", () => {
    const union = { type: "object", anyOf: [objectOf({})] };
    expect(codeOf(() => lower({ type: "array", items: {} }, OPENAI_STRICT))).toBe("schema_unsupported at schema");
    expect(codeOf(() => lower(union, OPENAI_STRICT))).toBe("schema_unsupported at schema");
    expect(codeOf(() => lower({ type: ["object", "null"] }, MOONSHOT_MFJS))).toBe("schema_unsupported at schema");
    expect(lower({ properties: {} }, OPENAI_STRICT).type).toBe("object");
  });
});

describe("or null", () => {
  const schema: JsonSchema = { type: ["string", "integer", "null"], minLength: 1, minimum: 2, description: "d" };

  test("is split into alternatives, each with the keywords that speak of it", () => {
    expect(lower(schema, { ...LOOSE, nullable: "any-of" })).toEqual({
      anyOf: [{ type: "string", minLength: 1 }, { type: "integer", minimum: 2 }, { type: "null" }],
      description: "d",
    });
    expect(lower({ type: ["string", "null"], enum: ["a", null] }, { ...LOOSE, nullable: "any-of" })).toEqual({
      anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }],
    });
  });

  test("is joined into a list of types", () => {
    const split = { anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }], description: "d" };
    expect(lower(split, { ...LOOSE, nullable: "type-array" })).toEqual({
      type: ["string", "null"],
      enum: ["a", null],
      description: "d",
    });
  });

  test("is said by a keyword", () => {
    expect(lower({ anyOf: [{ type: "string" }, { type: "null" }] }, { ...LOOSE, nullable: "keyword" })).toEqual({
      type: "string",
      nullable: true,
    });
  });
});

describe("limits", () => {
  test("a schema nested deeper than 64 is refused with its path", () => {
    let schema: JsonSchema = { type: "string" };
    for (let depth = 0; depth < 65; depth++) schema = { type: "array", items: schema };
    expect(codeOf(() => lower(schema, OLLAMA_TOOL))).toContain("schema_unsupported at schema.items.items");
  });

  test("references that double at each step are refused, also through allOf", () => {
    for (const keyword of ["anyOf", "allOf"]) {
      const $defs: Record<string, JsonSchema> = { d30: { type: "string" } };
      for (let depth = 0; depth < 30; depth++) {
        $defs[`d${depth}`] = { [keyword]: [{ $ref: `#/$defs/d${depth + 1}` }, { $ref: `#/$defs/d${depth + 1}` }] };
      }
      expect(codeOf(() => lower({ ...objectOf({ a: { $ref: "#/$defs/d0" } }), $defs }, OLLAMA_TOOL))).toContain(
        "schema_unsupported",
      );
    }
  });

  test("what is no schema is refused", () => {
    expect(codeOf(() => lower(objectOf({ a: "string" }), OLLAMA_TOOL))).toBe("schema_unsupported at schema.properties.a");
  });
});

// Laws

const NAMES = ["a", "b", "c"] as const;

const annotated = (schema: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> =>
  fc
    .tuple(schema, fc.option(fc.constantFrom("d", "e"), { nil: undefined }))
    .map(([base, description]) => (description === undefined ? base : { ...base, description }));

const SCALAR: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record({ type: fc.constant("string"), minLength: fc.nat(2), maxLength: fc.nat(3) }, { requiredKeys: ["type"] }),
  fc.record({ type: fc.constantFrom("integer", "number"), minimum: fc.nat(2), maximum: fc.nat(3) }, { requiredKeys: ["type"] }),
  fc.record({ type: fc.constantFrom<JsonValue>(["string", "null"], ["integer", "string"], "boolean", "null") }),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom("x", "y", 1, null), { minLength: 1 }) }),
  fc.record({ const: fc.constantFrom<JsonValue>("x", 1, null) }),
  fc.constant({ type: "string", format: "uri" }),
  fc.constant({ $ref: "#/$defs/leaf" }),
  fc.constant({}),
);

const SCHEMA: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema; object: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    annotated(SCALAR),
    tie("object"),
    fc.record({ type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(2) }, { requiredKeys: ["type", "items"] }),
    fc.record({ type: fc.constant("array"), prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
  ),
  object: fc.record(
    {
      type: fc.constant("object"),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 3 }),
      required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
      additionalProperties: fc.constantFrom(false, true),
      anyOf: fc.array(tie("object"), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ["type", "properties"] },
  ),
})).schema;

const DOCUMENT: fc.Arbitrary<JsonSchema> = fc
  .tuple(fc.dictionary(fc.constantFrom(...NAMES), SCHEMA, { minKeys: 1, maxKeys: 3 }), SCHEMA, fc.subarray([...NAMES]))
  .map(([properties, leaf, wanted]) => ({
    type: "object",
    properties,
    required: wanted.filter((name) => name in properties),
    $defs: { leaf },
  }));

const VALUE: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<JsonValue>("", "x", "yy", "xyz", 0, 1, 2.5, true, null),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const INPUT: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom(...NAMES), VALUE, { maxKeys: 3 });

async function isValid(schema: JsonSchema, value: JsonValue): Promise<boolean> {
  return (await validateAgainst(schema, value)).length === 0;
}

/** Schemas that are empty loops (`leaf` is `leaf`) mean nothing, and no validator takes them. */
function isUsable(schema: JsonSchema): boolean {
  return !JSON.stringify(schema.$defs).includes("#/$defs/leaf");
}

describe("laws", () => {
  test.each(PROFILES)("lowering for $name twice is lowering once", (profile) => {
    fc.assert(
      fc.property(DOCUMENT, (schema) => {
        const once = lowerSchema(schema, profile, "schema");
        const twice = lowerSchema(once.schema, profile, "schema");
        expect(JSON.stringify(twice.schema)).toBe(JSON.stringify(once.schema));
        expect(twice.warnings).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test.each([GEMINI_JSON_SCHEMA, OLLAMA_TOOL, MOONSHOT_MFJS])(
    "what the schema takes, its form for $name takes",
    async (profile) => {
      await fc.assert(
        fc.asyncProperty(DOCUMENT.filter(isUsable), INPUT, async (schema, value) => {
          const lowered = lowerSchema(schema, profile, "schema");
          if (lowered.warnings.length === 0 && (await isValid(schema, value))) {
            expect(await isValid(lowered.schema, value)).toBe(true);
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  test.each(PROFILES)("what the form for $name takes, the schema takes, unless a loss was reported", async (profile) => {
    await fc.assert(
      fc.asyncProperty(DOCUMENT.filter(isUsable), INPUT, async (schema, value) => {
        const lowered = lowerSchema(schema, profile, "schema");
        const answer = profile.allRequired === true ? withNulls(lowered.schema, value) : value;
        if (lowered.warnings.length > 0 || !(await isValid(lowered.schema, answer))) return;
        const read = profile.allRequired === true ? withoutAddedNulls(schema, answer) : answer;
        expect(await isValid(schema, read)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** What a model writes that has to fill in every property. */
function withNulls(schema: JsonSchema, value: JsonObject): JsonObject {
  const names = Object.keys(schema.properties ?? {});
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...value };
}

describe("nulls that stand for what was left out", () => {
  const schema = objectOf(
    {
      name: { type: "string" },
      unit: { type: "string" },
      note: { type: ["string", "null"] },
      places: { type: "array", items: { $ref: "#/$defs/place" } },
      shape: { anyOf: [objectOf({ kind: { const: "circle" }, size: { type: "number" } }, { required: ["kind"] })] },
    },
    { required: ["name"], $defs: { place: objectOf({ city: { type: "string" } }) } },
  );

  test("are taken out, and no others", async () => {
    const strict = { name: "x", unit: null, note: null, places: [{ city: null }], shape: { kind: "circle", size: null } };
    expect(await validateAgainst(lower(schema, OPENAI_STRICT), strict)).toEqual([]);
    const value = withoutAddedNulls(schema, strict);
    expect(value).toEqual({ name: "x", note: null, places: [{}], shape: { kind: "circle" } });
    expect(await validateAgainst(schema, value)).toEqual([]);
  });

  test("stay where a required property is null, so that the check can say so", () => {
    expect(withoutAddedNulls(schema, { name: null })).toEqual({ name: null });
  });
});
