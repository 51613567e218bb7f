import type { EmbeddingCodec } from "../embedding.ts";

/** Wires of embeddings. */
const LOADERS = {
  "openai-embeddings": async () => (await import("./openai-embeddings.ts")).createOpenAIEmbeddings(),
  "gemini-embeddings": async () => (await import("./gemini-embeddings.ts")).createGeminiEmbeddings(),
  "ollama-embeddings": async () => (await import("./ollama-embeddings.ts")).createOllamaEmbeddings(),
  "cohere-embeddings": async () => (await import("./cohere-embeddings.ts")).createCohereEmbeddings(),
  "bedrock-embeddings": async () => (await import("./bedrock-embeddings.ts")).createBedrockEmbeddings(),
  "huggingface-embeddings": async () => (await import("./huggingface-embeddings.ts")).createHuggingFaceEmbeddings(),
} as const satisfies Readonly<Record<string, () => Promise<EmbeddingCodec>>>;

/** A wire of embeddings that this package speaks. */
export type EmbeddingCodecId = keyof typeof LOADERS;

/** The codec of a wire, without a vendor's quirks. Loaded when it is first asked for. */
export function loadEmbeddingCodec(id: EmbeddingCodecId): Promise<EmbeddingCodec> {
  return LOADERS[id]();
}
