import { xai } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const xaiSubject = overFakeVendor("xai", "xai", xai, {
  models: {
    text: "grok-4-fast-non-reasoning",
    tools: "grok-4-fast-non-reasoning",
    reasoning: "grok-4",
    images: "grok-4",
    json: "grok-4-fast-non-reasoning",
  },
});
