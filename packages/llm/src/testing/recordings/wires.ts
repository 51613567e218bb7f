/**
 * What the player knows of each wire: its dialect, loaded when first needed so that one that is broken stops no other, its
 * independent readers, and the names of its operations.
 */
import type { ClientContext, Dialect } from "../../dialect.ts";
import type { AnswerReader } from "./facts.ts";
import { anthropicMessagesReader } from "./readers/anthropic-messages.ts";
import { readAnthropicMessagesRequest } from "./readers/anthropic-messages-request.ts";
import { bedrockConverseReader } from "./readers/bedrock-converse.ts";
import { readBedrockConverseRequest } from "./readers/bedrock-converse-request.ts";
import { cohereReader } from "./readers/cohere.ts";
import { readCohereRequest } from "./readers/cohere-request.ts";
import { geminiReader } from "./readers/gemini.ts";
import { geminiInteractionsReader } from "./readers/gemini-interactions.ts";
import { readGeminiInteractionsRequest } from "./readers/gemini-interactions-request.ts";
import { readGeminiRequest } from "./readers/gemini-request.ts";
import { mistralReader } from "./readers/mistral.ts";
import { readMistralRequest } from "./readers/mistral-request.ts";
import { ollamaReader } from "./readers/ollama.ts";
import { readOllamaRequest } from "./readers/ollama-request.ts";
import { openAIChatReader } from "./readers/openai-chat.ts";
import { readOpenAIChatRequest } from "./readers/openai-chat-request.ts";
import { openAIResponsesReader } from "./readers/openai-responses.ts";
import { readOpenAIResponsesRequest } from "./readers/openai-responses-request.ts";
import type { RequestReader } from "./request-facts.ts";
import { vendorQuirks } from "./vendors.ts";

export interface Wire {
  readonly answers: AnswerReader;
  readonly readRequest: RequestReader;
  /** The framing of its streams. */
  readonly framing: "sse" | "ndjson" | "aws-event-stream";
  /** Operations whose answer is a completion or a stream of one. */
  readonly completionApis: ReadonlySet<string>;
  readonly countTokensApis: ReadonlySet<string>;
  readonly listingApis: ReadonlySet<string>;
  /** Settings that the dialect may add to a request of its own. */
  readonly allowedAdditions: ReadonlySet<string>;
  /** The context of a client that wants all that the wire can tell; absent where every client is told all. */
  clientContext?(dialect: Dialect, recorded: ClientContext): ClientContext;
  /** The dialect for an operation, with the provider's quirks. */
  loadDialect(provider: string, api: string): Promise<Dialect>;
}

/** Without `include_usage` a stream tells no figures, and the figures are what shall be compared. */
function tellUsage(dialect: Dialect, recorded: ClientContext): ClientContext {
  const body = {
    model: recorded.model,
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    stream_options: { include_usage: true },
  };
  const { client } = dialect.parseRequest({ path: "/v1/chat/completions", query: {}, headers: {}, body });
  return { model: recorded.model, echo: { ...recorded.echo, ...client.echo } };
}

const NONE: ReadonlySet<string> = new Set();

