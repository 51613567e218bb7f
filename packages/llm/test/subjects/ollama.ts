import { ollama } from "../../src/index.ts";
import { NO_KEYS, overFakeVendor } from "./over-fake-vendor.ts";

export const ollamaSubject = overFakeVendor("ollama", "ollama", ollama, {
  models: {
    text: "llama3.2:latest",
    tools: "qwen3:4b",
    reasoning: "qwen3:4b",
    images: "llama3.2:latest",
    json: "llama3.2:latest",
    embedding: "nomic-embed-text:latest",
  },
  embeddingInputsMax: 512,
  lacks: { toolChoiceRequired: "Ollama has no tool choice", keys: NO_KEYS },
});
