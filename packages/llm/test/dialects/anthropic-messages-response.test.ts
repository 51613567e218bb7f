import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES as NO_CAPABILITIES } from "../../src/capabilities.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import { checkUsage, compareCompletions } from "../../src/testing/laws.ts";
import { client, context, dialect, render } from "./anthropic-messages-fixtures.ts";

function answer(fields: JsonObject): JsonObject {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5-20250929",
    content: [{ type: "text", text: "Hello." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
    ...fields,
  };
}

function thrownBy(work: () => unknown): DragomanError {
  try {
    work();
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const citation = {
  type: "web_search_result_location",
  url: "https://example.com/paris",
  title: "Paris",
  cited_text: "18 °C",
  encrypted_index: "abc",
};

describe("an answer of Anthropic", () => {
  it("becomes a completion that names its maker", () => {
    expect(dialect.parseResponse(answer({}), context)).toEqual({
      id: "msg_1",
      origin: { dialect: "anthropic-messages", provider: "anthropic", model: "claude-sonnet-4-5-20250929" },
      message: {
        role: "assistant",
        origin: { dialect: "anthropic-messages", provider: "anthropic", model: "claude-sonnet-4-5-20250929" },
        parts: [{ type: "text", text: "Hello." }],
      },
      finish: { reason: "stop", raw: "end_turn" },
      usage: { inputTokens: 3, outputTokens: 2, raw: { input_tokens: 3, output_tokens: 2 } },
      warnings: [],
    });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["tool_use", "tool-calls"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", "content-filter"],
    ["pause_turn", "pause"],
    ["compaction", "other"],
    ["something_new", "other"],
  ])("that stopped for %s finished by %s, and goes out under the same word", (raw, reason) => {
    const completion = dialect.parseResponse(answer({ stop_reason: raw }), context);
    expect(completion.finish).toEqual({ reason, raw });
    const rendered = dialect.renderResponse(completion, client);
    if (raw === "something_new") expect(rendered.warnings).toMatchObject([{ type: "lossy", path: "finish" }]);
    else expect(rendered.body.stop_reason).toBe(raw);
  });

  it("says which stop sequence was met and why an answer was refused", () => {
    const stopped = dialect.parseResponse(answer({ stop_reason: "stop_sequence", stop_sequence: "END" }), context);
    expect(stopped.finish.stopSequence).toBe("END");
    const details = { type: "refusal", category: "cyber", explanation: "No exploits." };
    const refused = dialect.parseResponse(answer({ stop_reason: "refusal", stop_details: details }), context);
    expect(refused.finish.detail).toBe("No exploits.");
    expect(dialect.renderResponse(refused, client).body.stop_details).toEqual(details);
  });

  it("keeps thinking as it is signed, calls, and the vendor's own blocks in their order", () => {
    const content = [
      { type: "thinking", thinking: "Hm. ", signature: "s1" },
      { type: "redacted_thinking", data: "xyz" },
      { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "paris" }, caller: { type: "direct" } },
      {
        type: "web_search_tool_result",
        tool_use_id: "srvtoolu_1",
        content: [{ type: "web_search_result", url: "https://example.com" }],
      },
      {
        type: "tool_use",
        id: "toolu_1",
        name: "f",
        input: { a: 1 },
        caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" },
      },
    ];
    const completion = dialect.parseResponse(answer({ content }), context);
    expect(completion.message.parts).toMatchObject([
      { type: "reasoning", text: "Hm. ", vendor: { "anthropic-messages": { signature: "s1" } } },
      { type: "reasoning", text: "", vendor: { "anthropic-messages": { data: "xyz" } } },
      { type: "opaque", kind: "server_tool_use" },
      { type: "opaque", kind: "web_search_tool_result" },
      { type: "tool-call", id: "toolu_1", arguments: { a: 1 } },
    ]);
    const rendered = dialect.renderResponse(completion, client);
    expect(rendered).toMatchObject({ body: { content }, warnings: [] });
    const replayed = render({ messages: [completion.message] });
    expect(replayed.body?.messages).toEqual([{ role: "assistant", content }]);
  });

  it("derives sources from citations, which stay on the text", () => {
    const content = [{ type: "text", text: "It is 18 °C.", citations: [citation] }];
    const completion = dialect.parseResponse(answer({ content }), context);
    expect(completion.message.parts).toEqual([
      { type: "text", text: "It is 18 °C.", vendor: { "anthropic-messages": { citations: [citation] } } },
      { type: "source", url: "https://example.com/paris", title: "Paris", citedText: "18 °C" },
    ]);
    const replayed = render({ messages: [completion.message] });
    expect(replayed).toMatchObject({ body: { messages: [{ content }] }, warnings: [] });
  });

  it("keeps what else the message says of itself", () => {
    const completion = dialect.parseResponse(answer({ container: { id: "c1" }, context_management: null }), context);
    expect(completion.vendor).toEqual({ "anthropic-messages": { container: { id: "c1" } } });
  });

  it("round-trips through the client's side of the dialect", () => {
    const usage = { input_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: 0, output_tokens: 4 };
    const completion = dialect.parseResponse(answer({ usage, stop_reason: "max_tokens" }), context);
    const rendered = dialect.renderResponse(completion, { ...client, model: "claude-sonnet-4-5-20250929" });
    expect(rendered.warnings).toEqual([]);
    expect(compareCompletions(completion, dialect.parseResponse(rendered.body, context))).toEqual([]);
  });
});

describe("usage of Anthropic", () => {
  it("is made inclusive, with its parts and the vendor's own report beside it", () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 4 },
    };
    const parsed = dialect.parseResponse(answer({ usage }), context).usage;
    expect(parsed).toEqual({
      inputTokens: 240,
      cacheReadTokens: 200,
      cacheWriteTokens: 30,
      cacheWriteOneHourTokens: 20,
      outputTokens: 7,
      reasoningTokens: 4,
      raw: usage,
    });
    expect(checkUsage(parsed)).toEqual([]);
  });

  it("that is missing or null is unknown and never 0", () => {
    expect(dialect.parseResponse(answer({ usage: null }), context).usage).toEqual({});
    const usage = { input_tokens: 10, cache_read_input_tokens: null, output_tokens: 7 };
    expect(dialect.parseResponse(answer({ usage }), context).usage).toEqual({ inputTokens: 10, outputTokens: 7, raw: usage });
  });

  it("of other vendors is taken apart for a client of this wire", () => {
    const origin = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };
    const completion = {
      id: "c",
      origin,
      message: { role: "assistant", parts: [], origin },
      finish: { reason: "stop", raw: "stop" },
      usage: { inputTokens: 100, cacheReadTokens: 60, outputTokens: 9, reasoningTokens: 5, raw: { prompt_tokens: 100 } },
      warnings: [],
    } as const;
    expect(dialect.renderResponse(completion, client).body).toMatchObject({
      stop_reason: "end_turn",
      usage: { input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 9, output_tokens_details: { thinking_tokens: 5 } },
    });
    const unknown = dialect.renderResponse({ ...completion, usage: {} }, client);
    expect(unknown.body.usage).toEqual({});
    expect(unknown.warnings).toMatchObject([{ type: "lossy", path: "usage" }]);
  });
});

