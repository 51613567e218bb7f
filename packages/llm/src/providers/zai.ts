import type { ZaiModel } from "../catalogue/model-names.generated.ts";
import { ZAI_CATALOGUE } from "../catalogue/zai.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of z.ai's API. */
export const ZAI_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  reasoningRequest: {
    form: "thinking",
    withEffort: true,
    // `budget_tokens` is ignored
    budget: false,
    // without it the thoughts that are sent back are cleared
    thinkingFields: { clear_thinking: false },
  },
  reasoningReplay: "reasoning_content",
  // arguments come in one piece at the end otherwise
  alwaysSent: ["glm-4.6", "glm-4.7", "glm-5"].map((modelPrefix) => ({
    modelPrefix,
    when: "tools-in-stream",
    fields: { tool_stream: true },
  })),
  // only `auto` is obeyed
  toolChoiceRequired: false,
  // generation broke off at the vendor: another attempt may succeed
  finishErrors: { network_error: "vendor_error" },
  // prefixes are cached without being asked
  cache: "none",
  media: { image: ["data", "url"], audio: [], file: [], video: ["url"] },
};

const DOCS = "z.ai's API reference, Chat completion";

const ZAI_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "glm-",
    evidence: DOCS,
    facts: {
      streaming: true,
      tools: true,
      toolChoiceRequired: false,
      jsonMode: true,
      jsonSchema: false,
      systemPrompt: true,
      temperature: true,
      stopSequences: true,
      promptCache: true,
      audio: false,
      pdf: false,
    },
  },
  { prefix: "glm-4.5", evidence: "thinking type disabled", facts: { reasoning: true, reasoningOff: true } },
  { prefix: "glm-4.6", evidence: "thinking type disabled", facts: { reasoning: true, reasoningOff: true } },
  { prefix: "glm-4.7", evidence: "thinking type disabled", facts: { reasoning: true, reasoningOff: true } },
  { prefix: "glm-5", evidence: "thinking type disabled", facts: { reasoning: true, reasoningOff: true } },
  { prefix: "glm-4.5v", evidence: DOCS, facts: { images: true } },
  { prefix: "glm-4.6v", evidence: DOCS, facts: { images: true } },
];

/** GLM at z.ai. Key: `env:ZAI_API_KEY` unless given. The coding plan has a base URL of its own: `…/api/coding/paas/v4`. */
export function zai(options: ProviderOptions = {}): Provider<ZaiModel> {
  return openaiCompatible({
    id: "zai",
    name: "z.ai",
    baseUrl: "https://api.z.ai/api/paas/v4",
    key: "env:ZAI_API_KEY",
    quirks: ZAI_QUIRKS,
    catalogue: ZAI_CATALOGUE,
    families: ZAI_FAMILIES,
    modelPrefixes: ["glm-"],
    embeddings: false,
    options,
  });
}
