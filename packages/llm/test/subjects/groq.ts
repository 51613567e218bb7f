import { groq } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const groqSubject = overFakeVendor("groq", "groq", groq, {
  models: {
    text: "llama-3.3-70b-versatile",
    tools: "llama-3.3-70b-versatile",
    reasoning: "openai/gpt-oss-120b",
    images: "meta-llama/llama-4-scout-17b-16e-instruct",
    json: "openai/gpt-oss-120b",
  },
  batches: { model: "llama-3.3-70b-versatile" },
  files: { kind: "lines" },
});
