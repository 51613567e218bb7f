import { cohere } from "../../src/providers/cohere.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const cohereSubject = overFakeVendor("cohere", "cohere", cohere, {
  models: {
    text: "command-a-03-2025",
    tools: "command-a-03-2025",
    reasoning: "command-a-reasoning-08-2025",
    images: "command-a-vision-07-2025",
    json: "command-a-03-2025",
    embedding: "embed-v4.0",
    rerank: "rerank-v3.5",
  },
  embeddingInputsMax: 96,
});
