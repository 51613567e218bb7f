import type { Dialect } from "../dialect.ts";

const LOADERS = {
  "anthropic-messages": async () => (await import("./anthropic-messages/index.ts")).createAnthropicMessagesDialect(),
  "bedrock-converse": async () => (await import("./bedrock-converse/index.ts")).createBedrockConverseDialect(),
  cohere: async () => (await import("./cohere/index.ts")).createCohereDialect(),
  gemini: async () => (await import("./gemini/index.ts")).createGeminiDialect(),
  "gemini-interactions": async () => (await import("./gemini-interactions/index.ts")).createGeminiInteractionsDialect(),
  mistral: async () => (await import("./mistral/index.ts")).createMistralDialect(),
  ollama: async () => (await import("./ollama/index.ts")).createOllamaDialect(),
  "ollama-generate": async () => (await import("./ollama/index.ts")).createOllamaGenerateDialect(),
  "openai-chat": async () => (await import("./openai-chat/index.ts")).createOpenAIChatDialect(),
  "openai-responses": async () => (await import("./openai-responses/index.ts")).createOpenAIResponsesDialect(),
} as const satisfies Readonly<Record<string, () => Promise<Dialect>>>;

/** A wire of completions that this package speaks. */
export type DialectId = keyof typeof LOADERS;

/** The codec of a wire, without a vendor's quirks. Loaded when it is first asked for. */
export function loadDialect(id: DialectId): Promise<Dialect> {
  return LOADERS[id]();
}
