/** Perplexity: its chat without a version in the path, and the listing of another API. */
import { fakeModel } from "../fake-model.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { openAiError } from "../wires/openai-error.ts";
import { modelRoutes } from "../wires/openai-routes.ts";
import { perplexityChatRoute, perplexityFlavour, refusalPage } from "../wires/perplexity-flavour.ts";
import { keyedVendor } from "./keyed-vendor.ts";

const tooMany = () => openAiError("input: List should have at most 512 items after validation", { type: "bad_request" });
/** Always in base64, a signed byte for each number. */
const asInt8 = (vector: readonly number[]) =>
  Buffer.from(Int8Array.from(vector, (value) => Math.round(value * 127)).buffer).toString("base64");
const charge = (tokens: number) => ({ cost: { currency: "USD", input_cost: tokens * 4e-9, total_cost: tokens * 4e-9 } });

export const perplexity = {
  ...keyedVendor(
    [
      fakeModel("sonar", { reasoning: "no", tools: false }),
      fakeModel("sonar-reasoning-pro", { reasoning: "always", tools: false }),
      fakeModel("pplx-embed-v1-0.6b", { tools: false, reasoning: "no", contextTokens: 32_768 }),
    ],
    [
      perplexityChatRoute,
      embeddingsRoute(embeddingsLike(perplexityFlavour, { inputsMax: 512, tooMany, write: asInt8, usage: charge })),
      ...modelRoutes(() => ({ id: "perplexity/kimi-k3", object: "model", created: 0, owned_by: "perplexity" }), refusalPage),
    ],
    { missing: refusalPage, wrong: refusalPage },
  ),
  basePath: "",
};
