import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DragomanError } from "../src/errors.ts";
import type { JsonSchema, JsonValue } from "../src/json.ts";
import { validateAgainst } from "../src/validate.ts";
import type { Warning } from "../src/warning.ts";

const FORECAST: JsonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: { days: { type: "array", items: { type: "object", properties: { "max temp": { type: "number" } } } } },
  required: ["days"],
  additionalProperties: false,
};

async function uncheckedOf(schema: JsonSchema, value: JsonValue): Promise<{ valid: boolean; unchecked: Warning[] }> {
  const unchecked: Warning[] = [];
  const violations = await validateAgainst(schema, value, (warning) => unchecked.push(warning));
  return { valid: violations.length === 0, unchecked };
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof DragomanError ? error.code : `no error: ${String(error)}`;
}

describe("violations", () => {
  test("a valid value has none", async () => {
    expect(await validateAgainst(FORECAST, { days: [{ "max temp": 21 }] })).toEqual([]);
  });

  test("name the place, the keyword and what is wrong", async () => {
    expect(await validateAgainst(FORECAST, { days: [{}, { "max temp": "hot" }], extra: 1 })).toEqual([
      { path: "", keyword: "additionalProperties", detail: 'the value must NOT have additional properties: "extra"' },
      { path: 'days[1]["max temp"]', keyword: "type", detail: 'days[1]["max temp"] must be number' },
    ]);
    expect(await validateAgainst({ enum: ["C", "F"] }, "K")).toEqual([
      { path: "", keyword: "enum", detail: 'the value must be equal to one of the allowed values: "C", "F"' },
    ]);
  });

  test("are at most fifty", async () => {
    const value = Array.from({ length: 80 }, () => "x");
    expect(await validateAgainst({ type: "array", items: { type: "number" } }, value)).toHaveLength(50);
  });

  test("follow references inside the schema, recursive ones too", async () => {
    const tree: JsonSchema = {
      $ref: "#/$defs/node",
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" }, n: { type: "integer" } } } },
    };
    expect((await validateAgainst(tree, { next: { next: { n: 1.5 } } })).map(({ path }) => path)).toEqual(["next.next.n"]);
  });

  test("of a value nested without end are one violation, not a crash", async () => {
    const tree: JsonSchema = { $ref: "#/$defs/node", $defs: { node: { type: "array", items: { $ref: "#/$defs/node" } } } };
    let value: JsonValue = [];
    for (let depth = 0; depth < 200_000; depth++) value = [value];
    expect(await validateAgainst(tree, value)).toEqual([
      { path: "", keyword: "depth", detail: "the value is nested too deeply to be checked" },
    ]);
  });

  test("are found in tuples of draft 7 as well", async () => {
    const tuple: JsonSchema = { type: "array", items: [{ type: "string" }], additionalItems: false };
    expect((await validateAgainst(tuple, [1])).map(({ path }) => path)).toEqual(["[0]"]);
    expect(await validateAgainst(tuple, ["a", "b"])).toHaveLength(1);
  });
});

describe("a schema that cannot be used", () => {
  test("is refused: a reference elsewhere is never fetched", async () => {
    expect(await codeOf(validateAgainst({ $ref: "https://example.org/schema.json" }, 1))).toBe("schema_unsupported");
    expect(await codeOf(validateAgainst({ $ref: "#/$defs/missing" }, 1))).toBe("schema_unsupported");
  });

  test("is refused: keywords of the wrong kind", async () => {
    expect(await codeOf(validateAgainst({ type: "string", minLength: "two" }, "x"))).toBe("schema_unsupported");
  });

  test("is refused: nested too deeply", async () => {
    let schema: JsonSchema = {};
    for (let depth = 0; depth < 300; depth++) schema = { items: schema };
    expect(await codeOf(validateAgainst(schema, []))).toBe("schema_unsupported");
  });
});

describe("patterns", () => {
  test("are checked", async () => {
    const schema: JsonSchema = { type: "string", pattern: "^[a-z]{2}-\\d+$" };
    expect(await uncheckedOf(schema, "ab-12")).toEqual({ valid: true, unchecked: [] });
    expect(await uncheckedOf(schema, "ab-x")).toEqual({ valid: false, unchecked: [] });
  });

  test("that are complicated, or not valid under the flag u, are checked too", async () => {
    const semver: JsonSchema = { pattern: "^(\\d+\\.)+\\d+(-[\\w\\.]+)*$" };
    expect(await uncheckedOf(semver, "1.2.3-rc.1")).toEqual({ valid: true, unchecked: [] });
    expect(await uncheckedOf(semver, "1.2.x")).toEqual({ valid: false, unchecked: [] });
    expect(await uncheckedOf({ pattern: "^[\\w-.]+\\-x$" }, "a.b")).toEqual({ valid: false, unchecked: [] });
  });

  test.each(["^(a+)+$", "^(a|a)*$", "^(a?){30}b$", "^(?:a*a*)*b$", `^${"a?".repeat(60)}${"a".repeat(60)}$`])(
    "that would run for ages are left unchecked with a warning: %s",
    async (pattern) => {
      const result = await uncheckedOf({ type: "array", items: { pattern } }, [`${"a".repeat(58)}!`, `${"a".repeat(59)}!`]);
      expect(result.valid).toBe(true);
      expect(result.unchecked).toHaveLength(1);
      expect(result.unchecked[0]?.detail).toContain("left unchecked");
    },
  );

  test("that are no regular expression, or longer than 1000 characters, are left unchecked", async () => {
    expect((await uncheckedOf({ pattern: "(" }, "x")).unchecked).toHaveLength(1);
    expect((await uncheckedOf({ pattern: "a".repeat(1001) }, "x")).unchecked).toHaveLength(1);
  });

  test("of property names run under the same guard", async () => {
    const schema: JsonSchema = { patternProperties: { "^(a+)+$": { type: "number" } } };
    expect((await uncheckedOf(schema, { [`${"a".repeat(60)}!`]: 1 })).unchecked).toHaveLength(1);
  });
});

test("any JSON value can be checked against any of a few schemas without throwing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.constantFrom(FORECAST, {}, { not: {} }, { type: "array", uniqueItems: true }),
      async (value, schema) => {
        expect(Array.isArray(await validateAgainst(schema, value as JsonValue))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
