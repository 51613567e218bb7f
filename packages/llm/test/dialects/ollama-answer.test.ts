import { describe, expect, test } from "vitest";
import type { Dialect, ParseContext } from "../../src/dialect.ts";
import { createOllamaDialect, createOllamaGenerateDialect, ollamaEngineTiming } from "../../src/dialects/ollama/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const CONTEXT: ParseContext = { provider: "ollama", model: "qwen3:4b" };
const chat = createOllamaDialect();
const HEAD = { model: "qwen3:4b", created_at: "2026-01-02T03:04:05.123456789Z" };
const METRICS = {
  total_duration: 3_500_000_000,
  load_duration: 500_000_000,
  prompt_eval_count: 12,
  prompt_eval_duration: 1_000_000_000,
  eval_count: 5,
  eval_duration: 2_000_000_000,
};
const END = { done: true, done_reason: "stop", ...METRICS };
const CALL = { function: { name: "add", arguments: { a: 1, b: 2 } } };

function line(message: JsonObject, rest: JsonObject = { done: false }): JsonObject {
  return { ...HEAD, message: { role: "assistant", content: "", ...message }, ...rest };
}

function readStream(lines: readonly (JsonObject | string)[], dialect: Dialect = chat): StreamEvent[] {
  const parser = dialect.parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  for (const each of lines) parser.push({ data: typeof each === "string" ? each : JSON.stringify(each) }, events);
  parser.end(events);
  return events;
}

function errorOf(run: () => unknown): DragomanError {
  try {
    run();
  } catch (error) {
    if (error instanceof DragomanError) return error;
  }
  throw new Error("no error was thrown");
}

function terminalError(events: readonly StreamEvent[]): DragomanError {
  const last = events.at(-1);
  if (last?.type !== "error") throw new Error(`the stream ended with ${last?.type}`);
  return last.error;
}

describe("an answer of /api/chat", () => {
  const answer = line({ content: "3", thinking: "1 + 2", tool_calls: [CALL, { id: "own", ...CALL }] }, END);

  test("has thinking, text and calls; a call without an id gets one of index and name", () => {
    const completion = chat.parseResponse(answer, CONTEXT);
    expect(completion.message.parts).toEqual([
      { type: "reasoning", text: "1 + 2" },
      { type: "text", text: "3" },
      {
        type: "tool-call",
        id: "call_0_add",
        name: "add",
        arguments: { a: 1, b: 2 },
        vendor: { ollama: { idGenerated: true } },
      },
      { type: "tool-call", id: "own", name: "add", arguments: { a: 1, b: 2 } },
    ]);
    expect(completion.origin).toEqual({ dialect: "ollama", provider: "ollama", model: "qwen3:4b" });
    expect(completion.finish).toEqual({ reason: "tool-calls", raw: "stop" });
    expect(completion.createdAt).toBe(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000);
  });

  test("has usage, and the engine's timings in milliseconds", () => {
    const { usage, vendor } = chat.parseResponse(answer, CONTEXT);
    expect(usage).toEqual({ inputTokens: 12, outputTokens: 5, raw: METRICS });
    expect(ollamaEngineTiming(vendor)).toEqual({
      loadMs: 500,
      prefillTokens: 12,
      prefillMs: 1000,
      decodeTokens: 5,
      decodeMs: 2000,
    });
  });

  test("leaves counts and timings that are not told unknown", () => {
    const { usage, vendor } = chat.parseResponse(
      line({ content: "x" }, { done: true, done_reason: "stop", eval_count: 1 }),
      CONTEXT,
    );
    expect(usage).toEqual({ outputTokens: 1, raw: { eval_count: 1 } });
    expect(ollamaEngineTiming(vendor)).toEqual({ decodeTokens: 1 });
    expect(ollamaEngineTiming(undefined)).toBeUndefined();
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["load", "other"],
    ["unload", "other"],
  ])("that ends with %s finishes with %s", (word, reason) => {
    const completion = chat.parseResponse(line({ content: "x" }, { done: true, done_reason: word }), CONTEXT);
    expect(completion.finish).toEqual({ reason, raw: word });
  });

  test("keeps log probabilities and unknown fields", () => {
    const logprobs = [{ token: "x", logprob: -0.5 }];
    const { vendor } = chat.parseResponse(line({ content: "x" }, { done: true, logprobs, remote_host: "h" }), CONTEXT);
    expect(vendor?.ollama).toEqual({ logprobs, answer: { remote_host: "h" } });
  });

  test("is refused when it is an error, not finished, or something else", () => {
    const refusal = errorOf(() => chat.parseResponse({ error: "model 'x' not found" }, CONTEXT));
    expect(refusal.detail).toBe("model 'x' not found");
    expect(errorOf(() => chat.parseResponse(line({ content: "x" }), CONTEXT)).code).toBe("invalid_response");
    for (const body of [null, "text", [], {}, { choices: [] }]) {
      expect(errorOf(() => chat.parseResponse(body, CONTEXT)).code).toBe("invalid_response");
    }
  });
});

