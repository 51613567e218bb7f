import { GEMINI_ALIASES } from "../catalogue/aliases.ts";
import { GEMINI_FAMILIES } from "../catalogue/families.ts";
import { GEMINI_CATALOGUE } from "../catalogue/gemini.generated.ts";
import type { GeminiModel } from "../catalogue/model-names.generated.ts";
import { defineProvider } from "../define-provider.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import type { CachedContentOptions } from "./google/cached-contents.ts";
import { withCachedContents } from "./google/with-cached-contents.ts";

export interface GeminiOptions extends ProviderOptions {
  /** How objects for cache directives with a time to live are kept. `false`: none are made. */
  readonly cachedContents?: CachedContentOptions | false;
}

/** Gemini at Google AI Studio's API. Key: `env:GEMINI_API_KEY` unless given. */
export function gemini({ cachedContents, ...options }: GeminiOptions = {}): Provider<GeminiModel> {
  const backend = "ai-studio";
  const place = { provider: options.id ?? "gemini", backend, quirks: async () => ({}), resourceOf: modelResource };
  return withCachedContents(cachedContents, place, (hooks) =>
    defineProvider({
      id: "gemini",
      name: "Google Gemini",
      baseUrl: "https://generativelanguage.googleapis.com/v1beta",
      dialect: { id: "gemini", load: async () => (await import("../dialects/gemini/index.ts")).createGeminiDialect() },
      // A header rather than `?key=`, so that the key stands in no URL that anybody logs.
      auth: { type: "header", name: "x-goog-api-key", key: "env:GEMINI_API_KEY" },
      backend,
      catalogue: GEMINI_CATALOGUE,
      families: GEMINI_FAMILIES,
      aliases: GEMINI_ALIASES,
      modelPrefixes: ["gemini-", "gemma-", "models/gemini-"],
      hooks,
      operations: {
        embed: async () => (await import("../embeddings/gemini-embeddings.ts")).createGeminiEmbeddings(),
        files: async (vendor) => (await import("../files/gemini-files.ts")).geminiFiles(vendor, { polling: options.polling }),
        batches: async (vendor) =>
          (await import("../batches/gemini-batches.ts")).geminiBatches(vendor, { polling: options.polling }),
      },
      // "at 50% of the standard cost". Source: ai.google.dev, "Batch API".
      batchPriceFactor: 0.5,
      options,
    }),
  );
}

function modelResource(model: string): string {
  return model.includes("/") ? model : `models/${model}`;
}
