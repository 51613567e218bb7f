/** Tools that the vendor runs itself: counted where its wire tells them, and paid for. */
import { describe, expect, test } from "vitest";
import { createAnthropicMessagesDialect } from "../src/dialects/anthropic-messages/index.ts";
import { createGeminiDialect } from "../src/dialects/gemini/index.ts";
import { createOpenAIChatDialect } from "../src/dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../src/dialects/openai-responses/index.ts";
import {
  anthropic,
  type Cost,
  type Dialect,
  type JsonObject,
  openai,
  type Provider,
  perplexity,
  Secret,
  type StreamEvent,
  type Usage,
  userMessage,
} from "../src/index.ts";
import { foldEvents } from "../src/testing/laws.ts";
import type { Transport } from "../src/transport/transport.ts";

const CONTEXT = { provider: "example", model: "m" };
const call = { model: "m", messages: [userMessage("What is new?")] };

const ANTHROPIC = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [{ type: "text", text: "Much." }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1000, output_tokens: 100, server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 } },
};

const search = (id: string, type: string) => ({ type: "web_search_call", id, status: "completed", action: { type } });
const RESPONSE = {
  id: "resp_1",
  object: "response",
  created_at: 1_760_000_000,
  status: "completed",
  model: "gpt-5-mini",
  output: [
    search("ws_1", "search"),
    search("ws_2", "open_page"),
    { type: "file_search_call", id: "fs_1", status: "completed", queries: ["q"], results: null },
    { type: "mcp_call", id: "mcp_1", name: "n", server_label: "s", arguments: "{}", output: "" },
    { type: "code_interpreter_call", id: "ci_1", status: "completed", code: "1", container_id: "c", outputs: null },
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "Much.", annotations: [] }],
    },
  ],
  usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 },
};

const GEMINI = {
  candidates: [
    {
      index: 0,
      content: { role: "model", parts: [{ text: "Much." }] },
      finishReason: "STOP",
      groundingMetadata: { webSearchQueries: ["one", "two"], groundingChunks: [] },
    },
  ],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 2, totalTokenCount: 12 },
  modelVersion: "gemini-3-flash-preview",
  responseId: "r1",
};

const chat = (usage: JsonObject): JsonObject => ({
  id: "c_1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "sonar",
  choices: [{ index: 0, message: { role: "assistant", content: "Much." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, ...usage },
});

const anthropicDialect = createAnthropicMessagesDialect();
const responsesDialect = createOpenAIResponsesDialect();
const geminiDialect = createGeminiDialect();
const chatDialect = createOpenAIChatDialect();

const XAI_TOOLS = { web_search_calls: 1, x_search_calls: 2, mcp_calls: 9, file_search_calls: 0 };

describe("calls of the vendor's tools", () => {
  test.each<[string, Dialect, JsonObject, Usage]>([
    ["Anthropic's searches, not what it fetched", anthropicDialect, ANTHROPIC, { toolCalls: 3, webSearchCalls: 3 }],
    [
      "OpenAI's items, without page visits and MCP",
      responsesDialect,
      RESPONSE,
      { toolCalls: 3, webSearchCalls: 1, fileSearchCalls: 1 },
    ],
    [
      "xAI's own report of its tools",
      responsesDialect,
      { ...RESPONSE, output: [], usage: { ...RESPONSE.usage, server_side_tool_usage_details: XAI_TOOLS } },
      { toolCalls: 3, webSearchCalls: 1, fileSearchCalls: 0 },
    ],
    ["Gemini's queries", geminiDialect, GEMINI, { toolCalls: 2, webSearchCalls: 2 }],
    ["Perplexity's queries", chatDialect, chat({ num_search_queries: 4 }), { toolCalls: 4, webSearchCalls: 4 }],
    ["xAI's sources", chatDialect, chat({ num_sources_used: 5 }), { toolCalls: 5, webSearchCalls: 5 }],
  ])("are counted: %s", (_what, dialect, body, counts) => {
    expect(dialect.parseResponse(body, CONTEXT).usage).toMatchObject(counts);
  });

  test.each<[string, Dialect, JsonObject]>([
    ["anthropic-messages", anthropicDialect, { ...ANTHROPIC, usage: { input_tokens: 1, output_tokens: 1 } }],
    ["openai-responses", responsesDialect, { ...RESPONSE, output: RESPONSE.output.slice(-1) }],
    ["gemini", geminiDialect, { ...GEMINI, candidates: [{ ...GEMINI.candidates[0], groundingMetadata: undefined }] }],
    ["openai-chat", chatDialect, chat({})],
  ])("are unknown, not 0, where %s says nothing of them", (_wire, dialect, body) => {
    expect(dialect.parseResponse(body, CONTEXT).usage).not.toHaveProperty("toolCalls");
  });

  test("are the same of a stream", () => {
    const started = { ...ANTHROPIC, content: [], stop_reason: null, usage: { input_tokens: 1000, output_tokens: 1 } };
    expect(
      streamed(anthropicDialect, [
        { type: "message_start", message: started },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "Much." } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: ANTHROPIC.usage },
        { type: "message_stop" },
      ]),
    ).toMatchObject({ toolCalls: 3, webSearchCalls: 3 });
    expect(
      streamed(responsesDialect, [
        { type: "response.created", response: { ...RESPONSE, status: "in_progress", output: [], usage: null } },
        ...RESPONSE.output.map((item, index) => ({ type: "response.output_item.done", output_index: index, item })),
        { type: "response.completed", response: { ...RESPONSE, output: [] } },
      ]),
    ).toMatchObject({ toolCalls: 3, webSearchCalls: 1, fileSearchCalls: 1 });
    const [candidate] = GEMINI.candidates;
    const early = { ...GEMINI, candidates: [{ index: 0, groundingMetadata: candidate?.groundingMetadata }], usageMetadata: {} };
    const late = { ...GEMINI, candidates: [{ ...candidate, groundingMetadata: undefined }] };
    expect(streamed(geminiDialect, [early, late])).toMatchObject({ inputTokens: 10, toolCalls: 2 });
  });

  test("go back to a client whose wire has a word for them, and are named as lost where it has none", () => {
    const completion = chatDialect.parseResponse(chat({ num_search_queries: 4 }), CONTEXT);
    const back = anthropicDialect.renderResponse(completion, { model: "m", echo: {} });
    expect(anthropicDialect.parseResponse(back.body, CONTEXT).usage).toMatchObject({ toolCalls: 4, webSearchCalls: 4 });
    const same = chatDialect.renderResponse(completion, { model: "m", echo: {} });
    expect(same.warnings).toEqual([]);
    expect(chatDialect.parseResponse(same.body, CONTEXT).usage).toMatchObject({ toolCalls: 4, webSearchCalls: 4 });
    const lost = chatDialect.renderResponse(anthropicDialect.parseResponse(ANTHROPIC, CONTEXT), { model: "m", echo: {} });
    expect(lost.warnings).toContainEqual(expect.objectContaining({ type: "lossy", path: "usage.toolCalls" }));
  });
});

