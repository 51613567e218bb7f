import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of DashScope's API. */
export const DASHSCOPE_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** DashScope. Key: `env:DASHSCOPE_API_KEY` unless given. */
export function dashscope(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "dashscope",
    name: "DashScope",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    key: "env:DASHSCOPE_API_KEY",
    quirks: DASHSCOPE_QUIRKS,
    options,
  });
}
