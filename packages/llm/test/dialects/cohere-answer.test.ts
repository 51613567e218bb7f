import { describe, expect, test } from "vitest";
import { createCohereDialect } from "../../src/dialects/cohere/index.ts";
import { DragomanError } from "../../src/errors.ts";
import { createFold } from "../../src/fold.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream } from "../../src/testing/laws.ts";

const CONTEXT = { provider: "cohere", model: "command-a-03-2025" };
const dialect = createCohereDialect();

const USAGE = {
  billed_units: { input_tokens: 5, output_tokens: 3 },
  tokens: { input_tokens: 500, output_tokens: 9, reasoning_tokens: 4 },
  cached_tokens: 448,
};
const CITATION = {
  start: 0,
  end: 4,
  text: "Ruby",
  sources: [
    { type: "tool", id: "f_1:0", tool_output: { url: "https://example.com/ruby", title: "Ruby" } },
    { type: "document", id: "d", document: { id: "d", text: "…" } },
  ],
  type: "TEXT_CONTENT",
};
const ANSWER = {
  id: "a-1",
  message: {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "Hm." },
      { type: "text", text: "Ruby it is." },
    ],
    citations: [CITATION, CITATION],
  },
  finish_reason: "COMPLETE",
  usage: USAGE,
};

function event(type: string, rest: JsonObject): JsonObject {
  return { type, ...rest };
}

function delta(message: JsonObject): JsonObject {
  return { delta: { message } };
}

function parse(events: readonly JsonObject[]): readonly StreamEvent[] {
  const parser = dialect.parseStream(CONTEXT);
  const out: StreamEvent[] = [];
  for (const data of events) parser.push({ event: String(data.type), data: JSON.stringify(data) }, out);
  parser.push({ data: "[DONE]" }, out);
  parser.end(out);
  expect(checkStream(out)).toEqual([]);
  return out;
}

function fold(events: readonly JsonObject[]) {
  const folded = createFold();
  for (const each of parse(events)) folded.push(each);
  return folded;
}

const START = event("message-start", { id: "a-1", delta: { message: { role: "assistant", content: [], tool_plan: "" } } });

function errorOf(body: unknown): DragomanError {
  try {
    dialect.parseResponse(body, CONTEXT);
  } catch (error) {
    if (DragomanError.is(error)) return error;
  }
  throw new Error("it was taken for an answer");
}

