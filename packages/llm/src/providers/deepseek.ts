import { DEEPSEEK_CATALOGUE } from "../catalogue/deepseek.generated.ts";
import type { DeepSeekModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of DeepSeek's API. */
export const DEEPSEEK_QUIRKS: OpenAIChatQuirks = {
  // max_completion_tokens is ignored
  maxTokensField: "max_tokens",
  // "The `reasoning_content` in the thinking mode must be passed back to the API." (tool loops, V3.2 and later)
  reasoningReplay: "reasoning_content",
  reasoningReplayRequired: true,
  // the guide of R1: "if the reasoning_content field is included in the sequence of input messages, the API will return a 400 error"
  reasoningReplayByModel: [{ modelPrefix: "deepseek-r1", replay: "none" }],
  // thinking_mode guide: a switch, and an effort beside it; xhigh is called max, a budget is unknown
  reasoningRequest: { form: "thinking", withEffort: true, effortNames: { xhigh: "max" }, budget: false },
  // "Thinking mode does not support this tool_choice"
  toolChoiceRequired: "without-reasoning",
  // "This response_format type is unavailable now"
  responseFormat: "json_object",
  // strict is for the beta endpoint only
  strictTools: false,
  // "unknown variant `image_url`, expected `text`"
  media: { image: [], audio: [], file: [] },
  // the request was interrupted by a lack of resources: half an answer, to be asked for again
  finishErrors: { insufficient_system_resource: "overloaded" },
  // ignored; the cache needs no asking
  cache: "none",
};

const DOCS = "DeepSeek's API reference, models and pricing";
const TEXT_MODEL = {
  streaming: true,
  tools: true,
  parallelToolCalls: true,
  images: false,
  audio: false,
  pdf: false,
  reasoning: true,
  jsonMode: true,
  jsonSchema: false,
  temperature: true,
  stopSequences: true,
  seed: false,
  promptCache: true,
  systemPrompt: true,
} as const;

const FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "deepseek-chat",
    evidence: "the model without thinking, unless asked to",
    facts: { ...TEXT_MODEL, reasoningOff: true, toolChoiceRequired: true },
  },
  {
    prefix: "deepseek-reasoner",
    evidence: '"Thinking mode does not support this tool_choice"; sampling settings have no effect',
    facts: { ...TEXT_MODEL, temperature: false, toolChoiceRequired: false },
  },
  {
    prefix: "deepseek-v4",
    evidence: `${DOCS}; thinks unless told otherwise`,
    facts: { ...TEXT_MODEL, reasoningOff: true, contextWindowTokens: 1_048_576, outputTokensMax: 393_216 },
  },
  {
    prefix: "deepseek-r1",
    evidence: "the guide of R1: neither function calls nor JSON mode",
    facts: { ...TEXT_MODEL, tools: false, jsonMode: false, temperature: false, reasoningOff: false },
  },
];

/** DeepSeek at its own API. Key: `env:DEEPSEEK_API_KEY` unless given. */
export function deepseek(options: ProviderOptions = {}): Provider<DeepSeekModel> {
  return openaiCompatible({
    id: "deepseek",
    name: "DeepSeek",
    baseUrl: "https://api.deepseek.com/v1",
    key: "env:DEEPSEEK_API_KEY",
    quirks: DEEPSEEK_QUIRKS,
    catalogue: DEEPSEEK_CATALOGUE,
    families: FAMILIES,
    aliases: { deepseek: "deepseek-v4-pro", "deepseek-flash": "deepseek-v4-flash" },
    modelPrefixes: ["deepseek-"],
    embeddings: false,
    options,
  });
}
