/** Our own dialects with what the fake vendors that speak them are asked. */
import { createAnthropicMessagesDialect } from "../../dialects/anthropic-messages/index.ts";
import { createBedrockConverseDialect } from "../../dialects/bedrock-converse/index.ts";
import { createCohereDialect } from "../../dialects/cohere/index.ts";
import { createGeminiDialect } from "../../dialects/gemini/index.ts";
import { createMistralDialect } from "../../dialects/mistral/index.ts";
import { createOllamaDialect, createOllamaGenerateDialect } from "../../dialects/ollama/index.ts";
import { createOpenAIChatDialect } from "../../dialects/openai-chat/index.ts";
import { createOpenAIResponsesDialect } from "../../dialects/openai-responses/index.ts";
import type { FakeVendorName } from "../fake-vendors/fake-vendor.ts";
import type { FuzzSubject } from "./fuzz-case.ts";

export interface BuiltInSubject extends FuzzSubject {
  readonly vendor: FakeVendorName;
  /** Models of the fake vendor that differ in how they answer. */
  readonly models: readonly string[];
  /** The name of the wire in recordings, and the beginnings of the names of its operations. */
  readonly recorded: { readonly wire: string; readonly apis: readonly string[] };
}

export const BUILT_IN_SUBJECTS: readonly BuiltInSubject[] = [
  {
    name: "openai-chat",
    dialect: createOpenAIChatDialect(),
    vendor: "openai",
    models: ["gpt-4.1-mini", "gpt-5-mini"],
    recorded: { wire: "openai-chat", apis: ["chat.completions"] },
  },
  {
    name: "openai-responses",
    dialect: createOpenAIResponsesDialect(),
    vendor: "openai",
    models: ["gpt-4.1-mini", "gpt-5-mini"],
    recorded: { wire: "openai-responses", apis: ["responses"] },
  },
  {
    name: "anthropic-messages",
    dialect: createAnthropicMessagesDialect(),
    vendor: "anthropic",
    models: ["claude-sonnet-4-5", "claude-opus-5"],
    recorded: { wire: "anthropic-messages", apis: ["messages", "vertex-raw-predict"] },
  },
  {
    name: "bedrock-converse",
    dialect: createBedrockConverseDialect(),
    vendor: "bedrock",
    models: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "openai.gpt-oss-120b-1:0"],
    recorded: { wire: "bedrock-converse", apis: ["converse"] },
  },
  {
    name: "cohere",
    dialect: createCohereDialect(),
    vendor: "cohere",
    models: ["command-a-03-2025", "command-a-reasoning-08-2025"],
    recorded: { wire: "cohere", apis: ["chat-v2"] },
  },
  {
    name: "gemini",
    dialect: createGeminiDialect(),
    vendor: "gemini",
    models: ["gemini-2.5-flash", "gemini-3-flash-preview"],
    recorded: { wire: "gemini", apis: ["generateContent", "streamGenerateContent"] },
  },
  {
    name: "ollama",
    dialect: createOllamaDialect(),
    vendor: "ollama",
    models: ["qwen3:4b", "llama3.2:latest"],
    recorded: { wire: "ollama", apis: ["chat"] },
  },
  {
    name: "ollama-generate",
    dialect: createOllamaGenerateDialect(),
    vendor: "ollama",
    models: ["qwen3:4b", "llama3.2:latest"],
    recorded: { wire: "ollama", apis: ["generate"] },
  },
  {
    name: "mistral",
    dialect: createMistralDialect(),
    vendor: "mistral",
    models: ["mistral-small-latest", "magistral-medium-latest"],
    recorded: { wire: "mistral", apis: ["chat.completions"] },
  },
];