describe("an answer of Cohere", () => {
  test("is told with what was read, not with what is billed", () => {
    expect(dialect.parseResponse(ANSWER, CONTEXT)).toMatchObject({
      id: "a-1",
      origin: { dialect: "cohere", provider: "cohere", model: "command-a-03-2025" },
      finish: { reason: "stop", raw: "COMPLETE" },
      usage: { inputTokens: 500, cacheReadTokens: 448, outputTokens: 9, reasoningTokens: 4, raw: USAGE },
    });
  });

  test("keeps its citations, and tells each source once", () => {
    const { message } = dialect.parseResponse(ANSWER, CONTEXT);
    expect(message.vendor).toEqual({ cohere: { citations: [CITATION, CITATION] } });
    expect(message.parts.slice(2)).toEqual([
      { type: "source", url: "https://example.com/ruby", title: "Ruby", documentId: "f_1:0" },
      { type: "source", documentId: "d" },
    ]);
  });

  test("has its plan as text that knows what it is", () => {
    const call = { id: "f_1", type: "function", function: { name: "f", arguments: "{}" } };
    const body = {
      id: "a",
      message: { role: "assistant", tool_plan: "I will call f.", tool_calls: [call] },
      finish_reason: "TOOL_CALL",
    };
    const { message, finish } = dialect.parseResponse(body, CONTEXT);
    expect(message.parts).toEqual([
      { type: "text", text: "I will call f.", vendor: { cohere: { toolPlan: true } } },
      { type: "tool-call", id: "f_1", name: "f", arguments: {} },
    ]);
    expect(finish).toEqual({ reason: "tool-calls", raw: "TOOL_CALL" });
    expect(dialect.renderResponse(dialect.parseResponse(body, CONTEXT), { model: "m", echo: {} }).body).toEqual(body);
  });

  test.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["TOOL_CALL", "tool-calls"],
    ["ERROR", "error"],
    ["TIMEOUT", "error"],
    ["SOMETHING_NEW", "other"],
  ])("ends with %s as %s", (word, reason) => {
    expect(dialect.parseResponse({ ...ANSWER, finish_reason: word }, CONTEXT).finish).toEqual({ reason, raw: word });
  });

  test("does not invent usage", () => {
    const { usage: _usage, ...rest } = ANSWER;
    expect(dialect.parseResponse(rest, CONTEXT).usage).toEqual({});
    const billed = { billed_units: { input_tokens: 5 } };
    expect(dialect.parseResponse({ ...ANSWER, usage: billed }, CONTEXT).usage).toEqual({ raw: billed });
  });

  test("keeps log probabilities, whole and streamed alike", () => {
    const piece = { text: "Hi", token_ids: [1], logprobs: [-0.1] };
    const whole = dialect.parseResponse({ ...ANSWER, logprobs: [piece] }, CONTEXT);
    const streamed = fold([
      START,
      event("content-delta", { index: 0, ...delta({ content: { text: "Hi" } }), logprobs: piece }),
      event("message-end", { delta: { finish_reason: "COMPLETE" } }),
    ]).completion();
    expect(whole.vendor).toEqual({ cohere: { body: { logprobs: [piece] } } });
    expect(streamed.vendor).toEqual(whole.vendor);
  });

  test("is an error where a 200 holds one, and where it holds nothing", () => {
    expect(errorOf({ id: "x", message: "internal server error" })).toMatchObject({ code: "vendor_error" });
    expect(errorOf({ id: "x" })).toMatchObject({ code: "invalid_response" });
    expect(errorOf([])).toMatchObject({ code: "invalid_response" });
    expect(errorOf({ ...ANSWER, error: "it broke", finish_reason: "ERROR" })).toMatchObject({
      code: "vendor_error",
      detail: "it broke",
    });
  });
});

describe("a stream of Cohere", () => {
  const STREAM: readonly JsonObject[] = [
    START,
    event("content-start", { index: 0, ...delta({ content: { type: "thinking", thinking: "" } }) }),
    event("content-delta", { index: 0, ...delta({ content: { thinking: "Hm." } }) }),
    event("content-end", { index: 0 }),
    event("content-start", { index: 1, ...delta({ content: { type: "text", text: "" } }) }),
    event("content-delta", { index: 1, ...delta({ content: { text: "Ruby" } }) }),
    event("citation-start", { index: 0, ...delta({ citations: CITATION }) }),
    event("citation-end", { index: 0 }),
    event("content-delta", { index: 1, ...delta({ content: { text: " it is." } }) }),
    event("citation-start", { index: 1, ...delta({ citations: CITATION }) }),
    event("citation-end", { index: 1 }),
    event("content-end", { index: 1 }),
    event("message-end", { delta: { finish_reason: "COMPLETE", usage: USAGE } }),
  ];

  test("folds to the whole answer", () => {
    expect(fold(STREAM).completion()).toEqual(dialect.parseResponse(ANSWER, CONTEXT));
  });

  test("brings a plan and parallel calls, one after another", () => {
    const call = (id: string) => ({ tool_calls: { id, type: "function", function: { name: "f", arguments: "" } } });
    const piece = (text: string) => ({ tool_calls: { function: { arguments: text } } });
    const { message, finish } = fold([
      START,
      event("tool-plan-delta", delta({ tool_plan: "I will" })),
      event("tool-plan-delta", delta({ tool_plan: " call f." })),
      event("tool-call-start", { index: 0, ...delta(call("f_1")) }),
      event("tool-call-delta", { index: 0, ...delta(piece('{"a":')) }),
      event("tool-call-delta", { index: 0, ...delta(piece("1}")) }),
      event("tool-call-end", { index: 0 }),
      event("tool-call-start", { index: 1, ...delta(call("")) }),
      event("tool-call-end", { index: 1 }),
      event("message-end", { delta: { finish_reason: "TOOL_CALL" } }),
    ]).completion();
    expect(message.parts).toEqual([
      { type: "text", text: "I will call f.", vendor: { cohere: { toolPlan: true } } },
      { type: "tool-call", id: "f_1", name: "f", arguments: { a: 1 } },
      { type: "tool-call", id: "call_a-1_1", name: "f", arguments: {} },
    ]);
    expect(finish.reason).toBe("tool-calls");
  });

  test("is an error where message-end says so, and keeps what had come", () => {
    const folded = fold([
      ...STREAM.slice(0, 6),
      event("message-end", { delta: { finish_reason: "ERROR", usage: {}, error: "No valid response generated." } }),
    ]);
    expect(folded.terminal).toMatchObject({
      type: "error",
      error: { code: "vendor_error", detail: "No valid response generated." },
    });
    expect(folded.completion().message.parts).toMatchObject([{ text: "Hm." }, { text: "Ruby" }]);
    const late = fold([START, event("message-end", { delta: { finish_reason: "TIMEOUT", error: "took too long" } })]);
    expect(late.terminal).toMatchObject({ type: "error", error: { code: "timeout" } });
  });

  test("is truncated without message-end, and malformed where it cannot be read", () => {
    expect(fold(STREAM.slice(0, -1)).terminal).toMatchObject({ error: { code: "stream_truncated" } });
    expect(fold([]).terminal).toMatchObject({ error: { code: "stream_truncated" } });
    const out: StreamEvent[] = [];
    const parser = dialect.parseStream(CONTEXT);
    parser.push({ event: "content-delta", data: '{"type":"content-delta","delta":' }, out);
    expect(out.at(-1)).toMatchObject({ type: "error", error: { code: "invalid_response" } });
  });

  test("fails where a proxy speaks in between, and warns of an event that is not known", () => {
    expect(fold([START, { message: "too many requests" }]).terminal).toMatchObject({ error: { code: "rate_limited" } });
    const { warnings } = fold([START, event("dance", {}), ...STREAM.slice(1)]).completion();
    expect(warnings).toMatchObject([{ type: "unknown-field" }]);
  });

  test("refuses a piece of a call that was never begun", () => {
    const piece = event("tool-call-delta", { index: 3, ...delta({ tool_calls: { function: { arguments: "{}" } } }) });
    expect(fold([START, piece]).terminal).toMatchObject({ error: { code: "invalid_response" } });
  });
});

