import { createScriptedProvider, startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import { anthropic, type JsonValue, openai, Secret, streamOutput, structuredOutput, userMessage } from "../src/index.ts";

const schema = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" }, tags: { type: "array", items: { type: "string" } } },
  required: ["name", "age", "tags"],
  additionalProperties: false,
} as const;
const call = { model: "any", messages: [userMessage("Who?")], output: { type: "json", schema } } as const;

/** A provider that says a text in pieces. */
function saying(...pieces: readonly string[]) {
  const origin = { dialect: "d", provider: "p", model: "any" };
  return {
    async *stream() {
      yield { type: "start", id: "1", origin } as const;
      yield { type: "text-start", index: 0 } as const;
      for (const text of pieces) yield { type: "text-delta", index: 0, text } as const;
      yield { type: "text-end", index: 0 } as const;
      yield { type: "finish", finish: { reason: "stop" }, usage: {} } as const;
    },
  };
}

async function valuesOf(provider: Parameters<typeof streamOutput>[0]): Promise<readonly (JsonValue | undefined)[]> {
  const values = [];
  for await (const { value } of streamOutput(provider, call)) values.push(value);
  return values;
}

test("strings grow, lists fill, and a number shows only once it is whole", async () => {
  const provider = saying('{"na', 'me":"A', 'da","age":3', '6,"tags":["x', '"]}');
  expect(await valuesOf(provider)).toEqual([
    {},
    { name: "A" },
    { name: "Ada" },
    { name: "Ada", age: 36, tags: ["x"] },
    { name: "Ada", age: 36, tags: ["x"] },
  ]);
});

test("every value but the last is a beginning of it, however the text is cut", async () => {
  const whole = { name: 'A "b" \\ é 世界', age: 7, tags: ["one", "two"] };
  for (const size of [1, 2, 3, 7]) {
    const text = JSON.stringify(whole);
    const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "gu")) ?? [];
    const values = await valuesOf(saying(...pieces));
    expect(values.at(-1)).toEqual(whole);
    for (const value of values) expect(isBeginning(value, whole), JSON.stringify(value)).toBe(true);
  }
});

function isBeginning(value: unknown, whole: unknown): boolean {
  if (typeof value === "string" && typeof whole === "string") return whole.startsWith(value);
  if (Array.isArray(value) && Array.isArray(whole)) return value.every((item, index) => isBeginning(item, whole[index]));
  if (typeof value === "object" && value !== null && typeof whole === "object" && whole !== null) {
    return Object.entries(value).every(([key, item]) => isBeginning(item, Reflect.get(whole, key)));
  }
  return value === whole;
}

test("the last value satisfies the schema, or it is an error", async () => {
  await expect(valuesOf(saying('{"name":"Ada"', "}"))).rejects.toMatchObject({ code: "invalid_output" });
  await expect(valuesOf(saying("no JSON at all"))).rejects.toMatchObject({ code: "invalid_output" });
});

test("a stream that fails throws what it failed with", async () => {
  const failing = createScriptedProvider([]);
  await expect(valuesOf(failing)).rejects.toMatchObject({ name: "DragomanError" });
});

test("a long answer is read in linear time: pieces of one character do not each cost the whole", async () => {
  const long = JSON.stringify({ name: "x".repeat(60_000), age: 1, tags: [] });
  const values = await valuesOf(saying(...(long.match(/[\s\S]{1,8}/g) ?? [])));
  expect(values.length).toBeLessThan(2_500);
  expect(values.at(-1)).toEqual(JSON.parse(long));
});

describe("over the wire, natively and by tool", () => {
  test.each([
    ["openai", (baseUrl: string) => openai({ baseUrl, key: new Secret("k") }), "native", "gpt-4.1-mini"],
    ["anthropic", (baseUrl: string) => anthropic({ baseUrl, key: new Secret("k") }), "tool", "claude-sonnet-4-5"],
  ] as const)("%s", async (name, create, mode, model) => {
    const vendor = await startFakeVendor(name);
    const provider = structuredOutput(create(vendor.baseUrl), { mode });
    const seen = [];
    for await (const part of streamOutput(provider, { ...call, model })) seen.push(part);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)?.completion?.usage.outputTokens).toBeGreaterThan(0);
    expect(Object.keys(Object(seen.at(-1)?.value))).toEqual(["name", "age", "tags"]);
    await vendor.close();
  });
});
