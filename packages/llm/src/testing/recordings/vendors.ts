/**
 * Which quirks hold for the service that answered. A recording names its provider; a provider that is not listed is taken
 * for one without quirks. Only what can be seen in traffic stands here: how to ask, where the figures are.
 */
import type { AnthropicMessagesQuirks } from "../../dialects/anthropic-messages/quirks.ts";
import { type GeminiQuirks, VERTEX_QUIRKS } from "../../dialects/gemini/quirks.ts";
import type { OpenAIChatQuirks } from "../../dialects/openai-chat/quirks.ts";
import type { OpenAIResponsesQuirks } from "../../dialects/openai-responses/quirks.ts";
import { AZURE_CHAT_QUIRKS, AZURE_RESPONSES_QUIRKS } from "../../providers/azure.ts";
import { CEREBRAS_QUIRKS } from "../../providers/cerebras.ts";
import { DASHSCOPE_QUIRKS } from "../../providers/dashscope.ts";
import { DEEPSEEK_QUIRKS } from "../../providers/deepseek.ts";
import { GROQ_QUIRKS } from "../../providers/groq.ts";
import { OPENROUTER_QUIRKS } from "../../providers/openrouter.ts";
import { PERPLEXITY_QUIRKS } from "../../providers/perplexity.ts";
import { TOGETHER_QUIRKS } from "../../providers/together.ts";
import { VLLM_QUIRKS } from "../../providers/vllm.ts";
import { XAI_QUIRKS } from "../../providers/xai.ts";
import { ZAI_QUIRKS } from "../../providers/zai.ts";

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
  alibaba: { openaiChat: DASHSCOPE_QUIRKS },
  azure: { openaiChat: AZURE_CHAT_QUIRKS, openaiResponses: AZURE_RESPONSES_QUIRKS },
  baseten: { openaiChat: REPLAYS_CONTENT },
  cerebras: { openaiChat: CEREBRAS_QUIRKS },
  copilot: { openaiChat: COMPATIBLE },
  databricks: { openaiChat: COMPATIBLE },
  deepseek: { openaiChat: DEEPSEEK_QUIRKS },
  doubleword: { openaiChat: TEMPLATE_FLAG },
  google: { openaiChat: COMPATIBLE },
  gpustack: { openaiChat: TEMPLATE_FLAG },
  // As it came: a failed call is held against its error, and what is always sent was not sent then.
  groq: { openaiChat: { ...GROQ_QUIRKS, failedGeneration: false, reasoningFormat: [] } },
  huggingface: { openaiChat: REPLAYS_CONTENT },
  llamacpp: { openaiChat: { ...TEMPLATE_FLAG, media: VIDEO_TAKEN } },
  moonshot: { openaiChat: THINKING_OBJECT },
  ollama: { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning" }, anthropicMessages: OWN_SERVER },
  "ollama-cloud": { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning" } },
  openrouter: { openaiChat: OPENROUTER_QUIRKS },
  // As it came: the reader looks for no thoughts in the text.
  perplexity: { openaiChat: { ...PERPLEXITY_QUIRKS, thinkTags: false } },
  pollinations: { openaiChat: COMPATIBLE },
  snowflake: { openaiChat: { ...COMPATIBLE, reasoningReplay: "reasoning_details" } },
  together: { openaiChat: TOGETHER_QUIRKS },
  venice: { openaiChat: REPLAYS_CONTENT },
  vertex: {
    backend: "vertex",
    // Most of what was recorded went to v1beta1, where calls have ids.
    gemini: { ...VERTEX_QUIRKS, functionCallIds: true },
  },
  vllm: { openaiChat: VLLM_QUIRKS },
  xai: { openaiChat: XAI_QUIRKS },
  xiaomi: { openaiChat: { ...THINKING_OBJECT, maxTokensField: "max_completion_tokens", media: VIDEO_TAKEN } },
  // What goes unasked was not sent then.
  zai: { openaiChat: { ...ZAI_QUIRKS, alwaysSent: [], reasoningRequest: { form: "thinking", withEffort: true } } },
};

const NO_QUIRKS: VendorQuirks = {};

export function vendorQuirks(provider: string): VendorQuirks {
  return VENDORS[provider] ?? NO_QUIRKS;
}
