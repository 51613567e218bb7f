import { lmStudio } from "../../src/index.ts";
import { NO_KEYS, overFakeVendor } from "./over-fake-vendor.ts";

export const lmstudioSubject = overFakeVendor("lmstudio", "lmstudio", lmStudio, {
  models: {
    text: "qwen3-4b",
    tools: "qwen3-4b",
    reasoning: "openai/gpt-oss-20b",
    json: "qwen3-4b",
    embedding: "text-embedding-nomic-embed-text-v1.5",
  },
  embeddingInputsMax: 2048,
  lacks: { toolChoiceRequired: "LM Studio takes no named tool", keys: NO_KEYS },
});
