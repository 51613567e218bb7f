import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Cerebras's API. */
export const CEREBRAS_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** Cerebras. Key: `env:CEREBRAS_API_KEY` unless given. */
export function cerebras(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "cerebras",
    name: "Cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    key: "env:CEREBRAS_API_KEY",
    quirks: CEREBRAS_QUIRKS,
    options,
  });
}
