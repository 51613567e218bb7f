import { zai } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const zaiSubject = overFakeVendor("zai", "zai", zai, {
  models: { text: "glm-4.5-air", tools: "glm-4.5-air", images: "glm-4.5v", reasoning: "glm-4.6" },
  lacks: { toolChoiceRequired: "z.ai obeys only auto" },
});
