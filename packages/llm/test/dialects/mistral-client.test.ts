import { describe, expect, it } from "vitest";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";
import { foldEvents } from "../../src/testing/laws.ts";
import { answer, client, context, dialect, parse, readWire, replay, written } from "./mistral-fixtures.ts";

const model = "mistral-small-latest";
const user = { role: "user", content: "Hi." };
const origin = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };

describe("a client's request", () => {
  it("comes back as it was", () => {
    const body: JsonObject = {
      model,
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "Think first." },
            { type: "thinking", thinking: [{ type: "text", text: "Draft here." }], closed: true },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "Look." },
            { type: "document_url", document_url: "https://example.com/a.pdf", document_name: "a.pdf" },
            { type: "file", file_id: "f1" },
            { type: "input_audio", input_audio: "UklGRg==" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "Hm." }], signature: "s" },
            { type: "text", text: "As said" },
            { type: "reference", reference_ids: [1, "b"] },
            { type: "text", text: "." },
          ],
          tool_calls: [{ id: "abcdefgh1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "abcdefgh1", name: "f", content: "1" },
        { role: "assistant", content: "So", prefix: true },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }, { type: "web_search" }],
      tool_choice: "any",
      parallel_tool_calls: false,
      max_tokens: 5,
      random_seed: 0,
      reasoning_effort: "high",
      metadata: { team: "a" },
      safe_prompt: true,
      n: 2,
      prompt_mode: "reasoning",
      prompt_cache_key: "k",
      stream: true,
    };
    expect(replay(body)).toEqual(body);
  });

  it("says the same in other spellings", () => {
    const { request, warnings } = parse(
      {
        model,
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: "https://example.com/a.png" }] },
          {
            role: "assistant",
            content: [],
            prefix: false,
            tool_calls: [{ id: "a", function: { name: "f", arguments: { x: 1 } } }],
          },
          { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "1" }] },
        ],
        stream_options: { include_usage: true },
      },
      { "x-affinity": "s1" },
    );
    expect(warnings).toEqual([]);
    expect(request).toEqual({
      model,
      messages: [
        { role: "user", parts: [{ type: "image", source: { type: "url", url: "https://example.com/a.png" } }] },
        { role: "assistant", parts: [{ type: "tool-call", id: "a", name: "f", arguments: { x: 1 } }] },
        {
          role: "tool",
          parts: [{ type: "tool-result", toolCallId: "a", toolName: "f", content: [{ type: "text", text: "1" }] }],
        },
      ],
      metadata: { session: "s1" },
    });
  });

  it("in Magistral's mode asks for thinking", () => {
    const { request } = parse({ model: "magistral-medium-latest", messages: [user], prompt_mode: "reasoning" });
    expect(request.reasoning).toEqual({ effort: "high" });
    expect(request.vendorOptions).toBeUndefined();
  });

  it("reports fields that the wire does not define", () => {
    const { request, warnings } = parse({ model, messages: [user], logit_bias: { 1: 2 } });
    expect(request.vendorOptions).toEqual({ mistral: { logit_bias: { 1: 2 } } });
    expect(warnings).toMatchObject([{ type: "unknown-field", path: "logit_bias" }]);
  });

  it.each([
    [{ messages: [user] }, "model"],
    [{ model, messages: [user], random_seed: "x" }, "random_seed"],
    [
      { model, messages: [{ role: "assistant", content: [{ type: "thinking", thinking: "x" }] }] },
      "messages[0].content[0].thinking",
    ],
    [{ model, messages: [{ role: "assistant", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
    [{ model, messages: [{ role: "user", content: [{ type: "document_url" }] }] }, "messages[0].content[0].document_url"],
  ])("is refused by the field's name: %j", (body, field) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: "invalid_request", field }));
  });
});

