/** The ways of asking a model that are compared, each once whole and once streamed. The first is the bare limit. */

import type { Provider } from "@dragoman/llm";
import { MODELS, type Wire } from "./vendor-answers.ts";

/** Both resolve with the number of characters of the answer. */
export interface BenchClient {
  readonly name: string;
  complete(): Promise<number>;
  stream(): Promise<number>;
}

export const PROMPT = "What was a dragoman? Answer in a paragraph.";
const KEY = "key-of-the-benchmark";
const TOKENS_MAX = 1024;

type Load = (origin: string) => Promise<BenchClient>;

/** Each is loaded by itself: a process that measures one client holds no other, as a user's does not. */
export const CLIENTS: Readonly<Record<Wire, Readonly<Record<string, Load>>>> = {
  openai: {
    "bare undici.request + JSON.parse": async (origin) => (await import("./bare-client.ts")).bareClient("openai", origin),
    "@dragoman/llm": (origin) => dragoman("openai", origin),
    "openai (vendor SDK)": openaiSdk,
    "ai (Vercel AI SDK)": (origin) => vercel("openai", origin),
  },
  anthropic: {
    "bare undici.request + JSON.parse": async (origin) => (await import("./bare-client.ts")).bareClient("anthropic", origin),
    "@dragoman/llm": (origin) => dragoman("anthropic", origin),
    "@anthropic-ai/sdk (vendor SDK)": anthropicSdk,
    "ai (Vercel AI SDK)": (origin) => vercel("anthropic", origin),
  },
};

async function dragoman(wire: Wire, origin: string): Promise<BenchClient> {
  const { anthropic, openai, Secret, textOf } = await import("@dragoman/llm");
  const options = { baseUrl: `${origin}/v1`, key: new Secret(KEY) };
  const provider: Provider = wire === "openai" ? openai({ ...options, wire: "chat" }) : anthropic(options);
  const call = {
    model: MODELS[wire],
    maxOutputTokens: TOKENS_MAX,
    messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: PROMPT }] }],
  };
  return {
    name: "@dragoman/llm",
    complete: async () => textOf((await provider.complete(call)).message).length,
    async stream() {
      let characters = 0;
      for await (const event of provider.stream(call)) if (event.type === "text-delta") characters += event.text.length;
      return characters;
    },
  };
}

async function openaiSdk(origin: string): Promise<BenchClient> {
  const { default: OpenAISdk } = await import("openai");
  const client = new OpenAISdk({ baseURL: `${origin}/v1`, apiKey: KEY });
  const request = {
    model: MODELS.openai,
    max_completion_tokens: TOKENS_MAX,
    messages: [{ role: "user" as const, content: PROMPT }],
  };
  return {
    name: "openai (vendor SDK)",
    async complete() {
      const completion = await client.chat.completions.create(request);
      return completion.choices[0]?.message.content?.length ?? 0;
    },
    async stream() {
      let characters = 0;
      const chunks = await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } });
      for await (const chunk of chunks) characters += chunk.choices[0]?.delta.content?.length ?? 0;
      return characters;
    },
  };
}

async function anthropicSdk(origin: string): Promise<BenchClient> {
  const { default: AnthropicSdk } = await import("@anthropic-ai/sdk");
  const client = new AnthropicSdk({ baseURL: origin, apiKey: KEY });
  const request = {
    model: MODELS.anthropic,
    max_tokens: TOKENS_MAX,
    messages: [{ role: "user" as const, content: PROMPT }],
  };
  return {
    name: "@anthropic-ai/sdk (vendor SDK)",
    async complete() {
      const message = await client.messages.create(request);
      return message.content.reduce((sum, block) => sum + (block.type === "text" ? block.text.length : 0), 0);
    },
    async stream() {
      let characters = 0;
      for await (const event of await client.messages.create({ ...request, stream: true })) {
        if (event.type === "content_block_delta" && event.delta.type === "text_delta") characters += event.delta.text.length;
      }
      return characters;
    },
  };
}

async function vercel(wire: Wire, origin: string): Promise<BenchClient> {
  const { generateText, streamText } = await import("ai");
  const { createOpenAI } = await import("@ai-sdk/openai");
  const { createAnthropic } = await import("@ai-sdk/anthropic");
  const options = { baseURL: `${origin}/v1`, apiKey: KEY };
  const model =
    wire === "openai" ? createOpenAI(options).chat(MODELS.openai) : createAnthropic(options).languageModel(MODELS.anthropic);
  const request = { model, prompt: PROMPT, maxOutputTokens: TOKENS_MAX, maxRetries: 0 };
  return {
    name: "ai (Vercel AI SDK)",
    complete: async () => (await generateText(request)).text.length,
    async stream() {
      let characters = 0;
      for await (const text of streamText(request).textStream) characters += text.length;
      return characters;
    },
  };
}
