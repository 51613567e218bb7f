import { huggingface } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const huggingfaceSubject = overFakeVendor("huggingface", "huggingface", huggingface, {
  models: {
    text: "meta-llama/Llama-3.1-8B-Instruct",
    tools: "Qwen/Qwen3-4B",
    reasoning: "Qwen/Qwen3-4B",
    json: "Qwen/Qwen3-4B",
    embedding: "intfloat/multilingual-e5-large",
  },
  embeddingInputsMax: 32,
});
