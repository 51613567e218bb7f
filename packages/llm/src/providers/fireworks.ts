import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Fireworks's API. */
export const FIREWORKS_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** Fireworks. Key: `env:FIREWORKS_API_KEY` unless given. */
export function fireworks(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "fireworks",
    name: "Fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    key: "env:FIREWORKS_API_KEY",
    quirks: FIREWORKS_QUIRKS,
    options,
  });
}
