/** Fireworks: models are paths. */
import { fakeModel } from "../fake-model.ts";
import { fireworksFlavour, fireworksModelRow } from "../wires/fireworks-flavour.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { rerankRoute } from "../wires/rerank-route.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const fireworks = keyedVendor(
  [
    fakeModel("accounts/fireworks/models/llama-v3p3-70b-instruct", { reasoning: "no" }),
    fakeModel("accounts/fireworks/models/deepseek-v3p1", { reasoning: "always" }),
    fakeModel("nomic-ai/nomic-embed-text-v1.5", { tools: false, reasoning: "no", contextTokens: 8192 }),
    fakeModel("fireworks/qwen3-reranker-8b", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  [
    ...chatRoutes(fireworksFlavour, fireworksModelRow),
    embeddingsRoute(embeddingsLike(fireworksFlavour)),
    rerankRoute({ ...fireworksFlavour, list: "data" }),
  ],
  refusesWith(401, {
    error: {
      object: "error",
      type: "invalid_request_error",
      code: "UNAUTHORIZED",
      message: "The API key you provided is invalid.",
    },
  }),
);
