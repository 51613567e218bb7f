import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of DeepSeek's API. */
export const DEEPSEEK_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** DeepSeek. Key: `env:DEEPSEEK_API_KEY` unless given. */
export function deepseek(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "deepseek",
    name: "DeepSeek",
    baseUrl: "https://api.deepseek.com/v1",
    key: "env:DEEPSEEK_API_KEY",
    quirks: DEEPSEEK_QUIRKS,
    options,
  });
}
