import { describe, expect, it } from "vitest";
import type { Completion } from "../../src/completion.ts";
import { createOpenAIChatDialect, type OpenAIChatQuirks } from "../../src/dialects/openai-chat/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import { checkUsage, compareCompletions } from "../../src/testing/laws.ts";

const context = { provider: "p", model: "asked" };

function parse(body: unknown, quirks: OpenAIChatQuirks = {}): Completion {
  return createOpenAIChatDialect(quirks).parseResponse(body, context);
}

function answer(message: JsonObject, more: JsonObject = {}, choice: JsonObject = {}): JsonObject {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1700000000,
    model: "gpt-4o-2024-08-06",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop", ...choice }],
    ...more,
  };
}

function usageOf(usage: JsonObject, quirks: OpenAIChatQuirks = {}): Completion["usage"] {
  const { raw: _raw, ...rest } = parse(answer({ content: "x" }, { usage }), quirks).usage;
  expect(checkUsage(rest)).toEqual([]);
  return rest;
}

function codeOf(body: unknown): string {
  try {
    parse(body);
  } catch (error) {
    if (DragomanError.is(error)) return error.code;
    throw error;
  }
  return "accepted";
}

describe("parsing an answer", () => {
  it("puts reasoning, text, refusal, calls, media and sources in one order", () => {
    const completion = parse(
      answer({
        content: "see [1]",
        reasoning_content: "hm",
        tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
        annotations: [
          { type: "url_citation", url_citation: { url: "https://example.com", title: "T", start_index: 4, end_index: 7 } },
        ],
        images: [{ type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }],
      }),
    );
    expect(completion.message.parts.map((part) => part.type)).toEqual(["reasoning", "text", "tool-call", "image", "source"]);
    expect(completion.finish).toEqual({ reason: "tool-calls", raw: "stop" });
    expect(completion.origin).toEqual({ dialect: "openai-chat", provider: "p", model: "gpt-4o-2024-08-06" });
  });

  it("survives rendering to a client and parsing again, vendor data included", () => {
    const dialect = createOpenAIChatDialect();
    const first = parse(
      answer(
        {
          content: "hello",
          reasoning: "hm",
          reasoning_details: [{ type: "reasoning.encrypted", data: "xyz", index: 0 }],
          tool_calls: [
            {
              id: "a",
              type: "function",
              function: { name: "f", arguments: "{oops" },
              extra_content: { google: { thought_signature: "s" } },
            },
            { id: "b", type: "custom", custom: { name: "shell", input: "ls" } },
          ],
          executed_tools: [{ name: "search" }],
        },
        {
          system_fingerprint: "fp",
          usage: {
            prompt_tokens: 10,
            completion_tokens: 5,
            total_tokens: 15,
            prompt_tokens_details: { cached_tokens: 4 },
            completion_tokens_details: { reasoning_tokens: 2 },
          },
        },
        { finish_reason: "tool_calls", native_finish_reason: "STOP", logprobs: { content: [] } },
      ),
    );
    const { body, warnings } = dialect.renderResponse(first, { model: first.origin.model, echo: {} });
    const second = parse(JSON.parse(JSON.stringify(body)));
    expect(warnings).toEqual([]);
    expect(compareCompletions(first, second)).toEqual([]);
    expect(second.vendor).toEqual(first.vendor);
    expect(first.finish).toEqual({ reason: "tool-calls", raw: "STOP" });
    expect(first.message.parts).toMatchObject([
      {},
      {},
      { invalid: expect.any(String), argumentsText: "{oops" },
      { type: "opaque" },
    ]);
  });

  it("reads reasoning under any of its names, once", () => {
    const reasoning = (message: JsonObject): unknown => parse(answer({ content: "x", ...message })).message.parts[0];
    for (const field of ["reasoning_content", "reasoning", "reasoning_text"]) {
      expect(reasoning({ [field]: "hm" })).toEqual({ type: "reasoning", text: "hm" });
    }
    expect(reasoning({ reasoning_content: "hm", reasoning: "hm" })).toEqual({ type: "reasoning", text: "hm" });
    expect(reasoning({ reasoning_details: [{ type: "reasoning.summary", summary: "hm" }] })).toMatchObject({ text: "hm" });
  });

  it("reads content that is a list of parts", () => {
    const completion = parse(
      answer({
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" },
          { type: "hologram" },
        ],
      }),
    );
    expect(completion.message.parts).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "a" },
    ]);
    expect(completion.warnings).toMatchObject([{ type: "lossy" }]);
  });

  it("makes the same id for a call that came without one, whenever it is asked", () => {
    const calls = [
      { id: "", type: "function", function: { name: "f", arguments: "" } },
      { function: { name: "g", arguments: { a: 1 } } },
    ];
    const parts = parse(answer({ tool_calls: calls })).message.parts;
    expect(parts).toEqual([
      { type: "tool-call", id: "call_chatcmpl1_0", name: "f", arguments: {} },
      { type: "tool-call", id: "call_chatcmpl1_1", name: "g", arguments: { a: 1 } },
    ]);
  });

  it("does not take an empty call for one", () => {
    const message = {
      content: "x",
      function_call: { name: "", arguments: "" },
      tool_calls: [{ id: "a", type: "function", custom: { name: "" }, function: { name: "f", arguments: "{}" } }],
    };
    expect(parse(answer(message)).message.parts).toMatchObject([{ type: "text" }, { type: "tool-call", name: "f" }]);
  });

  it("takes the first choice and keeps the others, with a warning", () => {
    const body = answer({ content: "one" });
    const second = { index: 1, message: { role: "assistant", content: "two" }, finish_reason: "stop" };
    const completion = parse({ ...body, choices: [...(body.choices as readonly JsonObject[]), second] });
    expect(completion.message.parts).toEqual([{ type: "text", text: "one" }]);
    expect(completion.vendor?.["openai-chat"]?.otherChoices).toEqual([second]);
    expect(completion.warnings).toMatchObject([{ type: "lossy" }]);
    const back = createOpenAIChatDialect().renderResponse(completion, { model: "m", echo: {} });
    expect(back.body.choices).toHaveLength(2);
  });

  it("keeps audio with the id by which it goes back", () => {
    const audio = { id: "audio_1", data: "UklGRg==", expires_at: 9, transcript: "hi" };
    const completion = parse(answer({ content: null, audio }));
    expect(completion.message.parts).toEqual([
      {
        type: "audio",
        source: { type: "data", data: "UklGRg==" },
        mediaType: "audio/wav",
        transcript: "hi",
        vendor: { "openai-chat": { audio: { id: "audio_1", expiresAt: 9 } } },
      },
    ]);
    const back = createOpenAIChatDialect().renderResponse(completion, { model: "m", echo: {} });
    expect(back.body.choices).toMatchObject([{ message: { content: null, audio } }]);
  });

  it("maps the finish words of many servers and keeps them", () => {
    const finish = (word: string | null, message: JsonObject = { content: "x" }, quirks: OpenAIChatQuirks = {}): unknown =>
      parse(answer(message, {}, { finish_reason: word }), quirks).finish;
    expect(finish("eos_token")).toEqual({ reason: "stop", raw: "eos_token" });
    expect(finish("model_length")).toEqual({ reason: "length", raw: "model_length" });
    expect(finish("insufficient_system_resource")).toEqual({ reason: "error", raw: "insufficient_system_resource" });
    expect(finish("novel")).toEqual({ reason: "other", raw: "novel" });
    expect(finish("stop", { content: null, refusal: "no" })).toEqual({ reason: "content-filter", raw: "stop" });
    expect(finish(null)).toEqual({ reason: "other" });
    expect(finish(null, { content: "x" }, { finishReasonOptional: true })).toEqual({ reason: "stop" });
    expect(parse(answer({ content: "x" }, {}, { stop_reason: "END" })).finish).toMatchObject({ stopSequence: "END" });
  });

  it("throws the error inside a 200", () => {
    expect(codeOf({ error: { message: "Rate limit exceeded", code: 429 } })).toBe("rate_limited");
    expect(codeOf({ id: "x", choices: null, error: { message: "no endpoint", code: 502 } })).toBe("vendor_error");
    expect(codeOf(answer({ content: null }, {}, { finish_reason: "error", error: { message: "overloaded", code: 503 } }))).toBe(
      "overloaded",
    );
    expect(codeOf({ id: "x", choices: [] })).toBe("invalid_response");
    expect(codeOf("<html>")).toBe("invalid_response");
  });

  it("keeps what came before an upstream failed, as a finish of its own", () => {
    const failed = answer({ content: "half" }, {}, { finish_reason: "error", error: { message: "upstream died" } });
    expect(parse(failed).finish).toEqual({ reason: "error", raw: "error", detail: "upstream died" });
  });
});

