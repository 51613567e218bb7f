/**
 * Which dialect and which operation stands behind which route: the one table of what is served. Paths are the vendors' own,
 * so that their clients need only another base URL; each also without its version, for clients whose base URL holds it.
 */
import type { DialectId } from "@dragoman/llm";

export type Operation =
  | "complete"
  | "embed"
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
  /** Fastify's patterns: the vendor's own path first, other spellings after it. A `*` at the end takes any rest. */
  readonly urls: readonly [string, ...string[]];
  readonly dialect: DialectId;
  readonly operation: Operation;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Ingress {
  readonly routes: readonly IngressRoute[];
  /** The dialect of a route; of a path that vendors share, the client's headers choose. */
  dialectOf(route: IngressRoute, headers: Headers): DialectId;
  /** The dialect in which a request is refused that no route takes. */
  dialectOfUnknown(path: string, headers: Headers): DialectId;
  /** The routes of a path, whatever their method. */
  routesOf(path: string): readonly IngressRoute[];
}

export function createIngress(): Ingress {
  const chat = "openai-chat";
  const responses = "openai-responses";
  const anthropic = "anthropic-messages";
  const gemini = "gemini";
  const ollama = "ollama";
  const generate = "ollama-generate";

  const routes: readonly IngressRoute[] = [
    { method: "POST", urls: ["/v1/chat/completions", "/chat/completions"], dialect: chat, operation: "complete" },
    { method: "POST", urls: ["/v1/responses", "/responses"], dialect: responses, operation: "complete" },
    {
      method: "POST",
      urls: ["/v1/responses/input_tokens", "/responses/input_tokens"],
      dialect: responses,
      operation: "count-tokens",
    },
    { method: "POST", urls: ["/v1/embeddings", "/embeddings"], dialect: chat, operation: "embed" },
    { method: "GET", urls: ["/v1/models", "/models"], dialect: chat, operation: "list-models" },
    { method: "GET", urls: ["/v1/models/*", "/models/*"], dialect: chat, operation: "show-model" },
    { method: "POST", urls: ["/v1/messages", "/messages"], dialect: anthropic, operation: "complete" },
    {
      method: "POST",
      urls: ["/v1/messages/count_tokens", "/messages/count_tokens"],
      dialect: anthropic,
      operation: "count-tokens",
    },
    {
      method: "POST",
      urls: ["/v1beta/models/*", "/v1/models/*", "/models/*"],
      dialect: gemini,
      operation: "gemini-model-action",
    },
    { method: "GET", urls: ["/v1beta/models"], dialect: gemini, operation: "list-models" },
    { method: "GET", urls: ["/v1beta/models/*"], dialect: gemini, operation: "show-model" },
    { method: "POST", urls: ["/api/chat"], dialect: ollama, operation: "complete" },
    { method: "POST", urls: ["/api/generate"], dialect: generate, operation: "complete" },
    { method: "POST", urls: ["/api/embed"], dialect: ollama, operation: "embed" },
    { method: "POST", urls: ["/api/embeddings"], dialect: ollama, operation: "embed" },
    { method: "POST", urls: ["/api/show"], dialect: ollama, operation: "ollama-show" },
    { method: "GET", urls: ["/api/tags"], dialect: ollama, operation: "ollama-tags" },
    { method: "GET", urls: ["/api/ps"], dialect: ollama, operation: "ollama-ps" },
    { method: "GET", urls: ["/api/version"], dialect: ollama, operation: "ollama-version" },
  ];

  /** Each client of these vendors sends its own header, whatever it asks for. */
  function dialectOfHeaders(headers: Headers): DialectId | undefined {
    if (headers["anthropic-version"] !== undefined) return anthropic;
    return headers["x-goog-api-key"] === undefined ? undefined : gemini;
  }

  function dialectOf(route: IngressRoute, headers: Headers): DialectId {
    const isShared = route.dialect === chat && (route.operation === "list-models" || route.operation === "show-model");
    return (isShared ? dialectOfHeaders(headers) : undefined) ?? route.dialect;
  }

  function dialectOfUnknown(path: string, headers: Headers): DialectId {
    if (path.startsWith("/v1beta")) return gemini;
    if (path.startsWith("/api/")) return ollama;
    if (path.includes("/messages")) return anthropic;
    return dialectOfHeaders(headers) ?? (path.includes("/responses") ? responses : chat);
  }

  const byPath = Map.groupBy(
    routes.flatMap((route) => route.urls.map((url) => ({ url, route }))),
    ({ url }) => url.replace(/\*$/, ""),
  );
  function routesOf(path: string): readonly IngressRoute[] {
    const matching = byPath.get(path) ?? [...byPath].find(([prefix]) => prefix.endsWith("/") && path.startsWith(prefix))?.[1];
    return matching?.map(({ route }) => route) ?? [];
  }

  return { routes, dialectOf, dialectOfUnknown, routesOf };
}
