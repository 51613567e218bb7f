/** Any server of OpenAI's chat wire, in the manner of vLLM. */
import { fakeModel } from "../fake-model.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const openaiCompatible = keyedVendor(
  [
    fakeModel("plain-model"),
    fakeModel("plain-reasoner", { reasoning: "always" }),
    fakeModel("plain-embedder", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  [...chatRoutes(plainFlavour), embeddingsRoute(embeddingsLike(plainFlavour))],
  refusesWith(401, { error: "Unauthorized" }),
);
