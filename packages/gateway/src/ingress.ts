/**
 * Which dialect and which operation stands behind which route: the one table of what is served. Paths are the vendors' own,
 * so that their clients need only another base URL.
 */
import {
  createAnthropicMessagesDialect,
  createGeminiDialect,
  createOllamaDialect,
  createOllamaGenerateDialect,
  createOpenAIChatDialect,
  createOpenAIResponsesDialect,
  type Dialect,
} from "@dragoman/llm";

export type Operation =
  | "complete"
  | "count-tokens"
  | "list-models"
  | "show-model"
  /** Gemini puts the operation behind the model's name, into the last segment. */
  | "gemini-model-action"
  | "ollama-tags"
  | "ollama-show"
  | "ollama-ps"
  | "ollama-version";

export interface IngressRoute {
  readonly method: "GET" | "POST";
  /** Fastify's pattern. */
  readonly url: string;
  readonly dialect: Dialect;
  readonly operation: Operation;
}

export interface Ingress {
  readonly routes: readonly IngressRoute[];
  /** The dialect in which an unknown path is refused, and the one of a shared path that the client's headers choose. */
  dialectOf(path: string, headers: Readonly<Record<string, string>>): Dialect;
}

export function createIngress(): Ingress {
  const chat = createOpenAIChatDialect();
  const responses = createOpenAIResponsesDialect();
  const anthropic = createAnthropicMessagesDialect();
  const gemini = createGeminiDialect();
  const ollama = createOllamaDialect();
  const generate = createOllamaGenerateDialect();

  const routes: readonly IngressRoute[] = [
    { method: "POST", url: "/v1/chat/completions", dialect: chat, operation: "complete" },
    { method: "POST", url: "/v1/responses", dialect: responses, operation: "complete" },
    { method: "POST", url: "/v1/responses/input_tokens", dialect: responses, operation: "count-tokens" },
    // Anthropic lists under the same path; its clients say so by a header.
    { method: "GET", url: "/v1/models", dialect: chat, operation: "list-models" },
    { method: "GET", url: "/v1/models/*", dialect: chat, operation: "show-model" },
    { method: "POST", url: "/v1/messages", dialect: anthropic, operation: "complete" },
    { method: "POST", url: "/v1/messages/count_tokens", dialect: anthropic, operation: "count-tokens" },
    { method: "POST", url: "/v1beta/models/*", dialect: gemini, operation: "gemini-model-action" },
    { method: "GET", url: "/v1beta/models", dialect: gemini, operation: "list-models" },
    { method: "GET", url: "/v1beta/models/*", dialect: gemini, operation: "show-model" },
    { method: "POST", url: "/api/chat", dialect: ollama, operation: "complete" },
    { method: "POST", url: "/api/generate", dialect: generate, operation: "complete" },
    { method: "POST", url: "/api/show", dialect: ollama, operation: "ollama-show" },
    { method: "GET", url: "/api/tags", dialect: ollama, operation: "ollama-tags" },
    { method: "GET", url: "/api/ps", dialect: ollama, operation: "ollama-ps" },
    { method: "GET", url: "/api/version", dialect: ollama, operation: "ollama-version" },
  ];

  function dialectOf(path: string, headers: Readonly<Record<string, string>>): Dialect {
    if (path.startsWith("/v1beta/")) return gemini;
    if (path.startsWith("/api/")) return ollama;
    if (path.startsWith("/v1/messages") || headers["anthropic-version"] !== undefined) return anthropic;
    return path.startsWith("/v1/responses") ? responses : chat;
  }

  return { routes, dialectOf };
}
