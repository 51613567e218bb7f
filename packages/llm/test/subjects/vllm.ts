import { vllm } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

const PLAIN = "Qwen/Qwen2.5-7B-Instruct";

export const vllmSubject = overFakeVendor("vllm", "vllm", vllm, {
  models: {
    text: PLAIN,
    tools: PLAIN,
    images: PLAIN,
    json: PLAIN,
    reasoning: "Qwen/Qwen3-8B",
    embedding: "intfloat/e5-mistral-7b-instruct",
    rerank: "BAAI/bge-reranker-v2-m3",
  },
  embeddingInputsMax: 2048,
});
