import { mistral } from "../../src/providers/mistral.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const mistralSubject = overFakeVendor("mistral", "mistral", mistral, {
  models: {
    text: "ministral-8b-latest",
    tools: "mistral-small-latest",
    reasoning: "mistral-small-latest",
    images: "mistral-small-latest",
    json: "mistral-small-latest",
    embedding: "codestral-embed",
  },
  embeddingInputsMax: 256,
  batches: { model: "ministral-8b-latest" },
  files: { kind: "document", ask: "mistral-small-latest" },
});
