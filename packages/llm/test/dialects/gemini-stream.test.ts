import { describe, expect, test } from "vitest";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const dialect = createGeminiDialect();
const context = { provider: "gemini", model: "gemini-3-flash-preview" };

function read(chunks: readonly (JsonObject | string)[]): StreamEvent[] {
  const parser = dialect.parseStream(context);
  const events: StreamEvent[] = [];
  for (const chunk of chunks) parser.push({ data: typeof chunk === "string" ? chunk : JSON.stringify(chunk) }, events);
  parser.end(events);
  expect(checkStream(events)).toEqual([]);
  return events;
}

function chunk(parts: JsonObject[], candidate: JsonObject = {}, usageMetadata?: JsonObject): JsonObject {
  return {
    candidates: [{ content: { parts, role: "model" }, index: 0, ...candidate }],
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
    modelVersion: "gemini-3-flash-preview",
    responseId: "r1",
  };
}

const last = (events: readonly StreamEvent[]) => events.at(-1);

function write(events: readonly StreamEvent[], alt: "sse" | "json") {
  const renderer = dialect.renderStream({ model: "m", echo: { alt } });
  const text = events.map((event) => renderer.push(event)).join("");
  return { text, renderer };
}

function chunksOf(text: string, alt: "sse" | "json"): string[] {
  if (alt === "json") return JSON.parse(text).map((item: unknown) => JSON.stringify(item));
  expect(text.endsWith("\r\n\r\n")).toBe(true);
  return text
    .split("\r\n\r\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^data: /, ""));
}

const WHOLE = [
  chunk([{ text: "I ", thought: true }], {}, { promptTokenCount: 7, thoughtsTokenCount: 5 }),
  chunk([{ text: "think", thought: true }]),
  chunk([{ text: "Hel" }]),
  chunk([{ text: "lo" }]),
  chunk([{ text: "signed", thoughtSignature: "a+/=" }]),
  chunk([{ text: "" }]),
  chunk([{ text: "more" }, { text: "apart" }]),
  chunk([
    { functionCall: { id: "1", name: "f", args: { a: 1 } }, thoughtSignature: "b==" },
    { functionCall: { name: "g", args: {} } },
  ]),
  chunk([{ executableCode: { language: "PYTHON", code: "1" } }, { codeExecutionResult: { outcome: "OUTCOME_OK" } }]),
  chunk([{ inlineData: { mimeType: "image/png", data: "AAAA" } }]),
  chunk([{ text: "", thoughtSignature: "c==" }], { finishReason: "STOP" }, { promptTokenCount: 7, candidatesTokenCount: 4 }),
  { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 6, totalTokenCount: 18 } },
];

describe("reading", () => {
  test("joins what belongs together and nothing that is signed", () => {
    const completion = foldEvents(read(WHOLE));
    expect(completion.message.parts).toEqual([
      { type: "reasoning", text: "I think" },
      { type: "text", text: "Hello" },
      { type: "text", text: "signed", vendor: { gemini: { thoughtSignature: "a+/=" } } },
      { type: "text", text: "more" },
      { type: "text", text: "apart" },
      { type: "tool-call", id: "1", name: "f", arguments: { a: 1 }, vendor: { gemini: { thoughtSignature: "b==" } } },
      { type: "tool-call", id: "call_r1_1", name: "g", arguments: {}, vendor: { gemini: { madeUpId: true } } },
      expect.objectContaining({ type: "opaque", kind: "executableCode" }),
      expect.objectContaining({ type: "opaque", kind: "codeExecutionResult" }),
      { type: "image", source: { type: "data", data: "AAAA" }, mediaType: "image/png" },
      { type: "text", text: "", vendor: { gemini: { thoughtSignature: "c==" } } },
    ]);
    expect(completion.finish).toEqual({ reason: "tool-calls", raw: "STOP" });
  });

  test("keeps a figure that a later chunk leaves out", () => {
    const { usage } = foldEvents(read(WHOLE));
    expect(usage).toMatchObject({ inputTokens: 7, outputTokens: 11, reasoningTokens: 5 });
  });

  test("folds to the completion of the same answer in one piece", () => {
    const whole = chunk([{ text: "a", thought: true }, { text: "b" }], { finishReason: "MAX_TOKENS" }, { promptTokenCount: 1 });
    expect(compareCompletions(dialect.parseResponse(whole, context), foldEvents(read([whole])))).toEqual([]);
  });

  test("an end without a finish reason is stream_truncated, with what had come", () => {
    const events = read([chunk([{ text: "half" }])]);
    expect(last(events)).toMatchObject({ type: "error", error: { code: "stream_truncated", provider: "gemini" } });
    expect(foldEvents(events).message.parts).toEqual([{ type: "text", text: "half" }]);
  });

  test("an empty stream is stream_truncated", () => {
    expect(last(read([]))).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
    expect(last(read([{ usageMetadata: {} }]))).toMatchObject({ error: { code: "stream_truncated" } });
  });

  test("a blocked prompt ends with content-filter", () => {
    const events = read([{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }]);
    expect(last(events)).toMatchObject({ type: "finish", finish: { reason: "content-filter", raw: "PROHIBITED_CONTENT" } });
  });

  test("a malformed call ends with reason error and the vendor's words", () => {
    const events = read([chunk([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "call:f{" })]);
    expect(last(events)).toMatchObject({ finish: { reason: "error", raw: "MALFORMED_FUNCTION_CALL", detail: "call:f{" } });
  });

  test("an error object in the stream is the terminal event", () => {
    const error = { code: 429, message: "Resource exhausted", status: "RESOURCE_EXHAUSTED" };
    const events = read([chunk([{ text: "a" }]), { error }, chunk([{ text: "never" }], { finishReason: "STOP" })]);
    expect(last(events)).toMatchObject({ type: "error", error: { code: "rate_limited" } });
  });

  test("refuses arguments that come in pieces instead of losing them", () => {
    const partial = { functionCall: { name: "f", partialArgs: [{ jsonPath: "$.a", stringValue: "x" }], willContinue: true } };
    expect(last(read([chunk([partial])]))).toMatchObject({ type: "error", error: { code: "unsupported" } });
  });

  test.each([["no json"], ["7"], ['["a"]']])("%s is not a chunk", (data) => {
    expect(last(read([data]))).toMatchObject({ type: "error", error: { code: "invalid_response" } });
  });

  test("passes over a proxy's end marker", () => {
    expect(last(read([chunk([{ text: "a" }], { finishReason: "STOP" }), "[DONE]"]))).toMatchObject({ type: "finish" });
  });
});

