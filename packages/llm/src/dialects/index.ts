/** `@dragoman/llm/dialects`: every wire as a two-way codec, and what a codec of one's own is made of. Listed by hand. */
export type * from "../dialect.ts";
export { originOf, wireBytes } from "../dialect.ts";
export { createAnthropicMessagesDialect } from "./anthropic-messages/index.ts";
export { createBedrockConverseDialect } from "./bedrock-converse/index.ts";
export { createCohereDialect } from "./cohere/index.ts";
export { createGeminiDialect } from "./gemini/index.ts";
export { createGeminiInteractionsDialect } from "./gemini-interactions/index.ts";
export { createMistralDialect } from "./mistral/index.ts";
export { createOllamaDialect, createOllamaGenerateDialect } from "./ollama/index.ts";
export { createOpenAIChatDialect } from "./openai-chat/index.ts";
export { createOpenAIResponsesDialect } from "./openai-responses/index.ts";
export { StreamWriter } from "./stream-writer.ts";
export { parseVendorError, vendorErrorFrom } from "./vendor-error.ts";
