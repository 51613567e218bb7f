/**
 * Which quirks hold for the service that answered. A recording names its provider; a provider that is not listed is taken
 * for one without quirks. Only what can be seen in traffic stands here: how to ask, where the figures are.
 */
import type { AnthropicMessagesQuirks } from "../../dialects/anthropic-messages/quirks.ts";
import type { GeminiQuirks } from "../../dialects/gemini/quirks.ts";
import type { OpenAIChatQuirks } from "../../dialects/openai-chat/quirks.ts";
import type { OpenAIResponsesQuirks } from "../../dialects/openai-responses/quirks.ts";

export interface VendorQuirks {
  /** Named in the origin where signatures depend on it. */
  readonly backend?: string;
  readonly openaiChat?: OpenAIChatQuirks;
  readonly openaiResponses?: OpenAIResponsesQuirks;
  readonly anthropicMessages?: AnthropicMessagesQuirks;
  readonly gemini?: GeminiQuirks;
}

/** What most services other than OpenAI share: the older name of the limit, no developer role, `top_k`. */
const COMPATIBLE = { maxTokensField: "max_tokens", systemRoles: [], topKField: "top_k" } as const satisfies OpenAIChatQuirks;
const REPLAYS_CONTENT = { ...COMPATIBLE, reasoningReplay: "reasoning_content" } as const satisfies OpenAIChatQuirks;
const THINKING_OBJECT = { ...REPLAYS_CONTENT, reasoningRequest: { form: "thinking" } } as const satisfies OpenAIChatQuirks;
const TEMPLATE_FLAG = {
  ...REPLAYS_CONTENT,
  reasoningRequest: { form: "chat_template_kwargs" },
} as const satisfies OpenAIChatQuirks;
const VIDEO_TAKEN = { video: ["data", "url"] } as const satisfies OpenAIChatQuirks["media"];
const OWN_SERVER: AnthropicMessagesQuirks = { unsignedThinking: "send" };

const VENDORS: Readonly<Record<string, VendorQuirks>> = {
  alibaba: {
    openaiChat: { ...REPLAYS_CONTENT, reasoningRequest: { form: "enable_thinking" }, media: VIDEO_TAKEN, audioData: "data-uri" },
  },
  baseten: { openaiChat: REPLAYS_CONTENT },
  cerebras: {
    openaiChat: {
      maxTokensField: "max_completion_tokens",
      reasoningReplay: "reasoning",
      // Optional properties are taken in a strict schema too.
      strictSchema: { name: "Cerebras strict", keywords: "all" },
    },
  },
  copilot: { openaiChat: COMPATIBLE },
  databricks: { openaiChat: COMPATIBLE },
  deepseek: { openaiChat: { ...THINKING_OBJECT, reasoningRequest: { form: "thinking", withEffort: true } } },
  doubleword: { openaiChat: TEMPLATE_FLAG },
  google: { openaiChat: COMPATIBLE },
  gpustack: { openaiChat: TEMPLATE_FLAG },
  groq: { openaiChat: { maxTokensField: "max_completion_tokens", reasoningReplay: "reasoning", systemRoles: [] } },
  huggingface: { openaiChat: REPLAYS_CONTENT },
  llamacpp: { openaiChat: { ...TEMPLATE_FLAG, media: VIDEO_TAKEN } },
  moonshot: { openaiChat: THINKING_OBJECT },
  ollama: { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning" }, anthropicMessages: OWN_SERVER },
  "ollama-cloud": { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning" } },
  openrouter: {
    openaiChat: {
      ...COMPATIBLE,
      reasoningRequest: { form: "reasoning" },
      reasoningReplay: "reasoning_details",
      cache: "cache_control",
      media: { file: ["data", "url"] },
    },
  },
  perplexity: { openaiChat: COMPATIBLE },
  pollinations: { openaiChat: COMPATIBLE },
  snowflake: { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning_details" } },
  together: {
    openaiChat: {
      ...COMPATIBLE,
      responseFormat: "top-level",
      reasoningRequest: { form: "reasoning-enabled" },
      reasoningReplay: "reasoning",
    },
  },
  venice: { openaiChat: REPLAYS_CONTENT },
  vertex: {
    backend: "vertex",
    gemini: { displayNames: true, labels: true, countTokensBody: "flat" },
  },
  vllm: { openaiChat: { ...TEMPLATE_FLAG, reasoningReplay: "reasoning" } },
  xai: { openaiChat: REPLAYS_CONTENT },
  xiaomi: { openaiChat: { ...THINKING_OBJECT, maxTokensField: "max_completion_tokens", media: VIDEO_TAKEN } },
  zai: { openaiChat: { ...THINKING_OBJECT, reasoningRequest: { form: "thinking", withEffort: true } } },
};

const NO_QUIRKS: VendorQuirks = {};

export function vendorQuirks(provider: string): VendorQuirks {
  return VENDORS[provider] ?? NO_QUIRKS;
}