describe("writing", () => {
  test.each(["sse", "json"] as const)("as %s gives back the same completion", (alt) => {
    const events = read(WHOLE);
    const { text, renderer } = write(events, alt);
    expect(renderer.warnings).toEqual([]);
    expect(renderer.contentType).toMatch(alt === "sse" ? /^text\/event-stream/ : /^application\/json/);
    const again = read(chunksOf(text, alt));
    expect(compareCompletions(foldEvents(events), foldEvents(again))).toEqual([]);
  });

  test("sends a tool call whole, once its arguments are complete", () => {
    const origin = { dialect: "openai-chat", provider: "openai", model: "gpt" };
    const events: StreamEvent[] = [
      { type: "start", id: "x", origin },
      { type: "tool-call-start", index: 0, id: "1", name: "f" },
      { type: "tool-call-start", index: 1, id: "2", name: "g" },
      { type: "tool-call-delta", index: 0, text: '{"a":' },
      { type: "tool-call-delta", index: 1, text: "{}" },
      { type: "tool-call-delta", index: 0, text: "1}" },
      { type: "tool-call-end", index: 0 },
      { type: "tool-call-end", index: 1 },
      { type: "finish", finish: { reason: "tool-calls", raw: "tool_calls" }, usage: { inputTokens: 1, outputTokens: 2 } },
    ];
    const chunks = chunksOf(write(events, "sse").text, "sse").map((data) => JSON.parse(data));
    expect(chunks.map((item) => item.candidates[0].content.parts)).toEqual([
      [{ functionCall: { id: "1", name: "f", args: { a: 1 } } }],
      [{ functionCall: { id: "2", name: "g", args: {} } }],
      [{ text: "" }],
    ]);
    expect(chunks[2]).toMatchObject({ candidates: [{ finishReason: "STOP" }], usageMetadata: { totalTokenCount: 3 } });
  });

  test("lets words of other vendors through at once", () => {
    const renderer = dialect.renderStream({ model: "m", echo: { alt: "sse" } });
    renderer.push({ type: "start", id: "x", origin: { dialect: "ollama", provider: "ollama", model: "q" } });
    renderer.push({ type: "text-start", index: 0 });
    expect(renderer.push({ type: "text-delta", index: 0, text: "now" })).toContain("now");
  });

  test.each(["sse", "json"] as const)("ends a failed stream with an error object, as %s", (alt) => {
    const events = [
      ...read([chunk([{ text: "half" }], { finishReason: "STOP" })]).slice(0, -1),
      { type: "error", error: new DragomanError({ code: "overloaded", detail: "busy", retryAfterMs: 2000 }) } as const,
    ];
    const { text, renderer } = write(events, alt);
    const chunks = chunksOf(text, alt);
    expect(JSON.parse(chunks.at(-1) ?? "")).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
    expect(last(read(chunks))).toMatchObject({ type: "error", error: { code: "overloaded", retryAfterMs: 2000 } });
    expect(renderer.push({ type: "text-delta", index: 0, text: "late" })).toBe("");
  });

  test("an error before anything was said is still a whole array", () => {
    const error = new DragomanError({ code: "authentication", detail: "no key" });
    expect(JSON.parse(write([{ type: "error", error }], "json").text)).toMatchObject([{ error: { code: 401 } }]);
  });

  test("fails when another model starts over after words went out, and goes on when none did", () => {
    const start: StreamEvent = { type: "start", id: "x", origin: { dialect: "ollama", provider: "o", model: "q" } };
    const said: StreamEvent[] = [
      start,
      { type: "text-start", index: 0 },
      { type: "text-delta", index: 0, text: "a" },
      { type: "restart", reason: "fallback" },
    ];
    expect(write(said, "sse").text).toContain("begun anew");
    const silent: StreamEvent[] = [
      start,
      { type: "restart", reason: "fallback" },
      ...read([chunk([{ text: "b" }], { finishReason: "STOP" })]),
    ];
    expect(foldEvents(read(chunksOf(write(silent, "sse").text, "sse"))).message.parts).toEqual([{ type: "text", text: "b" }]);
  });
});
