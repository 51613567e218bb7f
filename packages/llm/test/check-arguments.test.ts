import { expect, test } from "vitest";
import { checkArguments, defineTool, type ToolCallPart } from "../src/index.ts";

const weather = defineTool({
  name: "get_weather",
  input: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
    required: ["city"],
    additionalProperties: false,
  },
});

function call(values: Partial<ToolCallPart>): ToolCallPart {
  return { type: "tool-call", id: "1", name: "get_weather", arguments: {}, ...values };
}

test("takes arguments that satisfy the whole schema", async () => {
  expect(await checkArguments(call({ arguments: { city: "Oslo", days: 2 } }), [weather])).toEqual({
    valid: true,
    arguments: { city: "Oslo", days: 2 },
  });
});

test("takes out the nulls that a strict mode wrote for what was left out", async () => {
  expect(await checkArguments(call({ arguments: { city: "Oslo", days: null } }), [weather])).toEqual({
    valid: true,
    arguments: { city: "Oslo" },
  });
});

test.each([
  ["a missing field", call({ arguments: { days: 2 } }), /city/],
  ["a wrong value", call({ arguments: { city: "Oslo", days: 0 } }), /days/],
  ["text that is no JSON", call({ invalid: "the arguments are not JSON: at 3", argumentsText: "{ci" }), /not JSON.*JSON object/],
  ["a tool that does not exist", call({ name: "get_wether" }), /no tool get_wether.*get_weather/],
])("tells the model of %s", async (_name, part, message) => {
  expect(await checkArguments(part, [weather])).toMatchObject({ valid: false, message: expect.stringMatching(message) });
});
