/**
 * What the player knows of the wires of vectors and ranks: the codec of an operation, with the provider's quirks, and the
 * dialect in which the same service words its errors.
 */
import type { EmbeddingCodec } from "../../embedding.ts";
import type { OpenAIEmbeddingsQuirks } from "../../embeddings/openai-embeddings.ts";
import type { RerankCodec } from "../../rerank.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import { type Wire, WIRES } from "./wires.ts";

export type VectorOperation =
  | { readonly type: "embed"; readonly wire: Wire | undefined; readonly loadCodec: () => Promise<EmbeddingCodec> }
  | { readonly type: "rerank"; readonly wire: Wire | undefined; readonly loadCodec: () => Promise<RerankCodec> };

/** Undefined for what is neither. */
export function vectorOperationOf({ wire, api, provider, model }: Recording, exchange: RecordedExchange): VectorOperation | undefined {
  const { pathname } = addressOf(exchange.request);
  const names = api.split(".")[0];
  if (wire === "embeddings" || (wire === "ollama" && api === "embed")) {
    const errors = WIRES[names === "openai" ? (provider === "mistral" ? "mistral" : "openai-chat") : (names ?? "")] ?? WIRES[wire];
    return { type: "embed", wire: errors, loadCodec: () => embeddingCodec(names ?? "", provider, pathname) };
  }
  if (wire === "rerank") {
    return { type: "rerank", wire: WIRES[names === "cohere" ? "cohere" : "openai-chat"], loadCodec: () => rerankCodec(provider) };
  }
  if (wire === "bedrock-invoke" && /embed/.test(model)) {
    const loadCodec = async () => (await import("../../embeddings/bedrock-embeddings.ts")).createBedrockEmbeddings();
    return { type: "embed", wire: WIRES["bedrock-converse"], loadCodec };
  }
  if (wire === "bedrock-invoke" && /rerank/.test(model)) {
    return { type: "rerank", wire: WIRES["bedrock-converse"], loadCodec: () => rerankCodec(provider) };
  }
  if (wire === "hf" && pathname.includes("/feature-extraction/")) {
    const loadCodec = async () => (await import("../../embeddings/huggingface-embeddings.ts")).createHuggingFaceEmbeddings();
    return { type: "embed", wire: WIRES["openai-chat"], loadCodec };
  }
  return undefined;
}

/** What can be seen of a vendor in its traffic. */
const QUIRKS: Readonly<Record<string, OpenAIEmbeddingsQuirks>> = {
  mistral: { dimensionsField: "output_dimension" },
  perplexity: { vectorBytes: "int8" },
};

async function embeddingCodec(api: string, provider: string, path: string): Promise<EmbeddingCodec> {
  if (api === "gemini") {
    const { createGeminiEmbeddings } = await import("../../embeddings/gemini-embeddings.ts");
    return createGeminiEmbeddings({ surface: path.includes("/publishers/") ? "vertex" : "ai-studio" });
  }
  if (api === "cohere") return (await import("../../embeddings/cohere-embeddings.ts")).createCohereEmbeddings();
  if (api === "ollama" || api === "embed") return (await import("../../embeddings/ollama-embeddings.ts")).createOllamaEmbeddings();
  return (await import("../../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(QUIRKS[provider]);
}

async function rerankCodec(provider: string): Promise<RerankCodec> {
  const { createCohereRerank } = await import("../../rerank/cohere-rerank.ts");
  if (provider === "voyage") return createCohereRerank({ path: "/rerank", resultsField: "top_k" });
  if (provider !== "bedrock") return createCohereRerank();
  return createCohereRerank({ modelInBody: false, extraFields: () => ({ api_version: 2 }) });
}
