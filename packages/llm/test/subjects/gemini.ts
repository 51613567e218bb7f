import { gemini } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const geminiSubject = overFakeVendor("gemini", "gemini", gemini, {
  models: {
    text: "gemini-2.5-flash",
    tools: "gemini-3-flash-preview",
    reasoning: "gemini-3-flash-preview",
    images: "gemini-2.5-flash",
    json: "gemini-2.5-flash",
    embedding: "gemini-embedding-2",
  },
  embeddingInputsMax: 100,
  batches: { model: "gemini-2.5-flash" },
  files: { kind: "document", ask: "gemini-2.5-flash", givesBack: false },
});
