import { describe, expect, it } from "vitest";
import { exceptionFrame } from "../../src/testing/fake-vendors/wires/bedrock-frames.ts";
import { expectedErrorCodes, secretIn } from "../../src/testing/recordings/expected-error.ts";
import { framingOf, joinUnits, unitsOf } from "../../src/testing/recordings/raw-stream.ts";
import { anthropicMessagesReader } from "../../src/testing/recordings/readers/anthropic-messages.ts";
import { bedrockConverseReader } from "../../src/testing/recordings/readers/bedrock-converse.ts";
import { geminiReader } from "../../src/testing/recordings/readers/gemini.ts";
import { ollamaReader } from "../../src/testing/recordings/readers/ollama.ts";
import { openAIChatReader } from "../../src/testing/recordings/readers/openai-chat.ts";
import { openAIResponsesReader } from "../../src/testing/recordings/readers/openai-responses.ts";
import { BEDROCK_FRAMES, CHAT_CHUNKS, CHAT_USAGE, sse } from "./recordings-samples.ts";

describe("the reader of chat completions", () => {
  it("joins deltas, calls and figures of a stream and finds where it ends", () => {
    const facts = openAIChatReader.readStream(unitsOf(sse(...CHAT_CHUNKS), "sse"));
    expect(facts.text).toBe("Zwölf Uhr 🕛");
    expect(facts.toolCalls).toEqual([{ id: "call_1", name: "clock", arguments: { zone: "UTC" } }]);
    expect(facts.finish).toEqual(["tool-calls"]);
    expect(facts.usage).toEqual({ inputTokens: [9], outputTokens: [4] });
    expect([facts.finishUnit, facts.lastWordUnit]).toEqual([6, 8]);
  });

  it("opens a second call at a known index only for a new id with a name", () => {
    const call = (id: string | undefined, name: string | undefined, text: string): unknown => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name, arguments: text } }] } }],
    });
    const changing = unitsOf(sse(call("a", "clock", "{"), call("b", undefined, "}")), "sse");
    expect(openAIChatReader.readStream(changing).toolCalls).toEqual([{ id: "a", name: "clock", arguments: {} }]);
    const parallel = unitsOf(sse(call("a", "clock", "{}"), call("b", "date", "{}")), "sse");
    expect(openAIChatReader.readStream(parallel).toolCalls.map((one) => one.name)).toEqual(["clock", "date"]);
  });

  it("adds reasoning that the total counts beside the completion, and a cache larger than the prompt", () => {
    const answer = (usage: unknown): unknown => ({ choices: [{ message: { content: "x" }, finish_reason: "stop" }], usage });
    const beside = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 65,
      completion_tokens_details: { reasoning_tokens: 50 },
    };
    expect(openAIChatReader.readAnswer(answer(beside)).usage).toMatchObject({ outputTokens: [55], reasoningTokens: [50] });
    const within = { ...CHAT_USAGE, completion_tokens_details: { reasoning_tokens: 3 } };
    expect(openAIChatReader.readAnswer(answer(within)).usage).toMatchObject({ outputTokens: [4], reasoningTokens: [3] });
    const cached = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, prompt_tokens_details: { cached_tokens: 90 } };
    expect(openAIChatReader.readAnswer(answer(cached)).usage).toMatchObject({ inputTokens: [100], cacheReadTokens: [90] });
  });

  it("takes an error inside a 200 for an error", () => {
    expect(openAIChatReader.readAnswer({ error: { code: 502, message: "upstream" } }).outcome).toBe("error");
    expect(openAIChatReader.readAnswer({ id: "x", choices: null }).outcome).toBe("error");
    const stream = unitsOf(sse(CHAT_CHUNKS[1], { error: { message: "rate limited", code: "rate_limit_exceeded" } }), "sse");
    expect(openAIChatReader.readStream(stream)).toMatchObject({ outcome: "error", errorCodes: ["rate_limited"] });
  });

  it("knows further choices", () => {
    const choice = { message: { content: "x" }, finish_reason: "stop" };
    expect(openAIChatReader.readAnswer({ choices: [choice, choice] }).alternatives).toBe(2);
  });
});

describe("the reader of messages", () => {
  it("counts the cache into the input and lets later figures replace earlier ones", () => {
    const events = [
      { type: "message_start", message: { usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "t", name: "clock", input: {} } },
      { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"a":1}' } },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { input_tokens: null, output_tokens: 9 } },
      { type: "message_stop" },
    ];
    const facts = anthropicMessagesReader.readStream(unitsOf(sse(...events), "sse"));
    expect(facts.usage).toEqual({ inputTokens: [12], cacheReadTokens: [7], outputTokens: [9] });
    expect(facts.toolCalls).toEqual([{ id: "t", name: "clock", arguments: { a: 1 } }]);
    expect([facts.finishUnit, facts.lastWordUnit]).toEqual([3, 4]);
  });

  it("sees an error event", () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const facts = anthropicMessagesReader.readStream(unitsOf(sse(error), "sse"));
    expect(facts).toMatchObject({ outcome: "error", errorCodes: ["overloaded"] });
  });
});

describe("the reader of responses", () => {
  it("infers the finish reason from the items", () => {
    const call = { type: "function_call", call_id: "c", name: "clock", arguments: "{}" };
    expect(openAIResponsesReader.readAnswer({ status: "completed", output: [call] }).finish).toEqual(["tool-calls"]);
    const cut = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [] };
    expect(openAIResponsesReader.readAnswer(cut).finish).toEqual(["length"]);
  });

  it("finds no end in a stream without its last event", () => {
    const units = unitsOf(sse({ type: "response.output_item.done", item: { type: "message", content: [{ text: "x" }] } }), "sse");
    expect(openAIResponsesReader.readStream(units)).toMatchObject({ text: "x", lastWordUnit: undefined });
  });
});

