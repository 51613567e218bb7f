import { conformance } from "@dragoman/llm/testing";
import { test } from "vitest";
import { createAnthropicMessagesDialect } from "../src/dialects/anthropic-messages/index.ts";
import { createCohereDialect } from "../src/dialects/cohere/index.ts";
import { createGeminiDialect } from "../src/dialects/gemini/index.ts";
import { createOllamaDialect } from "../src/dialects/ollama/index.ts";
import { createOpenAIChatDialect } from "../src/dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../src/dialects/openai-responses/index.ts";

conformance({ name: "openai-chat", dialect: createOpenAIChatDialect() }, { test });
conformance({ name: "openai-responses", dialect: createOpenAIResponsesDialect() }, { test });
conformance({ name: "anthropic-messages", dialect: createAnthropicMessagesDialect() }, { test });
conformance({ name: "gemini", dialect: createGeminiDialect() }, { test });
conformance({ name: "ollama", dialect: createOllamaDialect() }, { test });
conformance({ name: "cohere", dialect: createCohereDialect() }, { test });
