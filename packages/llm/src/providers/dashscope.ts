import type { FamilyRule } from "../catalogue.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import { fold } from "../fold.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import type { CompletionCall } from "../request.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of DashScope's compatible mode. */
export const DASHSCOPE_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
  reasoningRequest: { form: "enable_thinking", budgetField: "thinking_budget" },
  reasoningReplay: "reasoning_content",
  // "The tool_choice parameter does not support being set to required or object in thinking mode"
  toolChoiceRequired: "without-reasoning",
  // "The provided URL does not appear to be valid": audio is an address or a data URI, never bare base64
  audioData: "data-uri",
  media: { image: ["data", "url"], audio: ["data"], file: [], video: ["data", "url"] },
  // prefixes are cached without being asked
  cache: "none",
};

const DOCS = "Alibaba Cloud Model Studio, OpenAI compatible API";
const THINKS_ALWAYS = "Model Studio, Deep thinking: thinking-only models";

const DASHSCOPE_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "q",
    evidence: DOCS,
    facts: { streaming: true, tools: true, jsonMode: true, systemPrompt: true, temperature: true, seed: true, promptCache: true },
  },
  { prefix: "qwq", evidence: THINKS_ALWAYS, facts: { reasoning: true, reasoningOff: false, toolChoiceRequired: false } },
  { prefix: "qvq", evidence: THINKS_ALWAYS, facts: { reasoning: true, reasoningOff: false, images: true, tools: false } },
  { prefix: "qwen-vl-", evidence: DOCS, facts: { images: true } },
  { prefix: "qwen3-vl-", evidence: DOCS, facts: { images: true } },
  { prefix: "qwen3-omni-", evidence: DOCS, facts: { images: true, audio: true } },
];

/** Names that only this vendor gives; open models go by the same names elsewhere. */
const OWN_NAMES = [
  "qwen-plus",
  "qwen-max",
  "qwen-flash",
  "qwen-turbo",
  "qwen-long",
  "qwen-vl-",
  "qwen-omni-",
  "qwq-plus",
  "qvq-",
];

/** Source: Model Studio, Text embedding: "Batch size" of each model. */
const EMBEDDINGS: OpenAIEmbeddingsQuirks = {
  inputsMax: (model) => (/^text-embedding-v[12]\b/.test(model) ? 25 : 10),
  user: false,
};

/** Qwen at DashScope, of the international region. Key: `env:DASHSCOPE_API_KEY` unless given. */
export function dashscope(options: ProviderOptions = {}): Provider {
  const provider = openaiCompatible({
    id: "dashscope",
    name: "DashScope",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    key: "env:DASHSCOPE_API_KEY",
    quirks: DASHSCOPE_QUIRKS,
    families: DASHSCOPE_FAMILIES,
    modelPrefixes: OWN_NAMES,
    embeddings: EMBEDDINGS,
    options,
  });
  return wrapProvider(provider, {
    complete: (call) => (mayThink(call, provider) ? fold(provider.stream(call)) : provider.complete(call)),
    stream: (call) => provider.stream(call),
  });
}

/**
 * Open models think unasked, and thinking is streamed only: "parameter.enable_thinking must be set to false for
 * non-streaming calls", "This model only support stream mode". A whole answer of such a call is the sum of its stream.
 */
function mayThink({ model, reasoning, vendorOptions }: CompletionCall, provider: Provider): boolean {
  if (vendorOptions?.["openai-chat"]?.enable_thinking === true) return true;
  if (reasoning !== undefined) return reasoning.effort !== "none";
  return STREAM_ONLY.test(provider.aliases?.[model] ?? model);
}

/** Open Qwen 3 by its size (`qwen3-32b`, `qwen3-30b-a3b`), and what always thinks or speaks. */
const STREAM_ONLY = /^(?:qwq|qvq|qwen3(?:\.\d)?-\d+(?:\.\d+)?[bt]|.*-thinking|.*-omni-)/;
