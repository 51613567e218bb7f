import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Together's API. */
export const TOGETHER_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** Together. Key: `env:TOGETHER_API_KEY` unless given. */
export function together(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "together",
    name: "Together",
    baseUrl: "https://api.together.xyz/v1",
    key: "env:TOGETHER_API_KEY",
    quirks: TOGETHER_QUIRKS,
    options,
  });
}
