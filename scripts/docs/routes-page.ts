/** `docs/routes.md`: what the server serves, from its own table. */
import { createIngress, type Operation } from "@dragoman/gateway";
import { code, page, table } from "./markdown.ts";

const OPERATIONS: Readonly<Record<Operation, string>> = {
  complete: "one answer, whole or as a stream",
  embed: "vectors of texts",
  "count-tokens": "count the tokens of a request",
  "list-models": "list the models of all providers",
  "show-model": "tell one model",
  "gemini-model-action":
    "`:generateContent`, `:streamGenerateContent`, `:countTokens`, `:embedContent` or `:batchEmbedContents` behind the model's name",
  "ollama-tags": "list the models of all providers",
  "ollama-show": "tell one model, with its abilities",
  "ollama-ps": "list loaded models",
  "ollama-version": "tell the version",
};

export function routesPage(): string {
  return page(
    "# Routes",
    "What `dragoman serve` and `createServer()` answer. Paths are the vendors' own, so that their clients need only another base " +
      "URL. `/v1/models` is shared by several vendors; there the client's own header (`anthropic-version`, `x-goog-api-key`) " +
      "decides the form of the answer. `GET /` lists the routes, `GET /health` says that the server is up.",
    table(
      ["method", "path", "also as", "dialect", "what it does"],
      createIngress().routes.map(({ method, urls: [first, ...others], dialect, operation }) => [
        method,
        code(first),
        others.map(code).join(" "),
        code(dialect),
        OPERATIONS[operation],
      ]),
    ),
  );
}
