/** Words of the wire were looked up in plain objects, where `constructor` and its like are always found. */
import { expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { userMessage } from "../../src/message.ts";
import type { StreamEvent } from "../../src/stream.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };

test("Gemini: a finish reason of such a name is another reason", () => {
  const body = { candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "constructor" }] };
  const { finish } = createGeminiDialect().parseResponse(body, CONTEXT);
  expect(finish).toMatchObject({ reason: "other", raw: "constructor" });
});

test("Anthropic: a vendor option of such a name needs no beta", () => {
  const request = {
    model: "m",
    messages: [userMessage("Hi.")],
    vendorOptions: { "anthropic-messages": { hasOwnProperty: 1, toString: 2 } },
  };
  const { body, headers } = createAnthropicMessagesDialect().renderRequest(request, {
    stream: false,
    capabilities: UNKNOWN_CAPABILITIES,
  });
  expect(Object.entries(body ?? {})).toEqual(expect.arrayContaining([["hasOwnProperty", 1]]));
  expect(headers["anthropic-beta"]).toBeUndefined();
});

test("OpenAI chat: log probabilities under such a name are kept", () => {
  const parser = createOpenAIChatDialect().parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  parser.push({ data: '{"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"constructor":[1]}}]}' }, events);
  parser.push({ data: '{"choices":[{"index":0,"delta":{},"logprobs":{"constructor":[2]},"finish_reason":"stop"}]}' }, events);
  parser.push({ data: "[DONE]" }, events);
  const last = events.at(-1);
  expect(last?.type).toBe("finish");
  expect(JSON.stringify(last)).toContain('"constructor":[1,2]');
});
