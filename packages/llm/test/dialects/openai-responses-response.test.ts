import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import { textOf, userMessage } from "../../src/message.ts";
import { checkUsage, compareCompletions } from "../../src/testing/laws.ts";

const dialect = createOpenAIResponsesDialect();
const CONTEXT = { provider: "openai", model: "gpt-5" };
const CLIENT = { model: "gpt-5", echo: {} };

function message(text: string, extra: JsonObject = {}): JsonObject {
  return {
    id: "msg_1",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", text, annotations: [], ...extra }],
  };
}

function response(output: readonly JsonObject[] | null, extra: JsonObject = {}): JsonObject {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    model: "gpt-5-2025-08-07",
    output,
    ...extra,
  };
}

function parse(body: unknown): Completion {
  return dialect.parseResponse(body, CONTEXT);
}

const CALL = { id: "fc_1", type: "function_call", status: "completed", arguments: '{"a":1}', call_id: "call_1", name: "f" };
const REFUSAL = {
  id: "msg_2",
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "refusal", refusal: "No." }],
};
const CUSTOM_CALL = { id: "ctc_1", type: "custom_tool_call", status: "completed", call_id: "c", name: "n", input: "x" };

describe("an answer", () => {
  it("tells who made it, and when", () => {
    const completion = parse(response([message("Hi")]));
    expect(completion.id).toBe("resp_1");
    expect(completion.origin).toEqual({ dialect: "openai-responses", provider: "openai", model: "gpt-5-2025-08-07" });
    expect(completion.createdAt).toBe(1_700_000_000);
    expect(parse(response([], { created_at: 0 })).createdAt).toBeUndefined();
  });

  it.each<[string, readonly JsonObject[], JsonObject, Completion["finish"]]>([
    ["stop", [message("Hi")], {}, { reason: "stop", raw: "completed" }],
    ["tool-calls", [message("Hi"), CALL], {}, { reason: "tool-calls", raw: "completed" }],
    ["tool-calls", [CUSTOM_CALL], {}, { reason: "tool-calls", raw: "completed" }],
    ["stop", [CUSTOM_CALL, message("run by the vendor")], {}, { reason: "stop", raw: "completed" }],
    ["content-filter", [REFUSAL], {}, { reason: "content-filter", raw: "completed" }],
    [
      "length",
      [CALL],
      { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      { reason: "length", raw: "max_output_tokens" },
    ],
    [
      "content-filter",
      [],
      { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      { reason: "content-filter", raw: "content_filter" },
    ],
    ["other", [], { status: "incomplete", incomplete_details: null }, { reason: "other", raw: "incomplete" }],
    ["other", [], { status: "queued" }, { reason: "other", raw: "queued" }],
    ["other", [message("Hi")], { status: "in_progress" }, { reason: "other", raw: "in_progress" }],
    ["other", [], { status: "cancelled" }, { reason: "other", raw: "cancelled" }],
  ])("ends as %s", (_name, output, extra, finish) => {
    expect(parse(response(output, extra)).finish).toEqual(finish);
  });

  it("counts inclusively, and keeps what the vendor said", () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 17,
    };
    expect(parse(response([], { usage })).usage).toEqual({
      inputTokens: 10,
      cacheReadTokens: 4,
      cacheWriteTokens: 3,
      outputTokens: 7,
      reasoningTokens: 5,
      raw: usage,
    });
  });

  it("adds reasoning that a server counts beside the output", () => {
    const usage = { input_tokens: 10, output_tokens: 2, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 17 };
    const parsed = parse(response([], { usage })).usage;
    expect(parsed.outputTokens).toBe(7);
    expect(checkUsage(parsed)).toEqual([]);
  });

  it.each([[undefined], [null], [{}]])("leaves unknown usage unknown: %j", (usage) => {
    const { raw: _raw, ...counts } = parse(response([], usage === undefined ? {} : { usage })).usage;
    expect(counts).toEqual({});
  });

  it("reads null where a gateway means none", () => {
    expect(parse(response(null)).message.parts).toEqual([]);
    const empty = { id: "msg_1", type: "message", role: "assistant", content: null };
    expect(parse(response([empty])).message.parts).toEqual([
      { type: "opaque", dialect: "openai-responses", kind: "message", value: { ...empty, content: [] } },
    ]);
    const gap = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      content: [null, { type: "output_text", text: "Hi", annotations: null }],
    };
    expect(textOf(parse(response([gap])).message)).toBe("Hi");
  });

  it("shows thinking where the server does, else its summaries", () => {
    const summary = [
      { type: "summary_text", text: "one" },
      { type: "summary_text", text: "two" },
    ];
    const content = [{ type: "reasoning_text", text: "all of it" }];
    expect(parse(response([{ id: "rs", type: "reasoning", summary }])).message.parts).toMatchObject([
      { type: "reasoning", text: "one\n\ntwo" },
    ]);
    expect(parse(response([{ id: "rs", type: "reasoning", summary, content }])).message.parts).toMatchObject([
      { text: "all of it" },
    ]);
  });

  it("finds the thinking that mistral.rs puts beside the items", () => {
    const completion = parse(response([message("Hi")], { reasoning: "Hmm" }));
    expect(completion.message.parts).toMatchObject([{ type: "reasoning", text: "Hmm" }, { type: "text" }]);
    expect(parse(response([message("Hi")], { reasoning: { effort: "low" } })).message.parts).toHaveLength(1);
  });

  it("puts the sources of a text after it, and keeps its citations raw", () => {
    const annotations = [
      { type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 2 },
      { type: "file_citation", file_id: "file-1", filename: "a.txt", index: 1 },
      { type: "hologram_citation" },
    ];
    const completion = parse(response([message("Hi", { annotations })]));
    expect(completion.message.parts).toMatchObject([
      { type: "text", vendor: { "openai-responses": { content: { annotations } } } },
      { type: "source", url: "https://e.com", title: "E" },
      { type: "source", documentId: "file-1", title: "a.txt" },
    ]);
    const rendered = dialect.renderResponse(completion, CLIENT).body.output;
    expect(rendered).toMatchObject([{ content: [{ annotations }] }]);
  });

  it("keeps the blocks of the vendor's own tools whole", () => {
    const search = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "q" } };
    expect(parse(response([search, message("Hi")])).message.parts[0]).toEqual({
      type: "opaque",
      dialect: "openai-responses",
      kind: "web_search_call",
      value: search,
    });
  });

  it("takes the wrapped call of several tools apart", () => {
    const uses = [
      { recipient_name: "functions.a", parameters: { x: 1 } },
      { recipient_name: "functions.b", parameters: {} },
    ];
    const wrapper = { ...CALL, name: "multi_tool_use.parallel", arguments: JSON.stringify({ tool_uses: uses }) };
    expect(parse(response([wrapper])).message.parts).toEqual([
      { type: "tool-call", id: "call_1_0", name: "a", arguments: { x: 1 } },
      { type: "tool-call", id: "call_1_1", name: "b", arguments: {} },
    ]);
    const broken = { ...wrapper, arguments: '{"tool_uses":3}' };
    expect(parse(response([broken])).message.parts).toMatchObject([{ id: "call_1", name: "multi_tool_use.parallel" }]);
  });

  it("marks arguments that are not JSON and keeps them", () => {
    expect(parse(response([{ ...CALL, arguments: '{"a":' }])).message.parts).toMatchObject([
      { argumentsText: '{"a":', arguments: {}, invalid: expect.any(String) },
    ]);
  });

  it.each<[string, JsonObject, DragomanError["code"]]>([
    [
      "a failed response",
      response([], { status: "failed", error: { code: "rate_limit_exceeded", message: "slow down" } }),
      "rate_limited",
    ],
    ["a failed response without a reason", response([], { status: "failed", error: null }), "vendor_error"],
    ["an error inside a 200", { error: { code: "insufficient_quota", message: "no credit" } }, "quota_exceeded"],
    ["something else", { choices: [] }, "invalid_response"],
  ])("is an error when it is %s", (_name, body, code) => {
    try {
      parse(body);
      expect.unreachable();
    } catch (error) {
      expect(DragomanError.is(error) && error.code).toBe(code);
    }
  });
});

