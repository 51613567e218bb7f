import { dashscope } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const dashscopeSubject = overFakeVendor("dashscope", "dashscope", dashscope, {
  models: { text: "qwen-plus", tools: "qwen-plus", reasoning: "qwen3-235b-a22b-thinking-2507", json: "qwen-plus" },
});
