import { describe, expect, test } from "vitest";
import type { Completion } from "../../src/completion.ts";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { checkUsage, compareCompletions } from "../../src/testing/laws.ts";

const dialect = createGeminiDialect();
const context = { provider: "gemini", model: "gemini-2.5-flash" };
const client = { model: "gemini-2.5-flash", echo: {} };

function answer(parts: JsonObject[], candidate: JsonObject = {}, rest: JsonObject = {}): JsonObject {
  const content = { parts, role: "model" };
  return {
    candidates: [{ content, finishReason: "STOP", index: 0, ...candidate }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: "gemini-2.5-flash-001",
    responseId: "r1",
    ...rest,
  };
}

const parse = (body: unknown): Completion => dialect.parseResponse(body, context);

describe("parts", () => {
  test("become text, reasoning, calls, media and opaque blocks, with their signatures", () => {
    const code = { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: "s4==" };
    const { message, origin, id, finish } = parse(
      answer([
        { text: "hm", thought: true },
        { text: "hello", thoughtSignature: "s1==" },
        { text: "", thoughtSignature: "s2==" },
        { functionCall: { id: "c", name: "f", args: { a: 1 } }, thoughtSignature: "s3==" },
        code,
        { inlineData: { mimeType: "image/png", data: "AAAA" } },
      ]),
    );
    expect(message.parts).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "hello", vendor: { gemini: { thoughtSignature: "s1==" } } },
      { type: "text", text: "", vendor: { gemini: { thoughtSignature: "s2==" } } },
      { type: "tool-call", id: "c", name: "f", arguments: { a: 1 }, vendor: { gemini: { thoughtSignature: "s3==" } } },
      { type: "opaque", dialect: "gemini", kind: "executableCode", value: code },
      { type: "image", source: { type: "data", data: "AAAA" }, mediaType: "image/png" },
    ]);
    expect(origin).toEqual({ dialect: "gemini", provider: "gemini", model: "gemini-2.5-flash-001" });
    expect([id, finish]).toEqual(["r1", { reason: "tool-calls", raw: "STOP" }]);
  });

  test("of calls without ids get ids of their own that never go back", () => {
    const parts = [{ functionCall: { name: "f", args: {} } }, { functionCall: { name: "f" } }];
    const { message } = parse(answer(parts));
    const ids = message.parts.map((part) => (part.type === "tool-call" ? part.id : ""));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => /^[\w-]{1,64}$/.test(id))).toBe(true);
    const { body } = dialect.renderResponse(parse(answer(parts)), client);
    expect(JSON.stringify(body)).not.toContain('"id"');
  });

  test("of grounding become sources once each", () => {
    const web = { web: { uri: "https://a.example", title: "A" } };
    const store = { retrievedContext: { title: "t", text: "words", fileSearchStore: "fileSearchStores/1" } };
    const groundingMetadata = { groundingChunks: [web, web, store] };
    const completion = parse(answer([{ text: "a" }], { groundingMetadata }));
    expect(completion.message.parts.slice(1)).toEqual([
      { type: "source", url: "https://a.example", title: "A" },
      { type: "source", title: "t", citedText: "words", documentId: "fileSearchStores/1" },
    ]);
    expect(dialect.renderResponse(completion, client).body.candidates).toMatchObject([{ groundingMetadata }]);
  });
});

describe("finish", () => {
  test.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content-filter"],
    ["RECITATION", "content-filter"],
    ["PROHIBITED_CONTENT", "content-filter"],
    ["IMAGE_SAFETY", "content-filter"],
    ["MALFORMED_FUNCTION_CALL", "error"],
    ["UNEXPECTED_TOOL_CALL", "error"],
    ["LANGUAGE", "other"],
    ["SOMETHING_NEW", "other"],
  ])("%s is %s, and goes out again as it came", (raw, reason) => {
    const completion = parse(answer([{ text: "a" }], { finishReason: raw, finishMessage: "because" }));
    expect(completion.finish).toEqual({ reason, raw, detail: "because" });
    const { body } = dialect.renderResponse(completion, client);
    expect(body.candidates).toMatchObject([{ finishReason: raw, finishMessage: "because" }]);
  });

  test("reads the numbers that mean the same on both of Google's doors", () => {
    expect(parse(answer([{ text: "a" }], { finishReason: 2 })).finish).toEqual({ reason: "length", raw: "MAX_TOKENS" });
    expect(parse(answer([{ text: "a" }], { finishReason: 9 })).finish).toEqual({ reason: "other", raw: "9" });
  });

  test("a blocked prompt is an answer with reason content-filter, and keeps its usage", () => {
    const body = {
      promptFeedback: { blockReason: "SAFETY", blockReasonMessage: "no" },
      usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    };
    const completion = parse(body);
    expect(completion.finish).toEqual({ reason: "content-filter", raw: "SAFETY", detail: "no" });
    expect(completion.message.parts).toEqual([]);
    expect(completion.usage.inputTokens).toBe(9);
    expect(dialect.renderResponse(completion, client).body).toMatchObject(body);
    expect(dialect.renderResponse(completion, client).body.candidates).toBeUndefined();
  });
});

