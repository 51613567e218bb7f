/** LM Studio: the chat wire, and the native listing. */
import { fakeModel } from "../fake-model.ts";
import { lmStudioFlavour, lmStudioModelRow } from "../wires/lmstudio-flavour.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { listingRoutes } from "../wires/openai-routes.ts";
import { chatRoutes, localEngine } from "./keyed-vendor.ts";

export const lmstudio = localEngine(
  [
    fakeModel("qwen3-4b"),
    fakeModel("openai/gpt-oss-20b", { reasoning: "always" }),
    fakeModel("text-embedding-nomic-embed-text-v1.5", { tools: false, reasoning: "no", contextTokens: 2048 }),
  ],
  [
    ...chatRoutes(lmStudioFlavour),
    embeddingsRoute(embeddingsLike(lmStudioFlavour)),
    ...listingRoutes(/^\/api\/v0\/models$/, /^\/api\/v0\/models\/(.+)$/, lmStudioModelRow, (id) =>
      lmStudioFlavour.unknownModel(id),
    ),
  ],
);
