import { ANTHROPIC_ALIASES } from "../catalogue/aliases.ts";
import { ANTHROPIC_CATALOGUE } from "../catalogue/anthropic.generated.ts";
import { ANTHROPIC_FAMILIES } from "../catalogue/families.ts";
import type { AnthropicModel } from "../catalogue/model-names.generated.ts";
import { defineProvider } from "../define-provider.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";

/** Claude at Anthropic's own API. Key: `env:ANTHROPIC_API_KEY` unless given. */
export function anthropic(options: ProviderOptions = {}): Provider<AnthropicModel> {
  return defineProvider({
    id: "anthropic",
    name: "Anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    dialect: {
      id: "anthropic-messages",
      load: async () => (await import("../dialects/anthropic-messages/index.ts")).createAnthropicMessagesDialect(),
    },
    auth: { type: "header", name: "x-api-key", key: "env:ANTHROPIC_API_KEY" },
    headers: { "anthropic-version": "2023-06-01" },
    catalogue: ANTHROPIC_CATALOGUE,
    families: ANTHROPIC_FAMILIES,
    aliases: ANTHROPIC_ALIASES,
    modelPrefixes: ["claude-"],
    operations: {
      files: async (vendor) => (await import("../files/anthropic-files.ts")).anthropicFiles(vendor),
      batches: async (vendor) => (await import("../batches/anthropic-batches.ts")).anthropicBatches(vendor),
    },
    // "All usage is charged at 50% of the standard API prices." Source: docs.claude.com, "Batch processing".
    batchPriceFactor: 0.5,
    options,
  });
}