describe("an answer to a client", () => {
  it("of Mistral's own comes back as it was", () => {
    const message = {
      role: "assistant",
      tool_calls: [{ id: "abcdefgh1", type: "function", function: { name: "f", arguments: "{}" } }],
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Hm." }], closed: true, signature: "s" },
        { type: "text", text: "As said" },
        { type: "reference", reference_ids: [1, "b"] },
      ],
    };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 4 } };
    const body = answer({}, { choices: [{ index: 0, finish_reason: "tool_calls", message }], usage });
    const rendered = dialect.renderResponse(dialect.parseResponse(body, context), { ...client, model: "mistral-small-2603" });
    expect(rendered).toEqual({ body, warnings: [] });
  });

  it("of another vendor says what it has no room for", () => {
    const message = {
      role: "assistant" as const,
      origin,
      parts: [
        { type: "refusal" as const, text: "No." },
        { type: "source" as const, url: "https://example.com" },
      ],
    };
    const { body, warnings } = dialect.renderResponse(
      { id: "m1", origin, message, finish: { reason: "content-filter" }, usage: {}, warnings: [] },
      client,
    );
    expect(body).toMatchObject({ choices: [{ finish_reason: "content_filter", message: { content: "No." } }], usage: {} });
    expect(warnings.map((warning) => warning.path)).toEqual(["message.parts[0]", "message.parts[1]"]);
  });

  it("streams thinking as chunks, calls in one piece, usage with the finish", () => {
    const events: StreamEvent[] = [
      { type: "start", id: "m1", origin, createdAt: 7 },
      { type: "reasoning-start", index: 0 },
      { type: "reasoning-delta", index: 0, text: "Hm." },
      { type: "reasoning-end", index: 0 },
      { type: "text-start", index: 1 },
      { type: "text-delta", index: 1, text: "Hi" },
      { type: "tool-call-start", index: 2, id: "t1", name: "f" },
      { type: "tool-call-delta", index: 2, text: '{"a":' },
      { type: "tool-call-delta", index: 2, text: "1}" },
      { type: "tool-call-end", index: 2 },
      { type: "text-end", index: 1 },
      { type: "finish", finish: { reason: "tool-calls" }, usage: { inputTokens: 3, outputTokens: 2 } },
    ];
    const { chunks } = written(events);
    const deltas = chunks.slice(0, -1).map((chunk) => JSON.parse(chunk).choices[0].delta);
    expect(deltas).toEqual([
      { role: "assistant", content: "" },
      { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] },
      { content: [{ type: "thinking", thinking: [], closed: true }] },
      { content: "Hi" },
      { tool_calls: [{ id: "t1", type: "function", function: { name: "f", arguments: '{"a":1}' }, index: 0 }] },
      { content: "" },
    ]);
    expect(JSON.parse(chunks.at(-2) ?? "")).toEqual({
      id: "m1",
      object: "chat.completion.chunk",
      created: 7,
      model,
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "tool_calls" }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(chunks.at(-1)).toBe("[DONE]");
  });

  it("streams vendor data back to Mistral's own client", () => {
    const parts = [
      { type: "reasoning", text: "See there.", vendor: { mistral: { signature: "s" } } },
      { type: "text", text: "As said" },
      { type: "source", documentId: "1", vendor: { mistral: { referenceId: 1 } } },
    ] as const;
    const own = { dialect: "mistral", provider: "mistral", model };
    const message = { role: "assistant" as const, origin: own, parts };
    const other = { index: 1, finish_reason: "stop", message: { role: "assistant", content: "B" } };
    const completion = {
      id: "a",
      origin: own,
      message,
      finish: { reason: "stop" as const },
      usage: {},
      warnings: [],
      vendor: { mistral: { otherChoices: [other] } },
    };
    const { chunks, warnings } = written(streamFromCompletion(completion));
    expect(warnings).toEqual([]);
    const folded = foldEvents(readWire(chunks));
    expect(folded.message.parts).toEqual(parts);
    expect(folded.vendor).toMatchObject({ mistral: { otherChoices: [{ message: { content: "B" } }] } });
  });

  it("says when thinking loses the place of what it refers to", () => {
    const thinking = [
      { type: "tool_reference", tool: "web_search", title: "A page" },
      { type: "text", text: "So." },
    ];
    const { warnings } = written([
      { type: "start", id: "a", origin },
      { type: "reasoning-start", index: 0 },
      { type: "reasoning-delta", index: 0, text: "So." },
      { type: "reasoning-end", index: 0, vendor: { mistral: { thinking } } },
      { type: "finish", finish: { reason: "stop" }, usage: {} },
    ]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "message.parts[0]" }]);
  });

  it("begins anew only while nothing was said, and fails without the last word", () => {
    const start = { type: "start", id: "a", origin } as const;
    const restart = { type: "restart", reason: "overloaded" } as const;
    const delta = { type: "text-delta", index: 0, text: "Hi" } as const;
    expect(written([start, restart, start, { type: "text-start", index: 0 }, delta]).chunks).toHaveLength(3);
    const { chunks } = written([start, { type: "text-start", index: 0 }, delta, restart]);
    expect(JSON.parse(chunks.at(-1) ?? "")).toMatchObject({ object: "error" });
  });

  it("tells an error in the flat form", () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", field: "messages[0]", retryAfterMs: 1500 });
    expect(dialect.renderError(error)).toEqual({
      status: 429,
      headers: { "retry-after": "2" },
      body: {
        object: "error",
        message: error.message,
        type: "rate_limited",
        param: "messages[0]",
        code: "1300",
        raw_status_code: 429,
      },
    });
  });
});
