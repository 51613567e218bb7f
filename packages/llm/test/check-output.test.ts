import { createScriptedProvider, startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  type Completion,
  type CompletionRequest,
  checkOutput,
  type JsonSchema,
  openai,
  Secret,
  userMessage,
} from "../src/index.ts";

const PERSON: JsonSchema = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    age: { type: "integer", minimum: 0 },
    friends: { type: "array", items: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
  },
  required: ["name", "age"],
  additionalProperties: false,
};

function request(schema?: JsonSchema): CompletionRequest {
  const output = { type: "json", ...(schema === undefined ? {} : { schema }) } as const;
  return { model: "m", messages: [userMessage("Who?")], output };
}

async function answered(text: string, finish: Completion["finish"] = { reason: "stop" }): Promise<Completion> {
  return createScriptedProvider([{ text, finish }]).complete({ model: "m", messages: [] });
}

describe("checking structured output", () => {
  test("gives the value that satisfies the schema", async () => {
    const value = { name: "Ada", age: 36, friends: [{ name: "Charles" }] };
    expect(await checkOutput(await answered(JSON.stringify(value)), request(PERSON))).toEqual(value);
  });

  test.each([
    ['{"name":"Ada"}', undefined, "required"],
    ['{"name":"Ada","age":-1}', "age", "age must be >= 0"],
    ['{"name":"Ada","age":1,"friends":[{"name":"C"},{"name":7}]}', "friends[1].name", "friends[1].name must be string"],
    ['{"name":"Ada","age":1,"extra":true}', undefined, '"extra"'],
    ["[]", undefined, "must be object"],
  ])("of %s says where it is wrong", async (text, field, detail) => {
    await expect(checkOutput(await answered(text), request(PERSON))).rejects.toMatchObject({
      code: "invalid_output",
      field,
      detail: expect.stringContaining(detail),
      provider: "scripted",
      model: "m",
      retryable: true,
    });
  });

  test("of many violations names the first ones and counts the rest", async () => {
    const friends = Array.from({ length: 9 }, () => ({}));
    const text = JSON.stringify({ name: "Ada", age: 1, friends });
    await expect(checkOutput(await answered(text), request(PERSON))).rejects.toMatchObject({
      detail: expect.stringMatching(/and 4 more$/),
    });
  });

  test("takes out the nulls that a vendor's strict mode wrote for what was left out", async () => {
    expect(await checkOutput(await answered('{"name":"Ada","age":1,"friends":null}'), request(PERSON))).toEqual({
      name: "Ada",
      age: 1,
    });
  });

  test("without a schema wants any object", async () => {
    expect(await checkOutput(await answered('{"x":[1]}'), request())).toEqual({ x: [1] });
    await expect(checkOutput(await answered("7"), request())).rejects.toMatchObject({ code: "invalid_output" });
  });

  test("tells no JSON, half a JSON and nothing at all apart", async () => {
    const detailOf = async (completion: Completion) =>
      checkOutput(completion, request(PERSON)).catch((error: unknown) => (error instanceof Error ? error.message : ""));
    expect(await detailOf(await answered("Sure! Here it is"))).toContain('it begins "Sure! Here it is"');
    expect(await detailOf(await answered('{"name":"A', { reason: "length" }))).toContain("raise maxOutputTokens");
    expect(await detailOf(await answered(""))).toContain("no text");
  });

  test("says of a refusal that it is one", async () => {
    await expect(checkOutput(await answered("No.", { reason: "content-filter" }), request(PERSON))).rejects.toMatchObject({
      code: "content_refused",
      retryable: false,
    });
  });

  test("is a mistake for a request that asked for text, and for a schema that cannot be used", async () => {
    await expect(checkOutput(await answered("{}"), { output: { type: "text" } })).rejects.toMatchObject({ field: "output" });
    await expect(checkOutput(await answered("{}"), {})).rejects.toMatchObject({ code: "invalid_request", field: "output" });
    await expect(checkOutput(await answered("{}"), request({ $ref: "#/nowhere" }))).rejects.toMatchObject({
      code: "schema_unsupported",
    });
  });

  test("goes with an answer of a vendor", async () => {
    const fake = await startFakeVendor("openai");
    try {
      const provider = openai({ baseUrl: fake.baseUrl, key: new Secret("any-key") });
      const asked = { ...request(PERSON), model: "gpt-4.1-mini" };
      expect(await checkOutput(await provider.complete(asked), asked)).toMatchObject({ name: expect.any(String) });
    } finally {
      await fake.close();
    }
  });
});
