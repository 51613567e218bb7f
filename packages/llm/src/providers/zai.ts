import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of z.ai's API. */
export const ZAI_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** z.ai. Key: `env:ZAI_API_KEY` unless given. */
export function zai(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "zai",
    name: "z.ai",
    baseUrl: "https://api.z.ai/api/paas/v4",
    key: "env:ZAI_API_KEY",
    quirks: ZAI_QUIRKS,
    options,
  });
}
