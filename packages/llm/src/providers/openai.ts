import { OPENAI_ALIASES } from "../catalogue/aliases.ts";
import { OPENAI_FAMILIES } from "../catalogue/families.ts";
import { OPENAI_CATALOGUE } from "../catalogue/openai.generated.ts";
import { defineProvider } from "../define-provider.ts";
import { createOpenAIChatDialect } from "../dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../dialects/openai-responses/index.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { countWithTokenizer } from "../tokenizer.ts";

export interface OpenAIOptions extends ProviderOptions {
  /**
   * Which of OpenAI's two wires to speak. Default `responses`: only it returns and replays reasoning. `chat` registers as
   * `openai-chat` unless `id` says otherwise.
   */
  readonly wire?: "responses" | "chat";
}

/** OpenAI's own API. Key: `env:OPENAI_API_KEY` unless given. */
export function openai({ wire = "responses", ...options }: OpenAIOptions = {}): Provider {
  return defineProvider({
    id: wire === "chat" ? "openai-chat" : "openai",
    name: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    dialect: wire === "chat" ? createOpenAIChatDialect() : createOpenAIResponsesDialect(),
    auth: { type: "bearer", key: "env:OPENAI_API_KEY" },
    catalogue: OPENAI_CATALOGUE,
    families: OPENAI_FAMILIES,
    aliases: OPENAI_ALIASES,
    modelPrefixes: ["gpt-", "o1", "o3", "o4", "chatgpt-", "ft:gpt-"],
    modelsPath: "/models",
    hooks: { countTokens: (request) => countWithTokenizer(request) },
    options,
  });
}