describe("what they cost", () => {
  test("goes by the catalogue's rate of its kind", async () => {
    const cost = await costAt(anthropic(over(ANTHROPIC)), "claude-sonnet-4-5");
    expect(cost).toEqual({
      totalUsd: expect.closeTo(0.003 + 0.0015 + 0.03, 12),
      inputUsd: 0.003,
      outputUsd: 0.0015,
      toolsUsd: 0.03,
      catalogue: expect.stringContaining("genai-prices"),
    });
  });

  test("is marked as estimated where one of the tools has no rate", async () => {
    const cost = await costAt(openai(over(RESPONSE)), "gpt-5-mini");
    expect(cost).toMatchObject({ toolsUsd: expect.closeTo(0.01 + 0.0025, 12), estimated: true });
  });

  test("is the caller's own rate where there is one", async () => {
    const prices = { m: { inputPerMillionUsd: 0, outputPerMillionUsd: 0, toolCallsPerThousandUsd: 1_000 } };
    const cost = await costAt(openai({ ...over({ ...RESPONSE, model: "m" }), prices }), "m");
    expect(cost).toEqual({ totalUsd: 3, inputUsd: 0, outputUsd: 0, toolsUsd: 3, catalogue: "own" });
  });

  test("is what the vendor says, fee and searches apart", async () => {
    const told = { input_tokens_cost: 0.02, output_tokens_cost: 0.03, request_cost: 0.005, search_queries_cost: 0.04 };
    const body = chat({ num_search_queries: 8, cost: { ...told, total_cost: 0.095 } });
    expect(await costAt(perplexity(over(body)), "sonar")).toEqual({
      totalUsd: 0.095,
      inputUsd: expect.closeTo(0.02, 12),
      outputUsd: expect.closeTo(0.03, 12),
      toolsUsd: 0.045,
      catalogue: "vendor",
    });
  });
});

function streamed(dialect: Dialect, events: readonly object[]): Usage {
  const parser = dialect.parseStream(CONTEXT);
  const out: StreamEvent[] = [];
  for (const event of events) {
    const name = Reflect.get(event, "type");
    parser.push({ data: JSON.stringify(event), ...(typeof name === "string" ? { event: name } : {}) }, out);
  }
  parser.end(out);
  return foldEvents(out).usage;
}

async function costAt(provider: Provider, model: string): Promise<Cost | undefined> {
  return (await provider.complete({ ...call, model })).cost;
}

/** A vendor that has this one answer. */
function over(body: JsonObject): { readonly key: Secret; readonly transport: Transport } {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const transport: Transport = {
    send: async () => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: (async function* () {
        yield bytes;
      })(),
      text: async () => JSON.stringify(body),
      cancel: () => undefined,
    }),
    close: async () => undefined,
  };
  return { key: new Secret("any-key"), transport };
}