export const WIRES: Readonly<Record<string, Wire | undefined>> = {
  "openai-chat": {
    answers: openAIChatReader,
    readRequest: readOpenAIChatRequest,
    framing: "sse",
    completionApis: new Set(["chat.completions"]),
    countTokensApis: NONE,
    listingApis: NONE,
    allowedAdditions: new Set(["stream_options.include_usage"]),
    clientContext: tellUsage,
    async loadDialect(provider) {
      const { createOpenAIChatDialect } = await import("../../dialects/openai-chat/index.ts");
      return createOpenAIChatDialect(vendorQuirks(provider).openaiChat ?? {});
    },
  },
  "openai-responses": {
    answers: openAIResponsesReader,
    readRequest: readOpenAIResponsesRequest,
    framing: "sse",
    completionApis: new Set(["responses", "responses.get", "responses.cancel"]),
    countTokensApis: new Set(["responses.input_tokens"]),
    listingApis: NONE,
    allowedAdditions: new Set(["include"]),
    async loadDialect(provider) {
      const { createOpenAIResponsesDialect } = await import("../../dialects/openai-responses/index.ts");
      return createOpenAIResponsesDialect(vendorQuirks(provider).openaiResponses ?? {});
    },
  },
  "anthropic-messages": {
    answers: anthropicMessagesReader,
    readRequest: readAnthropicMessagesRequest,
    framing: "sse",
    completionApis: new Set(["messages", "vertex-raw-predict"]),
    countTokensApis: new Set(["count_tokens"]),
    listingApis: NONE,
    allowedAdditions: new Set(["max_tokens"]),
    async loadDialect(provider) {
      const { createAnthropicMessagesDialect } = await import("../../dialects/anthropic-messages/index.ts");
      return createAnthropicMessagesDialect(vendorQuirks(provider).anthropicMessages ?? {});
    },
  },
  "bedrock-converse": {
    answers: bedrockConverseReader,
    readRequest: readBedrockConverseRequest,
    framing: "aws-event-stream",
    completionApis: new Set(["converse", "converse-stream"]),
    countTokensApis: new Set(["count-tokens"]),
    listingApis: NONE,
    allowedAdditions: NONE,
    async loadDialect() {
      const { createBedrockConverseDialect } = await import("../../dialects/bedrock-converse/index.ts");
      return createBedrockConverseDialect();
    },
  },
  cohere: {
    answers: cohereReader,
    readRequest: readCohereRequest,
    framing: "sse",
    completionApis: new Set(["chat-v2"]),
    countTokensApis: NONE,
    listingApis: new Set(["cohere.models"]),
    allowedAdditions: NONE,
    async loadDialect() {
      const { createCohereDialect } = await import("../../dialects/cohere/index.ts");
      return createCohereDialect();
    },
  },
  gemini: {
    answers: geminiReader,
    readRequest: readGeminiRequest,
    framing: "sse",
    completionApis: new Set(["generateContent", "streamGenerateContent"]),
    countTokensApis: new Set(["countTokens"]),
    listingApis: NONE,
    allowedAdditions: NONE,
    async loadDialect(provider) {
      const { createGeminiDialect } = await import("../../dialects/gemini/index.ts");
      return createGeminiDialect(vendorQuirks(provider).gemini ?? {});
    },
  },
  "gemini-interactions": {
    answers: geminiInteractionsReader,
    readRequest: readGeminiInteractionsRequest,
    framing: "sse",
    completionApis: new Set(["interactions"]),
    countTokensApis: NONE,
    listingApis: NONE,
    // Research works in the background only.
    allowedAdditions: new Set(["background"]),
    async loadDialect() {
      const { createGeminiInteractionsDialect } = await import("../../dialects/gemini-interactions/index.ts");
      return createGeminiInteractionsDialect();
    },
  },
  ollama: {
    answers: ollamaReader,
    readRequest: readOllamaRequest,
    framing: "ndjson",
    completionApis: new Set(["chat", "generate"]),
    countTokensApis: NONE,
    listingApis: new Set(["tags"]),
    allowedAdditions: new Set(["options.num_ctx", "truncate"]),
    async loadDialect(_provider, api) {
      const dialects = await import("../../dialects/ollama/index.ts");
      return api === "generate" ? dialects.createOllamaGenerateDialect() : dialects.createOllamaDialect({});
    },
  },
  mistral: {
    answers: mistralReader,
    readRequest: readMistralRequest,
    framing: "sse",
    completionApis: new Set(["chat.completions"]),
    countTokensApis: NONE,
    listingApis: NONE,
    allowedAdditions: NONE,
    async loadDialect() {
      const { createMistralDialect } = await import("../../dialects/mistral/index.ts");
      return createMistralDialect();
    },
  },
};

/** Listings come from several wires; the provider decides whose shape they have. */
const LISTING_WIRES: Readonly<Record<string, string>> = {
  anthropic: "anthropic-messages",
  cohere: "cohere",
  google: "gemini",
  mistral: "mistral",
  ollama: "ollama",
};

/** The wire whose dialect reads an exchange; `models` stands for several. */
export function wireOf(wire: string, provider: string): Wire | undefined {
  return WIRES[wire === "models" ? (LISTING_WIRES[provider] ?? "openai-chat") : wire];
}
