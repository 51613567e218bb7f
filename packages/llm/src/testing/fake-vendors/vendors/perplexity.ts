/** Perplexity: its chat without a version in the path, and the listing of another API. */
import { fakeModel } from "../fake-model.ts";
import { modelRoutes } from "../wires/openai-routes.ts";
import { perplexityChatRoute, refusalPage } from "../wires/perplexity-flavour.ts";
import { keyedVendor } from "./keyed-vendor.ts";

export const perplexity = {
  ...keyedVendor(
    [
      fakeModel("sonar", { reasoning: "no", tools: false }),
      fakeModel("sonar-reasoning-pro", { reasoning: "always", tools: false }),
    ],
    [
      perplexityChatRoute,
      ...modelRoutes(() => ({ id: "perplexity/kimi-k3", object: "model", created: 0, owned_by: "perplexity" }), refusalPage),
    ],
    { missing: refusalPage, wrong: refusalPage },
  ),
  basePath: "",
};
