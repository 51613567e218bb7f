import { perplexity } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

/** No model calls tools: that group is skipped, not answered. */
export const perplexitySubject = overFakeVendor("perplexity", "perplexity", perplexity, {
  models: { text: "sonar", images: "sonar", json: "sonar", reasoning: "sonar-reasoning-pro", embedding: "pplx-embed-v1-0.6b" },
  embeddingInputsMax: 512,
});