describe("usage", () => {
  it("is unknown where the vendor tells none", () => {
    expect(parse(answer({ content: "x" })).usage).toEqual({});
    expect(usageOf({ prompt_tokens: 3 })).toEqual({ inputTokens: 3 });
  });

  it("finds cached tokens under each vendor's name", () => {
    const totals = { prompt_tokens: 10, completion_tokens: 1 };
    const spellings = [{ prompt_tokens_details: { cached_tokens: 4 } }, { prompt_cache_hit_tokens: 4 }, { cached_tokens: 4 }];
    for (const spelling of spellings)
      expect(usageOf({ ...totals, ...spelling })).toMatchObject({ inputTokens: 10, cacheReadTokens: 4 });
  });

  it("is inclusive where a vendor counts reasoning and cached tokens beside the totals", () => {
    const xai: OpenAIChatQuirks = { reasoningOutput: "excluded" };
    const raw = {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 12 },
      completion_tokens_details: { reasoning_tokens: 7 },
    };
    expect(usageOf(raw, xai)).toEqual({ inputTokens: 22, cacheReadTokens: 12, outputTokens: 12, reasoningTokens: 7 });
    expect(usageOf({ ...raw, prompt_tokens_details: { cached_tokens: 3 } }, xai)).toMatchObject({ inputTokens: 10 });
  });

  it("adds reasoning where the vendor's own total says that it is beside", () => {
    const details = { completion_tokens_details: { reasoning_tokens: 7 } };
    expect(usageOf({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 22, ...details })).toMatchObject({
      outputTokens: 12,
    });
    const google = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 };
    expect(usageOf(google, { reasoningOutput: "excluded" })).toEqual({ inputTokens: 10, outputTokens: 30 });
    expect(usageOf(google)).toEqual({ inputTokens: 10, outputTokens: 5 });
  });

  it("does not repeat a part that is more than its whole, but keeps the raw report", () => {
    const raw = { prompt_tokens: 1, completion_tokens: 16, total_tokens: 17, reasoning_tokens: 18 };
    expect(usageOf(raw)).toEqual({ inputTokens: 1, outputTokens: 16 });
    expect(parse(answer({ content: "x" }, { usage: raw })).usage.raw).toEqual(raw);
  });

  it("reads Groq's own place", () => {
    const completion = parse(answer({ content: "x" }, { x_groq: { usage: { prompt_tokens: 2, completion_tokens: 1 } } }));
    expect(completion.usage).toMatchObject({ inputTokens: 2, outputTokens: 1 });
  });
});

