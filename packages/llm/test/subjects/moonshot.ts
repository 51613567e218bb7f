import { moonshot } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const moonshotSubject = overFakeVendor("moonshot", "moonshot", moonshot, {
  models: { text: "moonshot-v1-8k", tools: "kimi-k2-thinking", reasoning: "kimi-k2-thinking", json: "moonshot-v1-8k" },
  lacks: { toolChoiceRequired: "Kimi refuses a forced tool" },
  files: { kind: "image", ask: "kimi-k2.5" },
});
