import { describe, expect, it } from "vitest";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import { compareCompletions, foldEvents } from "../../src/testing/laws.ts";
import { answer, context, dialect, readWire, streamed } from "./mistral-fixtures.ts";

const parse = (body: JsonObject) => dialect.parseResponse(body, context);
const thinking = (...texts: string[]) => ({ type: "thinking", thinking: texts.map((text) => ({ type: "text", text })) });
const text = (words: string) => ({ type: "text", text: words });

describe("an answer", () => {
  it("of text is Mistral's own", () => {
    const completion = parse(answer({ content: "Hi.", tool_calls: null }));
    expect(completion).toMatchObject({
      origin: { dialect: "mistral", provider: "mistral", model: "mistral-small-2603" },
      message: { parts: [{ type: "text", text: "Hi." }], origin: { dialect: "mistral" } },
      finish: { reason: "stop", raw: "stop" },
      warnings: [],
    });
  });

  it("keeps thinking, text and references in their order", () => {
    const content = [
      { ...thinking("Let me ", "see."), closed: true, signature: "sig" },
      text("Oslo"),
      { type: "reference", reference_ids: [3, "b"] },
      text(" is cold."),
    ];
    expect(parse(answer({ content })).message.parts).toEqual([
      { type: "reasoning", text: "Let me see.", vendor: { mistral: { signature: "sig" } } },
      { type: "text", text: "Oslo" },
      { type: "source", documentId: "3", vendor: { mistral: { referenceId: 3 } } },
      { type: "source", documentId: "b", vendor: { mistral: { referenceId: "b" } } },
      { type: "text", text: " is cold." },
    ]);
  });

  it("keeps what thinking refers to", () => {
    const list = [text("See "), { type: "tool_reference", tool: "web_search", title: "A page" }, text("there.")];
    const parts = parse(answer({ content: [{ type: "thinking", thinking: list, closed: true }] })).message.parts;
    expect(parts).toEqual([{ type: "reasoning", text: "See there.", vendor: { mistral: { thinking: list } } }]);
  });

  it("ends a thought where it is closed", () => {
    const content = [
      { ...thinking("One."), closed: true },
      { ...thinking("Two."), closed: true },
    ];
    expect(parse(answer({ content })).message.parts).toHaveLength(2);
    expect(parse(answer({ content: [thinking("One."), thinking("Two.")] })).message.parts).toHaveLength(1);
  });

  it("takes arguments as text and as an object", () => {
    const tool_calls = [
      { id: "abcdefgh1", function: { name: "f", arguments: '{"a":1}' } },
      { id: "abcdefgh2", function: { name: "g", arguments: { b: [2] } } },
    ];
    const { message, finish } = parse(answer({ content: "", tool_calls }));
    expect(message.parts).toEqual([
      { type: "tool-call", id: "abcdefgh1", name: "f", arguments: { a: 1 } },
      { type: "tool-call", id: "abcdefgh2", name: "g", arguments: { b: [2] } },
    ]);
    expect(finish.reason).toBe("tool-calls");
  });

  it.each([
    ["stop", "stop"],
    ["length", "length"],
    ["model_length", "length"],
    ["error", "error"],
    ["tool_calls", "tool-calls"],
  ] as const)("that ends with %s finishes with %s", (word, reason) => {
    const body = answer({}, { choices: [{ index: 0, finish_reason: word, message: { role: "assistant", content: "x" } }] });
    expect(parse(body).finish).toEqual({ reason, raw: word });
  });

  it.each([
    { num_cached_tokens: 4 },
    { prompt_tokens_details: { cached_tokens: 4 } },
    { prompt_token_details: { cached_tokens: 4 } },
  ])("tells cached tokens as %j", (details) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...details };
    expect(parse(answer({ content: "x" }, { usage })).usage).toEqual({
      inputTokens: 10,
      cacheReadTokens: 4,
      outputTokens: 5,
      raw: usage,
    });
  });

  it("with more choices keeps them, and warns", () => {
    const choice = (index: number) => ({ index, finish_reason: "stop", message: { role: "assistant", content: `${index}` } });
    const { message, warnings, vendor } = parse(answer({}, { choices: [choice(0), choice(1)] }));
    expect(message.parts).toEqual([text("0")]);
    expect(warnings).toHaveLength(1);
    expect(vendor).toEqual({ mistral: { otherChoices: [choice(1)] } });
  });

  it("that is an error throws it", () => {
    const error = { object: "error", message: "Rate limit exceeded", type: "rate_limited", param: null, code: "1300" };
    expect(() => parse(error)).toThrow(DragomanError);
    expect(() => parse(error)).toThrow(/Rate limit exceeded/);
  });
});

