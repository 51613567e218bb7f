import { fireworks } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const fireworksSubject = overFakeVendor("fireworks", "fireworks", fireworks, {
  models: {
    text: "accounts/fireworks/models/llama-v3p3-70b-instruct",
    tools: "accounts/fireworks/models/llama-v3p3-70b-instruct",
    reasoning: "accounts/fireworks/models/deepseek-v3p1",
    json: "accounts/fireworks/models/llama-v3p3-70b-instruct",
  },
});
