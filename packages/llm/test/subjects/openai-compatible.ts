import { openaiCompatible } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const openaiCompatibleSubject = overFakeVendor(
  "openai-compatible",
  "openai-compatible",
  (options) => openaiCompatible({ id: "example", baseUrl: options.baseUrl ?? "", key: "env:EXAMPLE_API_KEY", options }),
  {
    models: {
      text: "plain-model",
      tools: "plain-model",
      reasoning: "plain-reasoner",
      json: "plain-model",
      embedding: "plain-embedder",
    },
    embeddingInputsMax: 2048,
  },
);
