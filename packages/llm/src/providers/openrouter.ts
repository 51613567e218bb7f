import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of OpenRouter's API. */
export const OPENROUTER_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** OpenRouter. Key: `env:OPENROUTER_API_KEY` unless given. */
export function openrouter(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "openrouter",
    name: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    key: "env:OPENROUTER_API_KEY",
    quirks: OPENROUTER_QUIRKS,
    options,
  });
}
