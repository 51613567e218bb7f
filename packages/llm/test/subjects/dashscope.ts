import { dashscope } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const dashscopeSubject = overFakeVendor("dashscope", "dashscope", dashscope, {
  models: {
    text: "qwen-plus",
    tools: "qwen-plus",
    images: "qwen3-vl-plus",
    json: "qwen-plus",
    reasoning: "qwen3-235b-a22b-thinking-2507",
    embedding: "text-embedding-v4",
  },
  embeddingInputsMax: 10,
  lacks: { toolChoiceRequired: "Qwen refuses a forced tool while it thinks, and may think unasked" },
});
