/**
 * Cohere's `POST /v2/embed`, and the same body behind Bedrock. Source: Cohere's API reference, Embed API (v2).
 */
import { originOf } from "../dialect.ts";
import type {
  EmbeddingAnswer,
  EmbeddingCodec,
  EmbeddingContext,
  EmbeddingInput,
  EmbeddingPurpose,
  EmbeddingRequest,
} from "../embedding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ImagePart } from "../message.ts";
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { hasImage, leftOut, noImages, ownOptions } from "./rendering.ts";
import { noVector, readVector } from "./vector.ts";

export const COHERE_EMBEDDINGS = "cohere-embeddings";

/** "Maximum number of texts per call is 96." */
export const COHERE_INPUTS_MAX = 96;

export function createCohereEmbeddings(): EmbeddingCodec {
  return {
    id: COHERE_EMBEDDINGS,
    inputsMax: () => COHERE_INPUTS_MAX,
    renderRequest(request) {
      const warnings: Warning[] = [];
      const body = { model: request.model, ...renderCohereBody(request, COHERE_EMBEDDINGS, warnings) };
      return { method: "POST", path: "/v2/embed", headers: {}, body, warnings };
    },
    parseResponse: (body, context) => parseCohereAnswer(body, context, COHERE_EMBEDDINGS),
  };
}

/** Without the model. `codec` names whose options are laid over. */
export function renderCohereBody(request: EmbeddingRequest, codec: string, warnings: Warning[]): JsonObject {
  const { dimensions, truncate, metadata } = request;
  if (metadata?.user !== undefined) leftOut(warnings, "metadata.user", "Cohere has no field for a user");
  return {
    ...renderInputs(request, warnings),
    embedding_types: ["float"],
    ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
    ...(truncate === undefined ? {} : { truncate: truncate ? "END" : "NONE" }),
    ...ownOptions(request, codec, warnings),
  };
}

const INPUT_TYPES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "search_query",
  document: "search_document",
  similarity: "search_document",
  classification: "classification",
  clustering: "clustering",
  "code-query": "search_query",
  "fact-check": "search_query",
};

/** Purposes whose word is another one's. */
const NEAREST: ReadonlySet<EmbeddingPurpose> = new Set(["similarity", "code-query", "fact-check"]);

/** The field is required: what is said to be for nothing in particular is taken for a document. */
function inputType({ purpose = "document" }: EmbeddingRequest, warnings: Warning[]): string {
  const word = INPUT_TYPES[purpose];
  if (NEAREST.has(purpose)) {
    warnings.push({ type: "lossy", path: "purpose", detail: `Cohere has no word for ${purpose}; it was told ${word}` });
  }
  return word;
}

/** Texts alone, images alone, or `inputs` that mix the two, which embed-v4 and newer take. */
function renderInputs(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  const { inputs, model } = request;
  if (!inputs.some(hasImage)) return { texts: inputs.map(textOf), input_type: inputType(request, warnings) };
  if (takesMixed(model)) {
    return { inputs: inputs.map((input) => ({ content: contentOf(input) })), input_type: inputType(request, warnings) };
  }
  const images = inputs.map((input, index) => {
    const [only] = typeof input === "string" ? [] : input;
    if (only?.type !== "image" || input.length > 1) throw noImages(model, "Cohere's wire beside a text", index);
    return imageUrl(only);
  });
  if (request.purpose !== undefined) leftOut(warnings, "purpose", "Cohere tells images apart from texts alone");
  return { images, input_type: "image" };
}

/** Embed v3 takes one image a call and no mixture. */
function takesMixed(model: string): boolean {
  return !/embed-[a-z-]+-v[123]/.test(model);
}

function textOf(input: EmbeddingInput): string {
  if (typeof input === "string") return input;
  return input.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

function contentOf(input: EmbeddingInput): readonly JsonObject[] {
  if (typeof input === "string") return [{ type: "text", text: input }];
  return input.map((part) =>
    part.type === "text" ? { type: "text", text: part.text } : { type: "image_url", image_url: { url: imageUrl(part) } },
  );
}

function imageUrl({ source, mediaType = "image/png" }: ImagePart): string {
  if (source.type === "data") return `data:${mediaType};base64,${source.data}`;
  return source.type === "url" ? source.url : source.id;
}

/** Of the types that may come, the fullest that a list of numbers can carry. */
const TYPES = ["float", "base64", "int8", "uint8", "binary", "ubinary"] as const;

export function parseCohereAnswer(body: unknown, context: EmbeddingContext, codec: string): EmbeddingAnswer {
  const answer = isJsonObject(body) ? body : {};
  return {
    origin: originOf(codec, context, undefined),
    embeddings: rowsOf(answer.embeddings).map((row, index) => readVector(row, `embeddings[${index}]`)),
    usage: usageOf(answer.meta, context),
    warnings: [],
  };
}

/** By type; older models behind Bedrock answer with the bare list. */
function rowsOf(embeddings: JsonValue | undefined): readonly unknown[] {
  if (Array.isArray(embeddings)) return embeddings;
  const byType = isJsonObject(embeddings) ? embeddings : {};
  const found = TYPES.map((type) => byType[type]).find((rows) => Array.isArray(rows));
  if (Array.isArray(found)) return found;
  throw noVector("embeddings", "holds no vectors");
}

/** Tokens of texts and of images. Behind Bedrock a header tells them. */
function usageOf(meta: JsonValue | undefined, { headers }: EmbeddingContext): Usage {
  const billed = isJsonObject(meta) && isJsonObject(meta.billed_units) ? meta.billed_units : undefined;
  const told = Number(headers?.["x-amzn-bedrock-input-token-count"] ?? Number.NaN);
  if (billed === undefined) return Number.isInteger(told) ? { inputTokens: told } : {};
  const counts = [billed.input_tokens, billed.image_tokens].filter((count) => typeof count === "number");
  const inputTokens = counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
  return { ...(inputTokens === undefined ? {} : { inputTokens }), raw: billed };
}
