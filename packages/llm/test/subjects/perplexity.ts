import { perplexity } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const perplexitySubject = overFakeVendor("perplexity", "perplexity", perplexity, {
  models: { text: "sonar", tools: "sonar", reasoning: "sonar-reasoning-pro", json: "sonar" },
});
