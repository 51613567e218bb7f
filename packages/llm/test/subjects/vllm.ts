import { vllm } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const vllmSubject = overFakeVendor("vllm", "vllm", vllm, {
  models: {
    text: "Qwen/Qwen2.5-7B-Instruct",
    tools: "Qwen/Qwen2.5-7B-Instruct",
    reasoning: "Qwen/Qwen3-8B",
    json: "Qwen/Qwen2.5-7B-Instruct",
  },
});
