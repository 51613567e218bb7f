import { together } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const togetherSubject = overFakeVendor("together", "together", together, {
  models: {
    text: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    tools: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    reasoning: "deepseek-ai/DeepSeek-V3.1",
    images: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    json: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    embedding: "BAAI/bge-base-en-v1.5",
    rerank: "Salesforce/Llama-Rank-V1",
  },
  batches: { model: "meta-llama/Llama-3.3-70B-Instruct-Turbo" },
  files: { kind: "lines" },
  embeddingInputsMax: 2048,
});
