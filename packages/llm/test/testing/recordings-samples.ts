/** Small recordings written from the protocols, one of each kind that the player tells apart. */
import type { JsonObject } from "../../src/json.ts";
import { eventFrame } from "../../src/testing/fake-vendors/wires/bedrock-frames.ts";

interface SampleInit {
  readonly wire: string;
  readonly api: string;
  readonly provider?: string;
  readonly url?: string;
  readonly request?: JsonObject | null;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly text?: string;
  readonly base64?: string;
}

export function sample(init: SampleInit): Record<string, unknown> {
  const { text, base64 } = init;
  const answer = base64 !== undefined ? { base64 } : text !== undefined ? { text } : { body: init.body };
  return {
    id: `${init.wire}-${init.api}`,
    provider: init.provider ?? "openai",
    dialect: init.wire,
    wire: init.wire,
    api: init.api,
    model: "sample-model",
    features: [],
    exchanges: [
      {
        request: {
          method: "POST",
          url: init.url ?? "https://vendor.example/v1/chat/completions",
          headers: {},
          body: init.request ?? null,
        },
        response: { status: init.status ?? 200, headers: init.headers ?? { "content-type": "application/json" }, ...answer },
      },
    ],
  };
}

export function sse(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
}

const EVENT_STREAM = { "content-type": "text/event-stream" };

function chatChunk(delta: unknown, finishReason: string | null = null): unknown {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "sample-model",
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
}

export const CHAT_USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };

const CHAT_REQUEST: JsonObject = {
  model: "sample-model",
  messages: [{ role: "user", content: "Wie spät ist es? 🕰" }],
  temperature: 0.5,
};

export const CHAT_CHUNKS: readonly unknown[] = [
  chatChunk({ role: "assistant", content: "" }),
  chatChunk({ content: "Zwölf " }),
  chatChunk({ content: "Uhr 🕛" }),
  chatChunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "clock", arguments: "" } }] }),
  chatChunk({ tool_calls: [{ index: 0, function: { arguments: '{"zone":' } }] }),
  chatChunk({ tool_calls: [{ index: 0, function: { arguments: '"UTC"}' } }] }),
  chatChunk({}, "tool_calls"),
  { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "sample-model", choices: [], usage: CHAT_USAGE },
  "[DONE]",
];

export const chatStream = sample({
  wire: "openai-chat",
  api: "chat.completions",
  request: { ...CHAT_REQUEST, stream: true, stream_options: { include_usage: true } },
  headers: EVENT_STREAM,
  text: sse(...CHAT_CHUNKS),
});

/** The same stream, broken off before its finish reason. */
export const brokenChatStream = sample({
  wire: "openai-chat",
  api: "chat.completions",
  request: { ...CHAT_REQUEST, stream: true },
  headers: EVENT_STREAM,
  text: sse(...CHAT_CHUNKS.slice(0, 5)),
});

export const chatAnswer = sample({
  wire: "openai-chat",
  api: "chat.completions",
  request: CHAT_REQUEST,
  body: {
    id: "chatcmpl-2",
    object: "chat.completion",
    created: 1,
    model: "sample-model",
    choices: [{ index: 0, message: { role: "assistant", content: "Noon." }, finish_reason: "stop" }],
    usage: CHAT_USAGE,
  },
});