describe("an answer that is rendered and parsed again", () => {
  it.each<[string, JsonObject]>([
    ["text", response([message("Hi")])],
    [
      "two texts of one message",
      response([
        {
          ...message("a"),
          content: [
            { type: "output_text", text: "a" },
            { type: "output_text", text: "b" },
          ],
        },
      ]),
    ],
    ["reasoning and calls", response([{ id: "rs_1", type: "reasoning", summary: [], encrypted_content: "gAAA" }, CALL])],
    ["a phase and a tier", response([{ ...message("Hi"), phase: "final_answer" }], { service_tier: "flex" })],
    ["a refusal", response([REFUSAL])],
    ["a length stop", response([message("H")], { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })],
    ["a queued answer", response([], { status: "queued" })],
    ["the vendor's own tools", response([CUSTOM_CALL, message("Hi")])],
  ])("is what it was: %s", (_name, body) => {
    const completion = parse({ ...body, usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } });
    const rendered = dialect.renderResponse(completion, { ...CLIENT, model: completion.origin.model });
    const again = parse(JSON.parse(JSON.stringify(rendered.body)));
    expect(compareCompletions(completion, again)).toEqual([]);
    expect(again.vendor).toEqual(completion.vendor);
    expect(rendered.warnings).toEqual([]);
  });
});

