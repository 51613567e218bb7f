import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of xAI's API. */
export const XAI_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** xAI. Key: `env:XAI_API_KEY` unless given. */
export function xai(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "xai",
    name: "xAI",
    baseUrl: "https://api.x.ai/v1",
    key: "env:XAI_API_KEY",
    quirks: XAI_QUIRKS,
    options,
  });
}
