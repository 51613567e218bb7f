import { type AzureOptions, azure, type ProviderOptions } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

const deployments = { "gpt-4.1": "my-gpt-4-1", "gpt-5-mini": "my-gpt-5-mini", "text-embedding-3-small": "my-embedding-3-small" };
const plain = { text: "gpt-4.1", tools: "gpt-4.1", images: "gpt-4.1", json: "gpt-4.1", embedding: "text-embedding-3-small" };

function azureWith(own: AzureOptions) {
  return (options: ProviderOptions) => azure({ ...options, polling: { firstMs: 1 }, deployments, ...own });
}

export const azureResponsesSubject = overFakeVendor("azure over responses", "azure", azureWith({}), {
  models: { ...plain, reasoning: "gpt-5-mini" },
  embeddingInputsMax: 2048,
  lacks: { stopSequences: "the Responses API has no stop sequences" },
  batches: { model: "gpt-4.1" },
  files: { kind: "document", ask: "gpt-4.1" },
});

export const azureChatSubject = overFakeVendor("azure over chat", "azure", azureWith({ wire: "chat" }), {
  models: plain,
  embeddingInputsMax: 2048,
  batches: { model: "gpt-4.1" },
  files: { kind: "lines" },
});

export const azureClassicSubject = overFakeVendor("azure, classic", "azure", azureWith({ apiVersion: "2024-10-21" }), {
  models: plain,
  embeddingInputsMax: 2048,
  batches: { model: "gpt-4.1" },
  files: { kind: "lines" },
});
