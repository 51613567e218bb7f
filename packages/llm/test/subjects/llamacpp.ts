import { llamaCpp } from "../../src/index.ts";
import { NO_KEYS, overFakeVendor } from "./over-fake-vendor.ts";

export const llamacppSubject = overFakeVendor("llamacpp", "llamacpp", llamaCpp, {
  models: {
    text: "qwen3-1.7b-q4_k_m",
    tools: "qwen3-1.7b-q4_k_m",
    reasoning: "qwen3-1.7b-q4_k_m",
    json: "qwen3-1.7b-q4_k_m",
    embedding: "qwen3-embedding-0.6b-q8_0",
    rerank: "bge-reranker-v2-m3-q4_k_m",
  },
  embeddingInputsMax: 2048,
  lacks: { keys: NO_KEYS },
});