describe("the reader of generateContent", () => {
  it("adds thoughts to the output and a built-in tool's prompt to the input", () => {
    const usageMetadata = { promptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 6, toolUsePromptTokenCount: 30 };
    const facts = geminiReader.readAnswer({ candidates: [{ finishReason: "STOP", content: { parts: [] } }], usageMetadata });
    expect(facts.usage).toEqual({ inputTokens: [34], outputTokens: [8], reasoningTokens: [6] });
  });

  it("takes STOP with a function call for a tool call, and a blocked prompt for the filter", () => {
    const parts = [{ functionCall: { name: "clock", args: {} } }];
    expect(geminiReader.readAnswer({ candidates: [{ finishReason: "STOP", content: { parts } }] }).finish).toEqual([
      "tool-calls",
    ]);
    expect(geminiReader.readAnswer({ promptFeedback: { blockReason: "SAFETY" } }).finish).toEqual(["content-filter"]);
  });
});

describe("the reader of Ollama", () => {
  it("joins the lines and ends with done", () => {
    const lines = [
      { message: { content: "a", thinking: "hm" } },
      { message: { content: "b" }, done: true, done_reason: "length", eval_count: 2 },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const facts = ollamaReader.readStream(unitsOf(text, "ndjson"));
    expect(facts).toMatchObject({
      text: "ab",
      reasoningText: "hm",
      finish: ["length"],
      usage: { outputTokens: [2] },
      lastWordUnit: 1,
    });
  });
});

describe("the reader of Converse", () => {
  const units = unitsOf(Buffer.from(BEDROCK_FRAMES).toString("latin1"), "aws-event-stream");

  it("joins the deltas of frames, and finds the end and the figures", () => {
    const facts = bedrockConverseReader.readStream(units);
    expect(facts.text).toBe("Zwölf Uhr 🕛");
    expect(facts.toolCalls).toEqual([{ id: "a", name: "clock", arguments: {} }]);
    expect(facts.finish).toEqual(["tool-calls"]);
    expect(facts.usage).toMatchObject({ inputTokens: [2], cacheReadTokens: [undefined], outputTokens: [4] });
    expect([facts.finishUnit, facts.lastWordUnit]).toEqual([7, 8]);
  });

  it("sees an exception, and a frame that is not whole", () => {
    const broken = exceptionFrame("throttlingException", '{"message":"Too many requests"}');
    const text = Buffer.concat([BEDROCK_FRAMES.subarray(0, 200), broken]).toString("latin1");
    expect(unitsOf(text, "aws-event-stream").length).toBeLessThan(units.length);
    const told = unitsOf(Buffer.from(broken).toString("latin1"), "aws-event-stream");
    expect(bedrockConverseReader.readStream(told)).toMatchObject({ outcome: "error" });
  });

  it("counts the cache into the input and leaves calls of Bedrock's own tools out", () => {
    const content = [{ toolUse: { toolUseId: "a", name: "b", input: {}, type: "server_tool_use" } }];
    const usage = { inputTokens: 2, outputTokens: 1, cacheReadInputTokens: 7, cacheWriteInputTokens: 3 };
    const facts = bedrockConverseReader.readAnswer({ output: { message: { content } }, stopReason: "end_turn", usage });
    expect(facts.toolCalls).toEqual([]);
    expect(facts.usage).toMatchObject({ inputTokens: [12], cacheReadTokens: [7], cacheWriteTokens: [3] });
  });
});

describe("a raw stream", () => {
  it("is told by its look", () => {
    expect(framingOf(": ping\n\ndata: {}\n\n")).toBe("sse");
    expect(framingOf('{"done":true}\n')).toBe("ndjson");
    expect(framingOf("[{}]")).toBe("json-array");
    expect(framingOf("<html>")).toBeUndefined();
  });

  it("is the same again when all its units are joined, and shorter when not", () => {
    for (const text of [
      "event: a\ndata: {}\n\n: ping\n\ndata: [DONE]\n\n",
      "data: {}\r\n\r\ndata: 1\r\n\r\n",
      "data: {}\n\r\ndata: 1",
    ]) {
      const units = unitsOf(text, "sse");
      expect(joinUnits(units, units.length, "sse")).toBe(text);
      expect(text.startsWith(joinUnits(units, 1, "sse"))).toBe(true);
    }
    expect(joinUnits(unitsOf('[{"a":1},{"b":2}]', "json-array"), 1, "json-array")).toBe('[{"a":1}');
  });
});

describe("the table of expected errors", () => {
  it("goes by the words before the status", () => {
    expect(expectedErrorCodes(429, "insufficient_quota")).toEqual(["quota_exceeded"]);
    expect(expectedErrorCodes(400, "maximum context length is 8192 tokens")).toEqual(["context_overflow"]);
    expect(expectedErrorCodes(429, "slow down")).toEqual(["rate_limited"]);
    expect(expectedErrorCodes(undefined, "who knows")).toBeUndefined();
  });

  it("sees a key in a message", () => {
    expect(secretIn("key sk-abcdefghijklmnop is wrong")).toBeDefined();
    expect(secretIn("key *** is wrong")).toBeUndefined();
  });
});
