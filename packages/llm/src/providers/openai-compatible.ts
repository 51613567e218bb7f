import type { CapabilityFacts } from "../capabilities.ts";
import { defineProvider } from "../define-provider.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import type { Provider } from "../provider.ts";
import type { OperationDefinitions, ProviderDefinition, ProviderOptions } from "../provider-definition.ts";
import type { CohereRerankQuirks } from "../rerank/cohere-rerank.ts";
import type { SecretReference } from "../secret.ts";

/** A vendor that speaks OpenAI's chat wire: its address, and what it does otherwise. */
export interface OpenAICompatibleDefinition
  extends Pick<
    ProviderDefinition,
    | "families"
    | "catalogue"
    | "aliases"
    | "modelPrefixes"
    | "hooks"
    | "startHint"
    | "headers"
    | "modelsPath"
    | "operations"
    | "batchPriceFactor"
  > {
  /** The name before the colon in `provider:model`. */
  readonly id: string;
  /** For people. Default: the id. */
  readonly name?: string;
  /** Up to and including the version, as in `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Where the key is, as in `env:EXAMPLE_API_KEY`. Absent: no key is sent. */
  readonly key?: SecretReference;
  /** True for a server that works with and without a key. */
  readonly keyOptional?: boolean;
  /** What this vendor does otherwise than OpenAI. */
  readonly quirks?: OpenAIChatQuirks;
  /** What all of its models can do. */
  readonly capabilities?: CapabilityFacts;
  /** What its embeddings do otherwise than OpenAI's; false where it has none. Default: nothing, and a server without the route says so. */
  readonly embeddings?: OpenAIEmbeddingsQuirks | false;
  /** How it reranks, where it does. Default: not at all. */
  readonly rerank?: CohereRerankQuirks;
  readonly options?: ProviderOptions;
}

/**
 * Any vendor that speaks OpenAI's chat wire, from facts alone.
 *
 *     const example = openaiCompatible({ id: "example", baseUrl: "https://api.example.com/v1", key: "env:EXAMPLE_API_KEY" });
 */
export function openaiCompatible(definition: OpenAICompatibleDefinition): Provider {
  const { id, name = id, key, keyOptional, quirks, capabilities, families = [], embeddings, rerank, ...rest } = definition;
  const ofAll = capabilities === undefined ? [] : [{ prefix: "", facts: capabilities, evidence: `stated for ${name}` }];
  return defineProvider({
    ...rest,
    id,
    name,
    dialect: {
      id: "openai-chat",
      load: async () => (await import("../dialects/openai-chat/index.ts")).createOpenAIChatDialect(quirks),
    },
    auth:
      key === undefined
        ? { type: "none" }
        : { type: "bearer", key, ...(keyOptional === undefined ? {} : { optional: keyOptional }) },
    families: [...ofAll, ...families],
    modelsPath: definition.modelsPath ?? "/models",
    operations: { ...vectorOperations({ embeddings, rerank }), ...definition.operations },
  });
}

function vectorOperations({
  embeddings = {},
  rerank,
}: {
  readonly embeddings: OpenAICompatibleDefinition["embeddings"] | undefined;
  readonly rerank: CohereRerankQuirks | undefined;
}): Pick<OperationDefinitions, "embed" | "rerank"> {
  return {
    ...(embeddings === false
      ? {}
      : { embed: async () => (await import("../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(embeddings) }),
    ...(rerank === undefined
      ? {}
      : { rerank: async () => (await import("../rerank/cohere-rerank.ts")).createCohereRerank(rerank) }),
  };
}
