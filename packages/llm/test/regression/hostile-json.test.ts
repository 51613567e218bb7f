/** A key named `__proto__` gave copies of an object another prototype; deep nesting ended the stack of whoever wrote it out. */
import { describe, expect, test } from "vitest";
import type { Dialect } from "../../src/dialect.ts";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import type { StreamEvent } from "../../src/stream.ts";

const DIALECTS: readonly Dialect[] = [
  createOpenAIChatDialect(),
  createOpenAIResponsesDialect(),
  createAnthropicMessagesDialect(),
  createGeminiDialect(),
];
const CONTEXT = { provider: "sample", model: "sample-model" };
const DEEP = "[".repeat(5000) + "]".repeat(5000);
const FLAWS = { "__proto__ as a key": '{"extra":{"__proto__":{"admin":true}}}', "deep nesting": `{"extra":${DEEP}}` };

describe.each(DIALECTS)("$id", (dialect) => {
  test.each(Object.entries(FLAWS))("refuses an answer with %s", (_name, text) => {
    expect(() => dialect.parseResponse(JSON.parse(text), CONTEXT)).toThrow(
      expect.objectContaining({ code: "invalid_response", detail: expect.stringMatching(/__proto__|256 levels/) }),
    );
  });

  test.each(Object.entries(FLAWS))("ends a stream with an error at an event with %s", (_name, data) => {
    const events: StreamEvent[] = [];
    dialect.parseStream(CONTEXT).push({ data }, events);
    expect(events).toEqual([{ type: "error", error: expect.objectContaining({ code: "invalid_response" }) }]);
  });

  test.each(Object.entries(FLAWS))("refuses a request with %s", (_name, text) => {
    const input = { path: "/v1beta/models/m:generateContent", query: {}, headers: {}, body: JSON.parse(text) };
    expect(() => dialect.parseRequest(input)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  test("takes the name of a prototype as text", () => {
    const events: StreamEvent[] = [];
    dialect.parseStream(CONTEXT).push({ data: '{"type":"ping","choices":[],"candidates":[],"note":"__proto__"}' }, events);
    expect(events.filter((event) => event.type === "error")).toEqual([]);
  });
});