describe("an error of Cohere", () => {
  test.each([
    [400, "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.", "context_overflow"],
    [
      400,
      "too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model - received 8192.",
      "invalid_request",
    ],
    [400, "invalid request: image content is not supported for this model", "unsupported"],
    [401, "invalid api token", "authentication"],
    [402, "Please add or update your payment method to continue", "quota_exceeded"],
    [
      404,
      "model 'xyz' not found, make sure the correct model ID was used and that you have access to the model.",
      "model_not_found",
    ],
    [422, "No valid response generated. Try updating messages", "invalid_request"],
    [429, "You are using a Trial key, which is limited to 40 API calls / minute.", "rate_limited"],
    [429, "You are using a Trial key, which is limited to 1000 API calls / month.", "quota_exceeded"],
    [429, "trial token rate limit exceeded, limit is 100000 tokens per minute", "rate_limited"],
    [498, "invalid token", "authentication"],
    [500, "internal server error", "vendor_error"],
  ])("%i %s", (status, message, code) => {
    const body = JSON.stringify({ id: "e-1", message });
    expect(dialect.parseError({ status, headers: {}, body }, CONTEXT)).toMatchObject({ code, status, detail: message });
  });
});

describe("the models of Cohere", () => {
  test("are listed with what their features say", () => {
    const row = { endpoints: ["chat"], context_length: 288_000 };
    const listed = dialect.models?.parseResponse({
      models: [
        { ...row, name: "command-a", features: ["tools", "tool_choice", "json_mode", "json_schema"] },
        { ...row, name: "aya", features: null },
        { name: "embed-v4.0", endpoints: ["embed"], context_length: 0, features: null },
        { endpoints: ["chat"] },
      ],
    });
    expect(listed).toEqual([
      {
        id: "command-a",
        facts: {
          tools: true,
          toolChoiceRequired: true,
          images: false,
          reasoning: false,
          jsonMode: true,
          jsonSchema: true,
          contextWindowTokens: 288_000,
        },
      },
      { id: "aya", facts: { contextWindowTokens: 288_000 } },
      { id: "embed-v4.0" },
    ]);
  });
});
