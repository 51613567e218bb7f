import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Perplexity's API. */
export const PERPLEXITY_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** Perplexity. Key: `env:PERPLEXITY_API_KEY` unless given. */
export function perplexity(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "perplexity",
    name: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    key: "env:PERPLEXITY_API_KEY",
    quirks: PERPLEXITY_QUIRKS,
    options,
  });
}
