/**
 * The vendor's own types, held against this dialect when the project is type-checked: what we write must be what
 * @anthropic-ai/sdk sends, and what it promises must be what we read. Its stream reader is the client of our streams.
 */
import type Anthropic from "@anthropic-ai/sdk";
import { MessageStream } from "@anthropic-ai/sdk/lib/MessageStream";
import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  WireDocumentBlock,
  WireMessage,
  WireRedactedThinkingBlock,
  WireTextBlock,
  WireThinking,
  WireThinkingBlock,
  WireTool,
  WireToolChoice,
  WireToolUseBlock,
} from "../../src/dialects/anthropic-messages/wire.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { clientRequest, context, cut, dialect, replay, write } from "./anthropic-messages-fixtures.ts";

describe("the types of Anthropic's SDK", () => {
  it("take the blocks and settings that we write", () => {
    expectTypeOf<WireTextBlock>().toExtend<Anthropic.TextBlockParam>();
    expectTypeOf<WireThinkingBlock>().toExtend<Anthropic.ThinkingBlockParam>();
    expectTypeOf<WireRedactedThinkingBlock>().toExtend<Anthropic.RedactedThinkingBlockParam>();
    expectTypeOf<WireToolUseBlock>().toExtend<Anthropic.ToolUseBlockParam>();
    expectTypeOf<WireThinking>().toExtend<Anthropic.ThinkingConfigParam>();
    expectTypeOf<WireToolChoice>().toExtend<Anthropic.ToolChoice>();
    expectTypeOf<Pick<WireTool, "name" | "description" | "strict">>().toExtend<Omit<Anthropic.Tool, "input_schema">>();
    expectTypeOf<WireDocumentBlock["type"]>().toExtend<Anthropic.DocumentBlockParam["type"]>();
    expectTypeOf<WireMessage["role"]>().toExtend<Anthropic.MessageParam["role"]>();
  });

  it("describe requests that we read and write again", () => {
    const params: Anthropic.MessageCreateParamsNonStreaming = {
      model: "claude-sonnet-4-5",
      max_tokens: 100,
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
      tools: [{ name: "f", input_schema: { type: "object" } }],
      tool_choice: { type: "auto" },
      messages: [
        { role: "user", content: [{ type: "text", text: "Hi" }] },
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: { a: 1 } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "ok" }] }] },
      ],
    };
    expect(replay(JSON.parse(JSON.stringify(params)))).toEqual(params);
    expect(dialect.parseRequest(clientRequest(params)).request.maxOutputTokens).toBe(100);
  });

  it("describe answers that we read", () => {
    const usage = {
      cache_creation: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: 4,
      inference_geo: null,
      input_tokens: 6,
      output_tokens: 2,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: null,
      speed: null,
    } satisfies Anthropic.Usage;
    const message: Anthropic.Message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5",
      container: null,
      diagnostics: null,
      content: [
        { type: "text", text: "Hi", citations: null },
        { type: "tool_use", id: "t1", name: "f", input: { a: 1 }, caller: { type: "direct" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      stop_details: null,
      usage,
    };
    expect(dialect.parseResponse(message, context)).toMatchObject({
      message: {
        parts: [
          { type: "text", text: "Hi" },
          { type: "tool-call", arguments: { a: 1 } },
        ],
      },
      finish: { reason: "tool-calls" },
      usage: { inputTokens: 10, cacheReadTokens: 4, outputTokens: 2 },
    });
  });

  it("describe stream events that we read", () => {
    const events: Anthropic.RawMessageStreamEvent[] = [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: null } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
        usage: {
          input_tokens: 3,
          output_tokens: 2,
          cache_read_input_tokens: null,
          cache_creation_input_tokens: null,
          output_tokens_details: null,
          server_tool_use: null,
        },
      },
      { type: "message_stop" },
    ];
    const out: StreamEvent[] = [];
    const parser = dialect.parseStream(context);
    for (const event of events) parser.push({ event: event.type, data: JSON.stringify(event) }, out);
    parser.end(out);
    expect(out.at(-1)).toMatchObject({ type: "finish", finish: { reason: "stop" }, usage: { inputTokens: 3, outputTokens: 2 } });
  });
});

describe("the stream reader of Anthropic's SDK", () => {
  it("puts our streams of other vendors' answers together", async () => {
    const origin = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };
    const events: StreamEvent[] = [
      { type: "start", id: "c1", origin },
      { type: "reasoning-start", index: 0 },
      { type: "reasoning-delta", index: 0, text: "Hm." },
      { type: "reasoning-end", index: 0 },
      { type: "text-start", index: 1 },
      { type: "text-delta", index: 1, text: "Hi " },
      { type: "tool-call-start", index: 2, id: "t1", name: "f" },
      { type: "tool-call-delta", index: 2, text: '{"a":' },
      { type: "text-delta", index: 1, text: "there" },
      { type: "text-end", index: 1 },
      { type: "tool-call-delta", index: 2, text: "1}" },
      { type: "tool-call-end", index: 2 },
      {
        type: "finish",
        finish: { reason: "tool-calls", raw: "tool_calls" },
        usage: { inputTokens: 9, cacheReadTokens: 4, outputTokens: 3 },
      },
    ];
    const lines = cut(write(events).text).map((item) => `${item.data}\n`);
    const body = new ReadableStream({
      start(controller) {
        for (const line of lines) controller.enqueue(new TextEncoder().encode(line));
        controller.close();
      },
    });
    const message = await MessageStream.fromReadableStream(body).finalMessage();
    expect(message).toMatchObject({
      id: "c1",
      model: "claude-sonnet-4-5",
      content: [
        { type: "thinking", thinking: "Hm." },
        { type: "text", text: "Hi there" },
        { type: "tool_use", id: "t1", name: "f", input: { a: 1 } },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 5, cache_read_input_tokens: 4, output_tokens: 3 },
    });
  });
});
