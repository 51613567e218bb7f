/** Ollama: chat, generate, and its listings. */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { ollamaChatWire, ollamaGenerateWire } from "../wires/ollama.ts";
import { ollamaError } from "../wires/ollama-checks.ts";
import { embedWithOllama } from "../wires/ollama-embed.ts";
import { ollamaLoaded, ollamaShow, ollamaTags, ollamaVersion } from "../wires/ollama-listings.ts";
import { BAD_KEY, bearerKey } from "../wires/openai-routes.ts";

export const ollama: VendorDefinition = {
  models: [
    fakeModel("qwen3:4b"),
    fakeModel("llama3.2:latest", { reasoning: "no" }),
    fakeModel("gemma3:1b", { reasoning: "no", tools: false }),
    fakeModel("nomic-embed-text:latest", { tools: false, reasoning: "no", contextTokens: 2048 }),
  ],
  basePath: "",
  routes: [
    { method: "POST", path: /^\/api\/chat$/, handle: (request, world) => generate(request, ollamaChatWire, world) },
    { method: "POST", path: /^\/api\/generate$/, handle: (request, world) => generate(request, ollamaGenerateWire, world) },
    { method: "POST", path: /^\/api\/(embed|embeddings)$/, handle: embedWithOllama },
    { method: "GET", path: /^\/api\/tags$/, handle: ollamaTags },
    { method: "GET", path: /^\/api\/ps$/, handle: ollamaLoaded },
    { method: "GET", path: /^\/api\/version$/, handle: ollamaVersion },
    { method: "POST", path: /^\/api\/show$/, handle: ollamaShow },
  ],
  authorise(request) {
    if (bearerKey(request) === BAD_KEY) throw ollamaError(401, "unauthorized");
  },
  refuse: (status, message) => ollamaError(status, status === 404 ? "404 page not found" : message),
};
