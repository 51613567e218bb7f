import { openrouter } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const openrouterSubject = overFakeVendor("openrouter", "openrouter", openrouter, {
  models: {
    text: "openai/gpt-4.1-mini",
    tools: "openai/gpt-4.1-mini",
    reasoning: "anthropic/claude-sonnet-4.5",
    images: "openai/gpt-4.1-mini",
    json: "openai/gpt-4.1-mini",
    embedding: "openai/text-embedding-3-small",
    rerank: "cohere/rerank-v3.5",
  },
  embeddingInputsMax: 2048,
});
