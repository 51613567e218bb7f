import { OPENAI_ALIASES } from "../catalogue/aliases.ts";
import { OPENAI_FAMILIES } from "../catalogue/families.ts";
import type { OpenAIModel } from "../catalogue/model-names.generated.ts";
import { OPENAI_CATALOGUE } from "../catalogue/openai.generated.ts";
import { defineProvider } from "../define-provider.ts";
import type { LazyDialect } from "../dialect.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { countWithTokenizer } from "../tokenizer.ts";

export interface OpenAIOptions extends ProviderOptions {
  /**
   * Which of OpenAI's two wires to speak. Default `responses`: only it returns and replays reasoning. `chat` registers as
   * `openai-chat` unless `id` says otherwise.
   */
  readonly wire?: "responses" | "chat";
}

const DIALECTS: Readonly<Record<NonNullable<OpenAIOptions["wire"]>, LazyDialect>> = {
  responses: {
    id: "openai-responses",
    load: async () => (await import("../dialects/openai-responses/index.ts")).createOpenAIResponsesDialect(),
  },
  chat: { id: "openai-chat", load: async () => (await import("../dialects/openai-chat/index.ts")).createOpenAIChatDialect() },
};

/** In base64 an answer has a third of the bytes; an input over the limit is refused unasked. */
const OPENAI_VECTORS: OpenAIEmbeddingsQuirks = { encodingFormat: "base64", truncation: { refuse: {} } };

/** OpenAI's own API. Key: `env:OPENAI_API_KEY` unless given. */
export function openai({ wire = "responses", ...options }: OpenAIOptions = {}): Provider<OpenAIModel> {
  return defineProvider({
    id: wire === "chat" ? "openai-chat" : "openai",
    name: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    dialect: DIALECTS[wire],
    auth: { type: "bearer", key: "env:OPENAI_API_KEY" },
    catalogue: OPENAI_CATALOGUE,
    families: OPENAI_FAMILIES,
    aliases: OPENAI_ALIASES,
    modelPrefixes: ["gpt-", "o1", "o3", "o4", "chatgpt-", "ft:gpt-", "text-embedding-"],
    modelsPath: "/models",
    hooks: { countTokens: (request) => countWithTokenizer(request) },
    operations: {
      fineTuning: async (vendor) =>
        (await import("../fine-tuning/openai-fine-tuning.ts")).openaiFineTuning(vendor, {}, { polling: options.polling }),
      embed: async () => (await import("../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(OPENAI_VECTORS),
      files: async (vendor) => (await import("../files/openai-files.ts")).openaiFiles(vendor, {}, { polling: options.polling }),
      batches: async (vendor) =>
        (await import("../batches/openai-batches.ts")).openaiBatches(vendor, {}, { polling: options.polling }),
    },
    // "50% cost discount compared to synchronous APIs". Source: OpenAI's guide, "Batch API".
    batchPriceFactor: 0.5,
    options,
  });
}
