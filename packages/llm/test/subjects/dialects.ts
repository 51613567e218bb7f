/** Every dialect of the package as a subject of the conformance suite: for the tests, and for the tables in the docs. */
import type { DialectSubject } from "@dragoman/llm/testing";
import {
  createAnthropicMessagesDialect,
  createBedrockConverseDialect,
  createCohereDialect,
  createGeminiDialect,
  createGeminiInteractionsDialect,
  createMistralDialect,
  createOllamaDialect,
  createOpenAIChatDialect,
  createOpenAIResponsesDialect,
} from "../../src/dialects/index.ts";

export const DIALECT_SUBJECTS: readonly DialectSubject[] = [
  { name: "openai-chat", dialect: createOpenAIChatDialect() },
  { name: "openai-responses", dialect: createOpenAIResponsesDialect() },
  { name: "anthropic-messages", dialect: createAnthropicMessagesDialect() },
  { name: "gemini", dialect: createGeminiDialect() },
  { name: "gemini-interactions", dialect: createGeminiInteractionsDialect() },
  { name: "ollama", dialect: createOllamaDialect() },
  { name: "cohere", dialect: createCohereDialect() },
  { name: "mistral", dialect: createMistralDialect() },
  { name: "bedrock-converse", dialect: createBedrockConverseDialect() },
];