describe("a stream of /api/chat", () => {
  const lines = [
    line({ thinking: "1 +" }),
    line({ thinking: " 2" }),
    line({ content: "Let " }),
    line({ content: "us add." }),
    line({ tool_calls: [CALL] }),
    line({ tool_calls: [{ function: { ...CALL.function, index: 0 } }] }),
    line({}, { ...END, logprobs: [{ token: "x", logprob: -1 }] }),
  ];

  test("keeps the laws of streams and comes to what the whole answer says", () => {
    const events = readStream(lines);
    expect(checkStream(events)).toEqual([]);
    const whole = chat.parseResponse(
      line(
        { thinking: "1 + 2", content: "Let us add.", tool_calls: [CALL, CALL] },
        { ...END, logprobs: [{ token: "x", logprob: -1 }] },
      ),
      CONTEXT,
    );
    const folded = foldEvents(events);
    expect(compareCompletions(whole, folded)).toEqual([]);
    expect(folded.vendor).toEqual(whole.vendor);
    expect(events.map((event) => event.type)).toEqual([
      "start",
      "reasoning-start",
      "reasoning-delta",
      "reasoning-delta",
      "reasoning-end",
      "text-start",
      "text-delta",
      "text-delta",
      "tool-call-start",
      "tool-call-delta",
      "tool-call-end",
      "tool-call-start",
      "tool-call-delta",
      "tool-call-end",
      "usage",
      "text-end",
      "finish",
    ]);
  });

  test("that ends early is truncated, wherever it is cut", () => {
    for (let count = 0; count < lines.length; count++) {
      const events = readStream(lines.slice(0, count));
      expect(terminalError(events).code).toBe("stream_truncated");
      expect(checkStream(events)).toEqual([]);
    }
  });

  test("that brings an error ends with it, and reads nothing after it", () => {
    const events = readStream([line({ content: "x" }), { error: "an error was encountered" }, line({}, END)]);
    expect(terminalError(events).detail).toBe("an error was encountered");
    expect(checkStream(events)).toEqual([]);
  });

  test.each(["not json", "[]", "12", "{}", '{"response":"x"}'])("with the line %s is invalid", (text) => {
    expect(terminalError(readStream([line({ content: "x" }), text])).code).toBe("invalid_response");
  });

  test("ignores blank lines and whatever follows the end", () => {
    const events = readStream(["", line({ content: "x" }), " ", line({}, END), line({ content: "y" })]);
    expect(foldEvents(events).message.parts).toEqual([{ type: "text", text: "x" }]);
  });
});

describe("/api/generate", () => {
  const generate = createOllamaGenerateDialect();

  test("answers with the same facts, and the tokens of the conversation", () => {
    const whole = generate.parseResponse({ ...HEAD, response: "Hi", thinking: "hm", context: [1, 2], ...END }, CONTEXT);
    expect(whole.message.parts).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "Hi" },
    ]);
    expect(whole.origin.dialect).toBe("ollama-generate");
    expect(whole.vendor?.ollama?.context).toEqual([1, 2]);
    expect(ollamaEngineTiming(whole.vendor)?.decodeMs).toBe(2000);
    const events = readStream(
      [
        { ...HEAD, response: "", thinking: "hm", done: false },
        { ...HEAD, response: "Hi", done: false },
        { ...HEAD, response: "", context: [1, 2], ...END },
      ],
      generate,
    );
    expect(checkStream(events)).toEqual([]);
    expect(compareCompletions(whole, foldEvents(events))).toEqual([]);
  });

  test("does not take an answer of the chat", () => {
    expect(errorOf(() => generate.parseResponse({ models: [] }, CONTEXT)).code).toBe("invalid_response");
    expect(terminalError(readStream([line({ content: "x" })], generate)).code).toBe("invalid_response");
  });
});

describe("an HTTP error", () => {
  test("is read from its one field", () => {
    const error = chat.parseError({ status: 404, headers: {}, body: '{"error":"model \'x\' not found"}' }, CONTEXT);
    expect(error).toMatchObject({ code: "model_not_found", status: 404, provider: "ollama" });
  });

  test("is told to a client in one field, with the time to wait", () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", retryAfterMs: 1500 });
    expect(chat.renderError(error)).toEqual({ status: 429, headers: { "retry-after": "2" }, body: { error: error.message } });
  });
});