describe("an answer that is none", () => {
  it("throws the vendor's error inside a 200", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" };
    expect(thrownBy(() => dialect.parseResponse(body, context))).toMatchObject({
      code: "overloaded",
      provider: "anthropic",
      vendorCode: "overloaded_error",
      requestId: "req_1",
    });
  });

  it.each([[null], ["text"], [{}], [{ type: "message", content: "text" }]])("throws invalid_response for %j", (body) => {
    expect(thrownBy(() => dialect.parseResponse(body, context)).code).toBe("invalid_response");
  });

  it.each([
    [400, "invalid_request_error", "messages.0: bad", "invalid_request"],
    [401, "authentication_error", "invalid x-api-key", "authentication"],
    [403, "permission_error", "no access", "permission_denied"],
    [404, "not_found_error", "model: claude-nope", "model_not_found"],
    [413, "request_too_large", "too large", "request_too_large"],
    [429, "rate_limit_error", "slow down", "rate_limited"],
    [500, "api_error", "internal", "vendor_error"],
    [529, "overloaded_error", "Overloaded", "overloaded"],
    [400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", "context_overflow"],
  ])("reads HTTP %i %s", (status, type, message, code) => {
    const body = JSON.stringify({ type: "error", error: { type, message } });
    const error = dialect.parseError({ status, headers: { "request-id": "req_2" }, body }, context);
    expect(error).toMatchObject({ code, status, vendorCode: type, requestId: "req_2", provider: "anthropic" });
  });
});

