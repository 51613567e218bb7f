import { cerebras } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const cerebrasSubject = overFakeVendor("cerebras", "cerebras", cerebras, {
  models: { text: "llama-3.3-70b", tools: "llama-3.3-70b", json: "llama-3.3-70b", reasoning: "gpt-oss-120b" },
});
