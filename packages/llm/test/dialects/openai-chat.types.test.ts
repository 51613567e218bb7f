/** The vendor's own types judge what the codec builds: each expected value is typed by them and compared with the real one. */
import type { OpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";

const dialect = createOpenAIChatDialect();

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };

describe("the vendor's types", () => {
  it("take what a request is rendered to", () => {
    const request: CompletionRequest = {
      model: "gpt-5",
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        userMessage([
          { type: "text", text: "look" },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" }, detail: "high" },
          { type: "audio", source: { type: "data", data: "aGk=" }, mediaType: "audio/wav" },
          { type: "file", source: { type: "data", data: "aGk=" }, mediaType: "application/pdf", name: "a.pdf" },
        ]),
        { role: "assistant", parts: [{ type: "tool-call", id: "call_1", name: "weather", arguments: { city: "Oslo" } }] },
        toolResult({ id: "call_1", name: "weather" }, "sun"),
      ],
      tools: [{ name: "weather", description: "d", inputSchema: SCHEMA, strict: true }],
      toolChoice: { tool: "weather" },
      parallelToolCalls: false,
      maxOutputTokens: 10,
      stopSequences: ["END"],
      reasoning: { effort: "low" },
      output: { type: "json", schema: SCHEMA, name: "place", strict: true },
      cache: [{ stable: "system", key: "k", timeToLive: "24h" }],
      metadata: { user: "u" },
    };
    const expected: OpenAI.Chat.ChatCompletionCreateParamsStreaming = {
      model: "gpt-5",
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "high" } },
            { type: "input_audio", input_audio: { data: "aGk=", format: "wav" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
        },
        { role: "tool", tool_call_id: "call_1", content: "sun" },
      ],
      tools: [{ type: "function", function: { name: "weather", description: "d", parameters: SCHEMA, strict: true } }],
      tool_choice: { type: "function", function: { name: "weather" } },
      parallel_tool_calls: false,
      max_completion_tokens: 10,
      stop: ["END"],
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "place", schema: SCHEMA, strict: true } },
      prompt_cache_key: "k",
      prompt_cache_retention: "24h",
      user: "u",
      stream: true,
      stream_options: { include_usage: true },
    };
    const rendered = dialect.renderRequest(request, { stream: true, capabilities: UNKNOWN_CAPABILITIES });
    expect(rendered.body).toEqual(expected);
    expect(rendered.warnings).toEqual([]);
  });

  const completion: Completion = {
    id: "chatcmpl-1",
    origin: { dialect: "openai-chat", provider: "openai", model: "gpt-5" },
    message: {
      role: "assistant",
      parts: [
        { type: "text", text: "hi" },
        { type: "tool-call", id: "call_1", name: "weather", arguments: {} },
        { type: "source", url: "https://example.com", title: "T" },
      ],
    },
    finish: { reason: "tool-calls", raw: "tool_calls" },
    usage: { inputTokens: 3, cacheReadTokens: 1, outputTokens: 2, reasoningTokens: 1 },
    warnings: [],
    createdAt: 1700000000,
  };

  it("take what an answer is rendered to", () => {
    const expected: OpenAI.Chat.ChatCompletion = {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1700000000,
      model: "gpt-5",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "hi",
            refusal: null,
            tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }],
            annotations: [
              { type: "url_citation", url_citation: { start_index: 0, end_index: 0, title: "T", url: "https://example.com" } },
            ],
          },
          logprobs: null,
          finish_reason: "tool_calls",
        },
      ],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    };
    expect(dialect.renderResponse(completion, { model: "gpt-5", echo: {} })).toEqual({ body: expected, warnings: [] });
  });

  it("take what the events of a stream are rendered to", () => {
    const renderer = dialect.renderStream({ model: "gpt-5", echo: { includeUsage: true } });
    const base = { id: "c", object: "chat.completion.chunk" as const, created: 7, model: "gpt-5" };
    const around = (delta: OpenAI.Chat.ChatCompletionChunk.Choice.Delta): OpenAI.Chat.ChatCompletionChunk => ({
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
      usage: null,
    });
    const read = (text: string): unknown => JSON.parse(text.slice("data: ".length));
    const origin = completion.origin;
    expect(read(renderer.push({ type: "start", id: "c", origin, createdAt: 7 }))).toEqual(
      around({ role: "assistant", content: "" }),
    );
    expect(read(renderer.push({ type: "text-delta", index: 0, text: "hi" }))).toEqual(around({ content: "hi" }));
    expect(read(renderer.push({ type: "tool-call-start", index: 1, id: "call_1", name: "f" }))).toEqual(
      around({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } }] }),
    );
    expect(read(renderer.push({ type: "tool-call-delta", index: 1, text: "{}" }))).toEqual(
      around({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] }),
    );
    const finish: OpenAI.Chat.ChatCompletionChunk = {
      ...base,
      choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "tool_calls" }],
      usage: null,
    };
    const usage: OpenAI.Chat.ChatCompletionChunk = {
      ...base,
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    };
    const end = renderer.push({ type: "finish", finish: { reason: "tool-calls" }, usage: { inputTokens: 3, outputTokens: 2 } });
    expect(end.split("\n\n").slice(0, 2).map(read)).toEqual([finish, usage]);
  });

  it("give what an answer is parsed from", () => {
    const body: OpenAI.Chat.ChatCompletion = {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1700000000,
      model: "gpt-5-2025",
      choices: [
        { index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: null, finish_reason: "stop" },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    const parsed = dialect.parseResponse(body, { provider: "openai", model: "gpt-5" });
    expect(parsed.message.parts).toEqual([{ type: "text", text: "hi" }]);
    expect(parsed.usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  });
});
