/** What a stream puts in the place of an index was trusted: an object had no text, a large number made a list of that length. */
import { expect, test } from "vitest";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, foldEvents } from "../../src/testing/laws.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };

test("Anthropic: a block whose index is an object is a block of its own", () => {
  const parser = createAnthropicMessagesDialect().parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  const index = { toString: 1 };
  const wire = [
    { type: "message_start", message: { id: "m" } },
    { type: "content_block_start", index, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index, delta: { type: "text_delta", text: "Hi" } },
    { type: "content_block_stop", index },
    { type: "message_stop" },
  ];
  for (const event of wire) parser.push({ data: JSON.stringify(event) }, events);
  expect(checkStream(events)).toEqual([]);
  expect(foldEvents(events).message.parts).toEqual([{ type: "text", text: "Hi" }]);
});

test("OpenAI chat: a call of a further choice at place 4 000 000 000 takes no room for those before it", () => {
  const parser = createOpenAIChatDialect().parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  const call = { index: 4_000_000_000, id: "call_1", function: { name: "f", arguments: "{}" } };
  const choices = [
    { index: 0, delta: { content: "Hi" }, finish_reason: "stop" },
    { index: 1, delta: { tool_calls: [call] }, finish_reason: "tool_calls" },
  ];
  parser.push({ data: JSON.stringify({ choices }) }, events);
  parser.push({ data: "[DONE]" }, events);
  expect(JSON.stringify(foldEvents(events)).length).toBeLessThan(2000);
  expect(JSON.stringify(foldEvents(events).vendor)).toContain('"id":"call_1"');
});
