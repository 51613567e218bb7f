/** Cohere: chat of version 2, models in pages, token counts, embeddings, reranking. Paths carry their own version. */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { cohereWire } from "../wires/cohere.ts";
import { embedAtCohere } from "../wires/cohere-embed.ts";
import { cohereError, cohereUnknownModel } from "../wires/cohere-error.ts";
import { cohereModelRow, listCohereModels, tokenizeAtCohere } from "../wires/cohere-listing.ts";
import { rerankAtCohere } from "../wires/cohere-rerank.ts";
import { BAD_KEY, bearerKey, oneModelRoute } from "../wires/openai-routes.ts";

const NO_CHAT = { tools: false, reasoning: "no" } as const;

export const cohere: VendorDefinition = {
  models: [
    fakeModel("command-a-03-2025", { reasoning: "no", contextTokens: 288_000 }),
    fakeModel("command-a-reasoning-08-2025", { reasoning: "always", contextTokens: 288_768 }),
    fakeModel("command-a-vision-07-2025", { reasoning: "no", tools: false }),
    fakeModel("command-r7b-12-2024", { reasoning: "no", contextTokens: 132_000 }),
    fakeModel("embed-v4.0", { ...NO_CHAT, contextTokens: 8_192 }),
    fakeModel("rerank-v3.5", { ...NO_CHAT, contextTokens: 4_096 }),
  ],
  basePath: "",
  routes: [
    { method: "POST", path: /^\/v2\/chat$/, handle: (request, world) => generate(request, cohereWire, world) },
    { method: "POST", path: /^\/v1\/tokenize$/, handle: tokenizeAtCohere },
    { method: "POST", path: /^\/v2\/embed$/, handle: embedAtCohere },
    { method: "POST", path: /^\/v2\/rerank$/, handle: rerankAtCohere },
    { method: "GET", path: /^\/v1\/models$/, handle: listCohereModels },
    oneModelRoute(/^\/v1\/models\/(.+)$/, cohereModelRow, cohereUnknownModel),
  ],
  authorise(request) {
    const key = bearerKey(request);
    if (key === undefined) throw cohereError("no api key supplied", 401);
    if (key === BAD_KEY) throw cohereError("invalid api token", 401);
  },
  refuse: (status, message) => cohereError(message, status),
};