describe("a stream", () => {
  it("of thinking and text folds to what the answer would have been", () => {
    const events = streamed(
      [
        { content: [thinking("Let ")] },
        { content: [thinking("me see.")] },
        { content: [{ type: "thinking", thinking: [] }] },
        { content: "Os" },
        { content: "lo" },
        { content: [{ type: "reference", reference_ids: [3] }] },
        { content: [text(" is cold.")] },
      ],
      "stop",
      { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 4 } } },
    );
    const content = [thinking("Let me see."), text("Oslo"), { type: "reference", reference_ids: [3] }, text(" is cold.")];
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, num_cached_tokens: 4 };
    expect(compareCompletions(parse(answer({ content }, { usage })), foldEvents(events))).toEqual([]);
    expect(foldEvents(events).vendor).toBeUndefined();
  });

  it("keeps a signature that comes after the thoughts", () => {
    const events = streamed([
      { content: [thinking("A.")] },
      { content: [{ ...thinking(), signature: "s1", closed: true }] },
      { content: [thinking("B.")] },
      { content: "C." },
    ]);
    expect(foldEvents(events).message.parts).toEqual([
      { type: "reasoning", text: "A.", vendor: { mistral: { signature: "s1" } } },
      { type: "reasoning", text: "B." },
      text("C."),
    ]);
  });

  it("brings whole calls, several in one chunk, without an index or with the same", () => {
    const call = (id: string, given: string | JsonObject, rest: JsonObject = {}) => ({
      id,
      function: { name: "f", arguments: given },
      ...rest,
    });
    const events = streamed(
      [
        { tool_calls: [call("aaaaaaaa1", '{"a":1}'), call("aaaaaaaa2", { a: 2 })] },
        { tool_calls: [call("aaaaaaaa3", '{"a":3}', { index: 0 })] },
        { tool_calls: [call("aaaaaaaa4", '{"a":4}', { index: 0 })] },
      ],
      "tool_calls",
    );
    expect(foldEvents(events).message.parts).toEqual(
      [1, 2, 3, 4].map((a) => ({ type: "tool-call", id: `aaaaaaaa${a}`, name: "f", arguments: { a } })),
    );
  });

  it("that breaks off or fails is an error", () => {
    const chunk = JSON.stringify({ id: "a", choices: [{ index: 0, delta: { content: [thinking("Hm")] }, finish_reason: null }] });
    expect(readWire([chunk]).at(-1)).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
    const failure =
      '{"object":"error","message":"Internal server error","type":"internal_server_error","param":null,"code":"1000"}';
    expect(readWire([chunk, failure]).at(-1)).toMatchObject({ type: "error", error: { code: "vendor_error" } });
  });
});

describe("a refusal", () => {
  const refusal = (status: number, body: object) =>
    dialect.parseError({ status, headers: {}, body: JSON.stringify(body), request: "POST /v1/chat/completions" }, context);

  it("in the flat form is classified by its type", () => {
    const flat = { object: "error", message: "Invalid model: nothing", type: "invalid_model", param: null, code: "1500" };
    expect(refusal(400, flat)).toMatchObject({ code: "model_not_found", vendorCode: "invalid_model" });
    const order = {
      object: "error",
      message: "Unexpected role 'user' after role 'tool'",
      type: "invalid_request_message_order",
      code: "3230",
    };
    expect(refusal(400, order)).toMatchObject({ code: "invalid_request", vendorCode: "invalid_request_message_order" });
    const audio = { object: "error", message: "Audio input is not enabled for this model", type: "x", code: "3051" };
    expect(refusal(400, audio).code).toBe("unsupported");
  });

  it("of a validator names the field", () => {
    const detail = [{ type: "enum", loc: ["body", "tools", 0, "type"], msg: "Input should be 'function'", input: "x" }];
    const error = refusal(422, { detail });
    expect(error.code).toBe("invalid_request");
    expect(error.detail).toBe("tools.0.type: Input should be 'function'");
    expect(refusal(401, { detail: "Unauthorized" }).code).toBe("authentication");
  });
});

describe("the listing", () => {
  it("tells what each model can do", () => {
    const row = (id: string, capabilities: JsonObject) => ({ id, object: "model", created: 5, capabilities, name: id });
    const body = {
      object: "list",
      data: [
        {
          ...row("mistral-small-latest", {
            completion_chat: true,
            function_calling: true,
            reasoning: true,
            vision: true,
            audio: false,
          }),
          max_context_length: 262144,
        },
        row("mistral-embed", { completion_chat: false, function_calling: false, vision: false }),
      ],
    };
    expect(dialect.models?.parseResponse(body)).toEqual([
      {
        id: "mistral-small-latest",
        createdAt: 5,
        facts: { tools: true, images: true, audio: false, reasoning: true, streaming: true, contextWindowTokens: 262144 },
      },
      { id: "mistral-embed", createdAt: 5, facts: { tools: false, images: false, streaming: false } },
    ]);
  });
});