describe("an answer of another maker", () => {
  const origin = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };
  const foreign: Completion = {
    id: "abc",
    origin,
    message: {
      role: "assistant",
      origin,
      parts: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "Hi" },
        { type: "source", url: "https://e.com" },
        { type: "opaque", dialect: "anthropic-messages", kind: "server_tool_use", value: {} },
        { type: "image", source: { type: "data", data: "aGk=" }, mediaType: "image/png" },
        { type: "tool-call", id: "toolu_1", name: "f", arguments: { a: 1 } },
      ],
    },
    finish: { reason: "tool-calls", raw: "tool_use" },
    usage: { inputTokens: 3, outputTokens: 4 },
    warnings: [],
  };

  it("gets items with ids, and repeats what the client asked", () => {
    const echo = { instructions: "Be brief.", temperature: 0.5, metadata: { a: "b" } };
    const { body, warnings } = dialect.renderResponse(foreign, { model: "asked", echo });
    expect(body).toMatchObject({ id: "abc", object: "response", status: "completed", model: "asked", error: null, ...echo });
    expect(body.output).toMatchObject([
      { id: "rs_dragoman_abc_0", type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
      {
        id: "msg_dragoman_abc_1",
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ annotations: [{ url: "https://e.com" }] }],
      },
      { id: "ig_dragoman_abc_4", type: "image_generation_call", result: "aGk=" },
      { id: "fc_dragoman_abc_5", type: "function_call", call_id: "toolu_1", arguments: '{"a":1}' },
    ]);
    expect(body.usage).toEqual({
      input_tokens: 3,
      input_tokens_details: {},
      output_tokens: 4,
      output_tokens_details: {},
      total_tokens: 7,
    });
    expect(warnings.map((warning) => warning.path)).toEqual(["message.parts[3]", "message.parts[4]"]);
  });

  it("has no usage where none is known", () => {
    expect(dialect.renderResponse({ ...foreign, usage: {} }, CLIENT).body.usage).toBeNull();
  });
});

describe("an error", () => {
  it("is read from the wire", () => {
    const body = JSON.stringify({
      error: { message: "Unknown parameter: 'x'.", type: "invalid_request_error", param: "x", code: "unknown_parameter" },
    });
    const error = dialect.parseError({ status: 400, headers: {}, body }, CONTEXT);
    expect(error).toMatchObject({ code: "invalid_request", field: "x", vendorCode: "unknown_parameter", status: 400 });
  });

  it("is told in the words that OpenAI's clients know", () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", retryAfterMs: 1500 });
    const rendered = dialect.renderError(error);
    expect(rendered.status).toBe(429);
    expect(rendered.headers).toEqual({ "x-should-retry": "true", "retry-after": "2", "retry-after-ms": "1500" });
    expect(rendered.body).toMatchObject({ error: { code: "rate_limit_exceeded", param: null } });
  });
});

describe("counting tokens", () => {
  const codec = dialect.countTokens;

  it("sends only what the endpoint takes", () => {
    const request = { model: "m", messages: [userMessage("Hi")], temperature: 1, maxOutputTokens: 100, parallelToolCalls: true };
    const rendered = codec?.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    expect(rendered?.path).toBe("/responses/input_tokens");
    expect(rendered?.body).toEqual({ model: "m", input: [{ role: "user", content: "Hi" }], parallel_tool_calls: true });
  });

  it("reads and writes the count", () => {
    expect(codec?.parseResponse(codec.renderResponse(12))).toBe(12);
    expect(() => codec?.parseResponse({ input_tokens: "12" })).toThrow("input_tokens");
  });
});