export const spentQuota = sample({
  wire: "openai-chat",
  api: "chat.completions",
  request: CHAT_REQUEST,
  status: 429,
  body: {
    error: {
      message: "You exceeded your current quota, please check your plan.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  },
});

export const anthropicAnswer = sample({
  wire: "anthropic-messages",
  api: "messages",
  provider: "anthropic",
  url: "https://api.anthropic.com/v1/messages",
  request: { model: "claude-haiku-4-5", max_tokens: 64, system: "Be brief.", messages: [{ role: "user", content: "Hello" }] },
  body: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content: [
      { type: "text", text: "Hi." },
      { type: "tool_use", id: "toolu_1", name: "clock", input: { zone: "UTC" } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: { input_tokens: 5, cache_read_input_tokens: 20, cache_creation_input_tokens: 3, output_tokens: 7 },
  },
});

export const geminiArrayStream = sample({
  wire: "gemini",
  api: "streamGenerateContent",
  provider: "google",
  url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent",
  request: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
  body: [
    {
      candidates: [{ content: { role: "model", parts: [{ text: "Let me see", thought: true }] }, index: 0 }],
      modelVersion: "gemini-2.5-flash",
      responseId: "r1",
    },
    {
      candidates: [{ content: { role: "model", parts: [{ text: "Hi." }] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 6, totalTokenCount: 12 },
      modelVersion: "gemini-2.5-flash",
      responseId: "r1",
    },
  ],
});

export const ollamaStream = sample({
  wire: "ollama",
  api: "chat",
  provider: "ollama",
  url: "http://localhost:11434/api/chat",
  request: { model: "sample-model", messages: [{ role: "user", content: "Hello" }] },
  headers: { "content-type": "application/x-ndjson" },
  text: [
    { model: "sample-model", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content: "Hi" }, done: false },
    {
      model: "sample-model",
      created_at: "2026-01-01T00:00:01Z",
      message: { role: "assistant", content: "." },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 8,
      eval_count: 2,
    },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join(""),
});

const RESPONSE_ITEM = {
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Noon.", annotations: [] }],
};

export const responsesAnswer = sample({
  wire: "openai-responses",
  api: "responses",
  url: "https://api.openai.com/v1/responses",
  request: { model: "sample-model", input: "What time is it?" },
  body: {
    id: "resp_1",
    object: "response",
    created_at: 1,
    status: "completed",
    model: "sample-model",
    output: [RESPONSE_ITEM],
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 16,
    },
  },
});

/** Of a wire without a dialect. */
export const unspokenAnswer = sample({ wire: "cloudflare-ai", api: "run", provider: "cloudflare", body: { result: {} } });

export const bedrockAnswer = sample({
  wire: "bedrock-converse",
  api: "converse",
  provider: "bedrock",
  url: "https://vendor.example/model/us.amazon.nova-lite-v1%3A0/converse",
  request: { messages: [{ role: "user", content: [{ text: "Wie spät?" }] }], inferenceConfig: { maxTokens: 9 } },
  body: {
    output: { message: { role: "assistant", content: [{ text: "Zwölf Uhr 🕛" }] } },
    stopReason: "end_turn",
    usage: { inputTokens: 2, outputTokens: 4, totalTokens: 13, cacheReadInputTokens: 7, cacheWriteInputTokens: 0 },
    metrics: { latencyMs: 3 },
  },
});

export const BEDROCK_FRAMES: Uint8Array = Buffer.concat([
  eventFrame("messageStart", '{"role":"assistant"}'),
  eventFrame("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"Zwölf "}}'),
  eventFrame("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"Uhr 🕛"}}'),
  eventFrame("contentBlockStop", '{"contentBlockIndex":0}'),
  eventFrame("contentBlockStart", '{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"a","name":"clock"}}}'),
  eventFrame("contentBlockDelta", '{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}'),
  eventFrame("contentBlockStop", '{"contentBlockIndex":1}'),
  eventFrame("messageStop", '{"stopReason":"tool_use"}'),
  eventFrame("metadata", '{"usage":{"inputTokens":2,"outputTokens":4,"totalTokens":6}}'),
]);

export const bedrockStream = sample({
  wire: "bedrock-converse",
  api: "converse-stream",
  provider: "bedrock",
  url: "https://vendor.example/model/us.amazon.nova-lite-v1%3A0/converse-stream",
  headers: { "content-type": "application/vnd.amazon.eventstream" },
  base64: Buffer.from(BEDROCK_FRAMES).toString("base64"),
});

export const ollamaLoaded = sample({
  wire: "ollama",
  api: "ps",
  provider: "ollama",
  body: {
    models: [{ name: "m:1b", model: "m:1b", size: 2000, size_vram: 1500, digest: "d", expires_at: "2026-01-01T00:00:00Z" }],
  },
});

export const ollamaShown = sample({
  wire: "ollama",
  api: "show",
  provider: "ollama",
  request: { name: "m:1b" },
  body: { details: {}, model_info: { "general.architecture": "m", "m.context_length": 4096 } },
});

export const modelListing = sample({
  wire: "models",
  api: "models.list",
  body: {
    object: "list",
    data: [
      { id: "a", object: "model", created: 1 },
      { id: "b", object: "model" },
    ],
  },
});

export const tokenCount = sample({
  wire: "anthropic-messages",
  api: "count_tokens",
  provider: "anthropic",
  url: "https://api.anthropic.com/v1/messages/count_tokens",
  request: { model: "claude-haiku-4-5", messages: [{ role: "user", content: "Hello" }] },
  body: { input_tokens: 8 },
});
