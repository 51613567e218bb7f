import { GEMINI_ALIASES } from "../catalogue/aliases.ts";
import { GEMINI_FAMILIES } from "../catalogue/families.ts";
import { GEMINI_CATALOGUE } from "../catalogue/gemini.generated.ts";
import type { GeminiModel } from "../catalogue/model-names.generated.ts";
import { defineProvider } from "../define-provider.ts";
import type { LazyDialect } from "../dialect.ts";
import type { Provider } from "../provider.ts";
import type { OperationDefinitions, ProviderDefinition, ProviderOptions } from "../provider-definition.ts";
import type { CachedContentOptions } from "./google/cached-contents.ts";
import { withCachedContents } from "./google/with-cached-contents.ts";

export interface GeminiOptions extends ProviderOptions {
  /**
   * Which of Google's two wires to speak. Default `generateContent`. `interactions` also has Google's agents (Deep Research)
   * and work in the background; it has no batches and takes no cache directives, and what it is sent Google stores unless
   * `store: false` stands in the options of the wire. It registers as `gemini-interactions` unless `id` says otherwise.
   */
  readonly wire?: "generateContent" | "interactions";
  /** How objects for cache directives with a time to live are kept. `false`: none are made. Only on `generateContent`. */
  readonly cachedContents?: CachedContentOptions | false;
}

/** Gemini at Google AI Studio's API. Key: `env:GEMINI_API_KEY` unless given. */
export function gemini({ wire = "generateContent", cachedContents, ...options }: GeminiOptions = {}): Provider<GeminiModel> {
  if (wire === "interactions") return interactions(options);
  const place = { provider: options.id ?? "gemini", backend: BACKEND, quirks: async () => ({}), resourceOf: modelResource };
  return withCachedContents(cachedContents, place, (hooks) =>
    defineProvider({
      ...definition(options),
      id: "gemini",
      dialect: { id: "gemini", load: async () => (await import("../dialects/gemini/index.ts")).createGeminiDialect() },
      modelPrefixes: MODEL_PREFIXES,
      hooks,
      operations: {
        ...operations(options),
        batches: async (vendor) =>
          (await import("../batches/gemini-batches.ts")).geminiBatches(vendor, { polling: options.polling }),
      },
      // "at 50% of the standard cost". Source: ai.google.dev, "Batch API".
      batchPriceFactor: 0.5,
    }),
  );
}

/** Batches are in the words of the other wire, and so are cached contents. */
function interactions(options: ProviderOptions): Provider<GeminiModel> {
  return defineProvider({
    ...definition(options),
    id: "gemini-interactions",
    dialect: INTERACTIONS,
    modelPrefixes: [...MODEL_PREFIXES, "deep-research-", "antigravity-"],
    operations: operations(options),
  });
}

/** Models are listed and tokens counted by the other wire, which has the same host and key. */
const INTERACTIONS: LazyDialect = {
  id: "gemini-interactions",
  load: async () => {
    const { createGeminiInteractionsDialect } = await import("../dialects/gemini-interactions/index.ts");
    const { models, countTokens } = (await import("../dialects/gemini/index.ts")).createGeminiDialect();
    return {
      ...createGeminiInteractionsDialect(),
      ...(models === undefined ? {} : { models }),
      ...(countTokens === undefined ? {} : { countTokens }),
    };
  },
};

const BACKEND = "ai-studio";
const MODEL_PREFIXES: readonly string[] = ["gemini-", "gemma-", "models/gemini-"];

function definition(options: ProviderOptions): Omit<ProviderDefinition, "id" | "dialect"> {
  return {
    name: "Google Gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    // A header rather than `?key=`, so that the key stands in no URL that anybody logs.
    auth: { type: "header", name: "x-goog-api-key", key: "env:GEMINI_API_KEY" },
    backend: BACKEND,
    catalogue: GEMINI_CATALOGUE,
    families: GEMINI_FAMILIES,
    aliases: GEMINI_ALIASES,
    options,
  };
}

function operations(options: ProviderOptions): OperationDefinitions {
  return {
    embed: async () => (await import("../embeddings/gemini-embeddings.ts")).createGeminiEmbeddings(),
    files: async (vendor) => (await import("../files/gemini-files.ts")).geminiFiles(vendor, { polling: options.polling }),
  };
}

function modelResource(model: string): string {
  return model.includes("/") ? model : `models/${model}`;
}
