/** A part of usage that was larger than its total went out as it came, within one report and across two. */
import { expect, test } from "vitest";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { consistentUsage } from "../../src/dialects/consistent-usage.ts";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkUsage, foldEvents } from "../../src/testing/laws.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };

test("a part that is too large is unknown, its total stays", () => {
  expect(consistentUsage({ inputTokens: 5, cacheReadTokens: 6, outputTokens: 3, reasoningTokens: 4 })).toEqual({
    inputTokens: 5,
    outputTokens: 3,
  });
});

test("a total that contradicts an earlier part goes back to what was known", () => {
  expect(consistentUsage({ inputTokens: 1, cacheReadTokens: 6 }, { cacheReadTokens: 6 })).toEqual({ cacheReadTokens: 6 });
  expect(consistentUsage({ inputTokens: 1, cacheReadTokens: 6 }, { inputTokens: 9, cacheReadTokens: 6 })).toEqual({
    inputTokens: 9,
    cacheReadTokens: 6,
  });
});

test("a consistent report is left alone", () => {
  const usage = { inputTokens: 10, cacheReadTokens: 10, cacheWriteTokens: 4, cacheWriteOneHourTokens: 4 };
  expect(consistentUsage(usage)).toBe(usage);
});

test("Gemini: two reports of a stream", () => {
  const parser = createGeminiDialect().parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  parser.push({ data: '{"usageMetadata":{"cachedContentTokenCount":6}}' }, events);
  parser.push(
    {
      data: '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}',
    },
    events,
  );
  parser.end(events);
  for (const event of events) if (event.type === "usage") expect(checkUsage(event.usage)).toEqual([]);
  expect(checkUsage(foldEvents(events).usage)).toEqual([]);
});

test("Anthropic and Responses: one report of a body", () => {
  const anthropic = createAnthropicMessagesDialect().parseResponse(
    { content: [], usage: { output_tokens: 3, output_tokens_details: { thinking_tokens: 30 } } },
    CONTEXT,
  );
  expect(anthropic.usage).toMatchObject({ outputTokens: 3, raw: { output_tokens: 3 } });
  expect(anthropic.usage.reasoningTokens).toBeUndefined();
  const responses = createOpenAIResponsesDialect().parseResponse(
    { object: "response", output: [], usage: { input_tokens: 10, input_tokens_details: { cache_write_tokens: 300 } } },
    CONTEXT,
  );
  expect(checkUsage(responses.usage)).toEqual([]);
});
