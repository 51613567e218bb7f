/**
 * What the player knows of the wires of vectors and ranks: the codec of an operation, with the provider's quirks, and the
 * dialect in which the same service words its errors.
 */
import type { EmbeddingCodec } from "../../embedding.ts";
import type { OpenAIEmbeddingsQuirks } from "../../embeddings/openai-embeddings.ts";
import type { RerankCodec } from "../../rerank.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import { type Wire, wireOf } from "./wires.ts";

export type VectorOperation =
  | { readonly type: "embed"; readonly wire: Wire; readonly loadCodec: () => Promise<EmbeddingCodec> }
  | { readonly type: "rerank"; readonly wire: Wire; readonly loadCodec: () => Promise<RerankCodec> };

/** Undefined for what is neither. */
export function vectorOperationOf(recording: Recording, exchange: RecordedExchange): VectorOperation | undefined {
  const { pathname } = addressOf(exchange.request);
  // A report of what was used is no answer.
  if (exchange.request.method === "GET") return undefined;
  const { provider } = recording;
  const errors = wireOf(errorWire(recording), provider);
  if (errors === undefined) return undefined;
  if (isRerank(recording)) return { type: "rerank", wire: errors, loadCodec: () => rerankCodec(provider) };
  const codec = codecOf(recording, pathname);
  return codec === undefined ? undefined : { type: "embed", wire: errors, loadCodec: codec };
}

function isRerank({ wire, model }: Recording): boolean {
  return wire === "rerank" || (wire === "bedrock-invoke" && model.includes("rerank"));
}

/** As in `cohere` of `cohere.embed-v2`; of the wires that have no such name, the wire's. */
function makerOf({ wire, api }: Recording): string {
  return wire === "embeddings" || wire === "rerank" ? (api.split(".")[0] ?? "") : wire;
}

const ERROR_WIRES: Readonly<Record<string, string>> = {
  "bedrock-invoke": "bedrock-converse",
  cohere: "cohere",
  gemini: "gemini",
  ollama: "ollama",
};

/** The wire whose dialect reads an error of the service. */
function errorWire(recording: Recording): string {
  return recording.provider === "mistral" ? "mistral" : (ERROR_WIRES[makerOf(recording)] ?? "openai-chat");
}

function codecOf(recording: Recording, path: string): (() => Promise<EmbeddingCodec>) | undefined {
  const { wire, api, model, provider } = recording;
  if (wire === "embeddings") return () => embeddingCodec(makerOf(recording), provider, path);
  if (wire === "ollama" && api === "embed") return () => embeddingCodec("ollama", provider, path);
  if (wire === "bedrock-invoke" && model.includes("embed")) {
    return async () => (await import("../../embeddings/bedrock-embeddings.ts")).createBedrockEmbeddings();
  }
  if (wire === "hf" && path.includes("/feature-extraction/")) {
    return async () => (await import("../../embeddings/huggingface-embeddings.ts")).createHuggingFaceEmbeddings();
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
  if (api === "ollama") return (await import("../../embeddings/ollama-embeddings.ts")).createOllamaEmbeddings();
  return (await import("../../embeddings/openai-embeddings.ts")).createOpenAIEmbeddings(QUIRKS[provider]);
}

async function rerankCodec(provider: string): Promise<RerankCodec> {
  const { createCohereRerank } = await import("../../rerank/cohere-rerank.ts");
  if (provider === "voyage") return createCohereRerank({ path: "/rerank", resultsField: "top_k" });
  if (provider !== "bedrock") return createCohereRerank();
  return createCohereRerank({ modelInBody: false, extraFields: () => ({ api_version: 2 }) });
}
