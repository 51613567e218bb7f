import { anthropic } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const anthropicSubject = overFakeVendor("anthropic", "anthropic", anthropic, {
  models: {
    text: "claude-sonnet-4-5",
    tools: "claude-sonnet-4-5",
    reasoning: "claude-sonnet-4-5",
    images: "claude-sonnet-4-5",
    json: "claude-sonnet-4-5",
  },
  batches: { model: "claude-sonnet-4-5" },
  files: { kind: "document", ask: "claude-sonnet-4-5", givesBack: false },
});
