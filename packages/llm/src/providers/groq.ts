import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Groq's API. */
export const GROQ_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** Groq. Key: `env:GROQ_API_KEY` unless given. */
export function groq(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "groq",
    name: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    key: "env:GROQ_API_KEY",
    quirks: GROQ_QUIRKS,
    options,
  });
}
