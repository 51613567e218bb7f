import { openai } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

const plain = {
  text: "gpt-4.1-mini",
  tools: "gpt-4.1-mini",
  images: "gpt-4.1-mini",
  json: "gpt-4.1-mini",
  embedding: "text-embedding-3-small",
};

const kept = {
  batches: { model: "gpt-4.1-mini" },
  files: { kind: "document", ask: "gpt-4.1-mini", givesBack: false },
} as const;

export const openaiResponsesSubject = overFakeVendor("openai over responses", "openai", openai, {
  models: { ...plain, reasoning: "gpt-5-mini" },
  embeddingInputsMax: 2048,
  ...kept,
  lacks: { stopSequences: "the Responses API has no stop sequences" },
});

export const openaiChatSubject = overFakeVendor("openai over chat", "openai", (options) => openai({ ...options, wire: "chat" }), {
  models: plain,
  embeddingInputsMax: 2048,
  ...kept,
});
