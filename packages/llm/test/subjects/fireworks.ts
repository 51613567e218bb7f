import { fireworks } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

const PLAIN = "accounts/fireworks/models/llama-v3p3-70b-instruct";

export const fireworksSubject = overFakeVendor("fireworks", "fireworks", fireworks, {
  models: {
    text: PLAIN,
    tools: PLAIN,
    images: PLAIN,
    json: PLAIN,
    reasoning: "accounts/fireworks/models/deepseek-v3p1",
    embedding: "nomic-ai/nomic-embed-text-v1.5",
    rerank: "fireworks/qwen3-reranker-8b",
  },
  embeddingInputsMax: 2048,
});
