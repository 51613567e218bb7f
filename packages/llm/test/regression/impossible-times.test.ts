/** A time that no date can hold was passed on, and the dialects that write dates threw a RangeError. */
import { expect, test } from "vitest";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };
const CLIENT = { model: "sample-model", echo: {} };
const CHOICES = [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }];

test.each([2e40, Number.POSITIVE_INFINITY, -1, 0, "soon"])("a chat answer made at %s has no time", (created) => {
  const completion = createOpenAIChatDialect().parseResponse({ created, choices: CHOICES }, CONTEXT);
  expect(completion.createdAt).toBeUndefined();
  expect(() => createGeminiDialect().renderResponse(completion, CLIENT)).not.toThrow();
});

test("a response made at an impossible time has none", () => {
  const body = { object: "response", created_at: 1e300, output: [] };
  expect(createOpenAIResponsesDialect().parseResponse(body, CONTEXT).createdAt).toBeUndefined();
});

test("a possible time stays", () => {
  const body = { created: 1_767_225_600, choices: CHOICES };
  expect(createOpenAIChatDialect().parseResponse(body, CONTEXT).createdAt).toBe(1_767_225_600);
});