describe("rendering an answer for a client", () => {
  const completion: Completion = {
    id: "msg_1",
    origin: { dialect: "anthropic-messages", provider: "anthropic", model: "claude" },
    message: {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "a" },
        { type: "source", url: "https://example.com", title: "T" },
        { type: "opaque", dialect: "anthropic-messages", kind: "server_tool_use", value: {} },
      ],
    },
    finish: { reason: "pause", raw: "pause_turn" },
    usage: { inputTokens: 3 },
    warnings: [],
  };

  it("says what the wire has no room for, and never reports unknown usage as 0", () => {
    const { body, warnings } = createOpenAIChatDialect().renderResponse(completion, { model: "alias", echo: {} });
    expect(body).toMatchObject({ id: "msg_1", object: "chat.completion", model: "alias" });
    expect(body).not.toHaveProperty("usage");
    expect(body.choices).toMatchObject([
      {
        message: { content: "a", reasoning_content: "hm", annotations: [{ url_citation: { url: "https://example.com" } }] },
        finish_reason: "length",
        native_finish_reason: "pause_turn",
      },
    ]);
    expect(warnings.map((warning) => warning.path)).toEqual(["message.parts[3]", "finish", "usage"]);
  });

  it("names reasoning as the quirk says", () => {
    const dialect = createOpenAIChatDialect({ reasoningRendered: "reasoning" });
    expect(dialect.renderResponse(completion, { model: "m", echo: {} }).body.choices).toMatchObject([
      { message: { reasoning: "hm" } },
    ]);
  });
});