describe("usage", () => {
  const usageOf = (usageMetadata: JsonObject) => parse(answer([{ text: "a" }], {}, { usageMetadata })).usage;

  test("adds thinking to the output and tool prompts to the input", () => {
    const raw = {
      promptTokenCount: 32,
      toolUsePromptTokenCount: 2395,
      cachedContentTokenCount: 30,
      candidatesTokenCount: 41,
      thoughtsTokenCount: 47,
      totalTokenCount: 2515,
    };
    const usage = usageOf(raw);
    expect(usage).toEqual({ inputTokens: 2427, cacheReadTokens: 30, outputTokens: 88, reasoningTokens: 47, raw });
    expect(checkUsage(usage)).toEqual([]);
  });

  test("leaves unknown what is not said", () => {
    expect(usageOf({ trafficType: "ON_DEMAND" })).toEqual({ raw: { trafficType: "ON_DEMAND" } });
    expect(usageOf({ promptTokenCount: 4, thoughtsTokenCount: 9 })).toMatchObject({ outputTokens: 9 });
    expect(usageOf({ promptTokenCount: 4 }).outputTokens).toBeUndefined();
  });
});

test("several candidates: the first is the message, the others are kept and reported", () => {
  const body = answer([{ text: "one" }]);
  const second = { content: { parts: [{ text: "two" }], role: "model" }, finishReason: "STOP", index: 1 };
  const completion = parse({ ...body, candidates: [...(body.candidates as JsonObject[]), second] });
  expect(completion.message.parts).toEqual([{ type: "text", text: "one" }]);
  expect(completion.warnings).toHaveLength(1);
  expect(dialect.renderResponse(completion, client).body.candidates).toMatchObject([{ index: 0 }, second]);
});

test("an answer that goes out and comes back is what it was", () => {
  const body = answer(
    [
      { text: "a" },
      { text: "b" },
      { text: "c", thought: true },
      { functionCall: { id: "1", name: "f", args: { x: [1] } }, thoughtSignature: "+/==" },
      { fileData: { mimeType: "video/mp4", fileUri: "gs://b/v" } },
    ],
    { safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "LOW" }] },
    { createTime: "2026-05-27T16:53:45.443719Z" },
  );
  const completion = parse(body);
  const { body: rendered, warnings } = dialect.renderResponse(completion, client);
  expect(warnings).toEqual([]);
  expect(rendered).toEqual(body);
  expect(compareCompletions(completion, parse(rendered))).toEqual([]);
  expect(completion.createdAt).toBe(Math.floor(Date.parse("2026-05-27T16:53:45Z") / 1000));
});

test("an answer of another vendor says what has no room", () => {
  const completion: Completion = {
    id: "msg_1",
    origin: { dialect: "anthropic-messages", provider: "anthropic", model: "claude" },
    message: {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "hm", vendor: { "anthropic-messages": { signature: "x" } } },
        { type: "text", text: "hi" },
        { type: "source", url: "https://a.example", title: "A" },
      ],
    },
    finish: { reason: "stop", raw: "stop_sequence", stopSequence: "END" },
    usage: { inputTokens: 10, cacheWriteTokens: 4, outputTokens: 5, reasoningTokens: 2, raw: {} },
    warnings: [],
  };
  const { body, warnings } = dialect.renderResponse(completion, client);
  expect(body).toEqual({
    candidates: [
      {
        content: { parts: [{ text: "hm", thought: true }, { text: "hi" }], role: "model" },
        finishReason: "STOP",
        index: 0,
        groundingMetadata: { groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }] },
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 3, thoughtsTokenCount: 2, totalTokenCount: 15 },
    modelVersion: "claude",
    responseId: "msg_1",
  });
  expect(warnings.map((warning) => warning.path)).toEqual([
    "usage.cacheWriteTokens",
    "message.parts[0].vendor.anthropic-messages",
    "finish.stopSequence",
  ]);
});

describe("errors", () => {
  test("inside a 200 are errors", () => {
    const body = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: "overloaded", status: 503 }));
  });

  test.each([["text"], [{}], [{ candidates: [] }], [null]])("%j is not an answer", (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });

  test("of the vendor are read with the time to wait", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "12.5s" }];
    const body = JSON.stringify({ error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED", details } });
    const error = dialect.parseError({ status: 429, headers: {}, body }, context);
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 12_500, provider: "gemini" });
    const rendered = dialect.renderError(error);
    expect(rendered).toMatchObject({ status: 429, headers: { "retry-after": "13" } });
    expect(rendered.body.error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    const again = dialect.parseError({ status: 429, headers: {}, body: JSON.stringify(rendered.body) }, context);
    expect(again).toMatchObject({ code: "rate_limited", retryAfterMs: 12_500 });
  });
});
