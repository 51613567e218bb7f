import { MISTRAL_CATALOGUE } from "../catalogue/mistral.generated.ts";
import type { MistralModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import { defineProvider } from "../define-provider.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";

const API_REFERENCE = "Mistral's API reference";
const LISTING = "Mistral's listing of models";

/** What the listing says of a model goes over these, once it was asked for. */
const MISTRAL_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "",
    evidence: API_REFERENCE,
    facts: {
      streaming: true,
      tools: true,
      parallelToolCalls: true,
      toolChoiceRequired: true,
      audio: false,
      jsonMode: true,
      jsonSchema: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      promptCache: true,
      systemPrompt: true,
      prefill: true,
    },
  },
  { prefix: "mistral-small-latest", evidence: LISTING, facts: { images: true, pdf: true, reasoning: true, reasoningOff: true } },
  { prefix: "mistral-small-2603", evidence: LISTING, facts: { images: true, pdf: true, reasoning: true, reasoningOff: true } },
  { prefix: "mistral-medium", evidence: LISTING, facts: { images: true, pdf: true } },
  { prefix: "mistral-medium-latest", evidence: LISTING, facts: { reasoning: true, reasoningOff: true } },
  { prefix: "mistral-medium-3", evidence: LISTING, facts: { reasoning: true, reasoningOff: true } },
  { prefix: "mistral-medium-2604", evidence: LISTING, facts: { reasoning: true, reasoningOff: true } },
  { prefix: "mistral-large-latest", evidence: LISTING, facts: { images: true, reasoning: false } },
  { prefix: "mistral-large-2512", evidence: LISTING, facts: { images: true, reasoning: false } },
  {
    prefix: "magistral-",
    evidence: "always thinks, with a prompt of the vendor's own",
    facts: { reasoning: true, reasoningOff: false },
  },
  {
    prefix: "magistral-small-latest",
    evidence: "the listing: another name of mistral-small-2603",
    facts: { images: true, reasoningOff: true },
  },
  { prefix: "ministral-", evidence: LISTING, facts: { images: true, reasoning: false } },
  { prefix: "pixtral-", evidence: LISTING, facts: { images: true, reasoning: false } },
  { prefix: "codestral-", evidence: LISTING, facts: { images: false, reasoning: false } },
  { prefix: "devstral-", evidence: LISTING, facts: { images: false, reasoning: false } },
  { prefix: "voxtral-small", evidence: LISTING, facts: { audio: true, images: false, reasoning: false } },
  { prefix: "open-mi", evidence: LISTING, facts: { images: false, reasoning: false } },
  { prefix: "mistral-embed", evidence: LISTING, facts: { streaming: false, tools: false, reasoning: false } },
  { prefix: "codestral-embed", evidence: LISTING, facts: { streaming: false, tools: false } },
];

/** Short names that stay while models come and go: the vendor's own names for the latest of each kind. */
const MISTRAL_ALIASES: Readonly<Record<string, string>> = {
  mistral: "mistral-medium-latest",
  "mistral-large": "mistral-large-latest",
  "mistral-medium": "mistral-medium-latest",
  "mistral-small": "mistral-small-latest",
  magistral: "magistral-medium-latest",
  ministral: "ministral-8b-latest",
  codestral: "codestral-latest",
  devstral: "devstral-latest",
};

/** "Too many inputs in request, split into more batches." comes at 257; an unknown field is refused. Source: Mistral's API reference. */
const MISTRAL_VECTORS: OpenAIEmbeddingsQuirks = {
  inputsMax: 256,
  dimensionsField: "output_dimension",
  user: false,
  truncation: { refuse: {} },
};

/** Mistral's own API. Key: `env:MISTRAL_API_KEY` unless given. */
export function mistral(options: ProviderOptions = {}): Provider<MistralModel> {
  return defineProvider({
    id: "mistral",
    name: "Mistral",
    baseUrl: "https://api.mistral.ai/v1",
    dialect: { id: "mistral", load: async () => (await import("../dialects/mistral/index.ts")).createMistralDialect() },
    auth: { type: "bearer", key: "env:MISTRAL_API_KEY" },
    catalogue: MISTRAL_CATALOGUE,
    families: MISTRAL_FAMILIES,
    aliases: MISTRAL_ALIASES,
    modelPrefixes: [
      "mistral-",
      "magistral-",
      "ministral-",
      "codestral-",
      "devstral-",
      "pixtral-",
      "voxtral-",
      "open-mistral",
      "open-mixtral",
    ],
    operations: {
      fineTuning: async (vendor) => (await import("../fine-tuning/mistral-fine-tuning.ts")).mistralFineTuning(vendor),
      embed: async () => (await import("../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(MISTRAL_VECTORS),
      files: async (vendor) => {
        const [{ openaiFiles }, { MISTRAL_FILES }] = await Promise.all([
          import("../files/openai-files.ts"),
          import("../files/file-quirks.ts"),
        ]);
        return openaiFiles(vendor, MISTRAL_FILES);
      },
      batches: async (vendor) => (await import("../batches/mistral-batches.ts")).mistralBatches(vendor),
    },
    // "at a 50% discount". Source: docs.mistral.ai, "Batch Processing".
    batchPriceFactor: 0.5,
    options,
  });
}