describe("an error for a client", () => {
  it("has Anthropic's type, the wait and the verdict on a retry", () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", retryAfterMs: 1500, requestId: "req_3" });
    expect(dialect.renderError(error)).toEqual({
      status: 429,
      headers: { "x-should-retry": "true", "retry-after": "2", "request-id": "req_3" },
      body: {
        type: "error",
        error: { type: "rate_limit_error", message: expect.stringMatching(/^slow down\. Next: retry after 2 s/) },
        request_id: "req_3",
      },
    });
  });

  it("names a field as Anthropic does", () => {
    const error = new DragomanError({
      code: "invalid_request",
      field: "messages[0].content[1].text",
      detail: "must be a string",
    });
    expect(dialect.renderError(error)).toMatchObject({
      status: 400,
      body: {
        error: {
          type: "invalid_request_error",
          message: expect.stringMatching(/^messages\.0\.content\.1\.text: must be a string\. Next: /),
        },
      },
    });
  });

  it("speaks of a full context in the words that clients look for", () => {
    const error = new DragomanError({ code: "context_overflow", detail: "maximum context length is 8192 tokens" });
    expect(dialect.renderError(error)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^prompt is too long: maximum context length is 8192 tokens/) } },
    });
  });

  it("is an api_error where Anthropic has no type, and reads back as what it was", () => {
    const error = new DragomanError({ code: "vendor_error", detail: "broken" });
    const { status, headers, body } = dialect.renderError(error);
    expect(body).toMatchObject({ error: { type: "api_error" } });
    expect(dialect.parseError({ status, headers, body: JSON.stringify(body) }, context).code).toBe("vendor_error");
  });
});

describe("the smaller endpoints", () => {
  it("count tokens of the prompt alone", () => {
    const { countTokens } = dialect;
    const request = {
      model: "claude-sonnet-4-5",
      messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
      maxOutputTokens: 5,
      temperature: 0.5,
      stopSequences: ["x"],
    } as const;
    const rendered = countTokens?.renderRequest(request, { stream: true, capabilities: NO_CAPABILITIES });
    expect(rendered?.path).toBe("/messages/count_tokens");
    expect(Object.keys(rendered?.body ?? {})).toEqual(["model", "messages"]);
    expect(countTokens?.parseResponse({ input_tokens: 12 })).toBe(12);
    expect(countTokens?.renderResponse(12)).toEqual({ input_tokens: 12 });
    expect(thrownBy(() => countTokens?.parseResponse({})).code).toBe("invalid_response");
    const input = { path: "/v1/messages/count_tokens", query: {}, headers: {}, body: rendered?.body };
    expect(countTokens?.parseRequest(input).request).toEqual({ model: request.model, messages: request.messages });
  });

  it("list models with what the vendor says of them", () => {
    const row = {
      type: "model",
      id: "claude-x",
      display_name: "Claude X",
      created_at: "2026-05-28T00:00:00Z",
      max_input_tokens: 200_000,
      max_tokens: 64_000,
      capabilities: { image_input: { supported: true }, thinking: { supported: false }, structured_outputs: { supported: true } },
    };
    const listed = dialect.models?.parseResponse({ data: [row, { id: "claude-y", created_at: "1970-01-01T00:00:00Z" }] });
    expect(listed).toEqual([
      {
        id: "claude-x",
        displayName: "Claude X",
        createdAt: Date.UTC(2026, 4, 28) / 1000,
        facts: { images: true, reasoning: false, jsonSchema: true, contextWindowTokens: 200_000, outputTokensMax: 64_000 },
      },
      { id: "claude-y" },
    ]);
    expect(thrownBy(() => dialect.models?.parseResponse({})).code).toBe("invalid_response");
  });

  it("render a listing with the ids of its ends", () => {
    const model = { provider: "p", capabilities: NO_CAPABILITIES, source: "catalogue" } as const;
    const models = [
      { ...model, id: "a", createdAt: Date.UTC(2026, 0, 1) / 1000 },
      { ...model, id: "b" },
    ];
    expect(dialect.models?.renderResponse(models)).toEqual({
      data: [
        { type: "model", id: "a", display_name: "a", created_at: "2026-01-01T00:00:00Z" },
        { type: "model", id: "b", display_name: "b", created_at: "1970-01-01T00:00:00Z" },
      ],
      has_more: false,
      first_id: "a",
      last_id: "b",
    });
    expect(dialect.models?.renderModel({ ...model, id: "a", displayName: "A" })).toMatchObject({ id: "a", display_name: "A" });
    expect(dialect.models?.renderResponse([])).toMatchObject({ data: [], first_id: null, last_id: null });
  });
});
