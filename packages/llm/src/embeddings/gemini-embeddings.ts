/**
 * Gemini's embeddings: `:batchEmbedContents` at AI Studio; at Vertex AI `:embedContent`, or `:predict` for the models before
 * Gemini Embedding 2. Source: Gemini API, Embeddings; Vertex AI, Text embeddings API; the types of @google/genai.
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
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { contentParts, TASK_TYPES } from "./gemini-content.ts";
import { parseGeminiRequest, renderGeminiResponse } from "./gemini-embeddings-client.ts";
import { leftOut, ownOptions, reportUnsent, textsOf } from "./rendering.ts";
import { noVector, readVector } from "./vector.ts";

export const GEMINI_EMBEDDINGS = "gemini-embeddings";

export interface GeminiEmbeddingsQuirks {
  /** Whose surface it is. Default `ai-studio`. */
  readonly surface?: "ai-studio" | "vertex";
}

/** "BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch" */
const BATCH_INPUTS_MAX = 100;
/** Of `:predict`. "Each request can have up to 250 input texts"; gemini-embedding-001 takes one. */
const PREDICT_INPUTS_MAX = 250;

export function createGeminiEmbeddings({ surface = "ai-studio" }: GeminiEmbeddingsQuirks = {}): EmbeddingCodec {
  const render = surface === "vertex" ? renderForVertex : renderBatch;
  return {
    id: GEMINI_EMBEDDINGS,
    inputsMax(model) {
      if (surface === "ai-studio") return BATCH_INPUTS_MAX;
      return isPredicted(model) && !modelName(model).startsWith("gemini-") ? PREDICT_INPUTS_MAX : 1;
    },
    renderRequest(request) {
      const warnings: Warning[] = [];
      if (request.metadata?.user !== undefined) leftOut(warnings, "metadata.user", "Gemini has no field for a user");
      const { method, body } = render(request, warnings);
      const path = `/models/${encodeURIComponent(modelName(request.model))}:${method}`;
      return { method: "POST", path, headers: {}, body, warnings };
    },
    parseResponse: parseAnswer,
    parseRequest: parseGeminiRequest,
    renderResponse: renderGeminiResponse,
  };
}

interface Rendered {
  readonly method: string;
  readonly body: JsonObject;
}

function renderBatch(request: EmbeddingRequest, warnings: Warning[]): Rendered {
  reportUnsent(request, ["truncate"], GEMINI_EMBEDDINGS, warnings);
  const settings = { ...taskType(request), ...dimensionality(request), ...ownOptions(request, GEMINI_EMBEDDINGS, warnings) };
  const requests = request.inputs.map((input) => ({
    model: `models/${modelName(request.model)}`,
    content: { parts: contentParts(instructed(input, request)) },
    ...settings,
  }));
  return { method: "batchEmbedContents", body: { requests } };
}

function renderForVertex(request: EmbeddingRequest, warnings: Warning[]): Rendered {
  const own = ownOptions(request, GEMINI_EMBEDDINGS, warnings);
  const truncation = request.truncate === undefined ? {} : { autoTruncate: request.truncate };
  if (isPredicted(request.model)) {
    const { taskType: task_type } = taskType(request);
    const instances = textsOf(request, GEMINI_EMBEDDINGS).map((content) => ({
      content,
      ...(task_type === undefined ? {} : { task_type }),
    }));
    const parameters = { ...dimensionality(request), ...truncation, ...own };
    return { method: "predict", body: { instances, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) } };
  }
  const [input = ""] = request.inputs;
  const content = { parts: contentParts(instructed(input, request)) };
  const body = { content, ...taskType(request), ...dimensionality(request), ...truncation, ...own };
  return { method: "embedContent", body };
}

/** Models of Vertex AI that came before `:embedContent`. */
function isPredicted(model: string): boolean {
  return !modelName(model).startsWith("gemini-") || modelName(model) === "gemini-embedding-001";
}

function modelName(model: string): string {
  return model.replace(/^models\//, "");
}

/** Gemini Embedding 2 has no task types: it is told in the text. Source: Gemini API, Embeddings, "task prefixes". */
const INSTRUCTIONS: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "task: search result | query: ",
  document: "title: none | text: ",
  similarity: "task: sentence similarity | query: ",
  classification: "task: classification | query: ",
  clustering: "task: clustering | query: ",
  "code-query": "task: code retrieval | query: ",
  "fact-check": "task: fact checking | query: ",
};

function isInstructed(model: string): boolean {
  return modelName(model).startsWith("gemini-embedding-2");
}

function taskType({ model, purpose }: EmbeddingRequest): { readonly taskType?: string } {
  return purpose === undefined || isInstructed(model) ? {} : { taskType: TASK_TYPES[purpose] };
}

function instructed(input: EmbeddingInput, { model, purpose }: EmbeddingRequest): EmbeddingInput {
  if (purpose === undefined || !isInstructed(model)) return input;
  const words = INSTRUCTIONS[purpose];
  if (typeof input === "string") return words + input;
  const first = input.findIndex((part) => part.type === "text");
  return input.map((part, index) => (index === first && part.type === "text" ? { ...part, text: words + part.text } : part));
}

function dimensionality({ dimensions }: EmbeddingRequest): { readonly outputDimensionality?: number } {
  return dimensions === undefined ? {} : { outputDimensionality: dimensions };
}

function parseAnswer(body: unknown, context: EmbeddingContext): EmbeddingAnswer {
  const answer = isJsonObject(body) ? body : {};
  const rows = rowsOf(answer);
  const cut = rows.filter(({ truncated }) => truncated).length;
  const detail = `${cut} of ${rows.length} inputs were over the limit of ${context.model} and were cut`;
  return {
    origin: originOf(GEMINI_EMBEDDINGS, context, undefined),
    embeddings: rows.map(({ values, place }) => readVector(values, place)),
    usage: usageOf(answer, rows),
    warnings: cut === 0 ? [] : [{ type: "truncated", path: "inputs", detail }],
  };
}

interface AnswerRow {
  readonly values: unknown;
  readonly place: string;
  readonly tokens?: number;
  readonly truncated: boolean;
}

/** One embedding, a list of them, or the predictions of Vertex AI. Throws for none of these. */
function rowsOf({ embedding, embeddings, predictions, truncated }: JsonObject): readonly AnswerRow[] {
  if (isJsonObject(embedding)) return [{ values: embedding.values, place: "embedding.values", truncated: truncated === true }];
  if (Array.isArray(embeddings)) {
    return embeddings.map((row: JsonValue, index) => ({
      values: isJsonObject(row) ? row.values : undefined,
      place: `embeddings[${index}].values`,
      truncated: false,
    }));
  }
  if (Array.isArray(predictions)) return predictions.map(predictionRow);
  throw noVector("the body", "has neither embedding, embeddings nor predictions");
}

function predictionRow(prediction: JsonValue, index: number): AnswerRow {
  const inside = isJsonObject(prediction) && isJsonObject(prediction.embeddings) ? prediction.embeddings : {};
  const statistics = isJsonObject(inside.statistics) ? inside.statistics : {};
  const { token_count: tokens, truncated } = statistics;
  return {
    values: inside.values,
    place: `predictions[${index}].embeddings.values`,
    ...(typeof tokens === "number" ? { tokens } : {}),
    truncated: truncated === true,
  };
}

/** Tokens of the whole answer, or of each prediction; AI Studio's older models tell none. */
function usageOf({ usageMetadata, metadata }: JsonObject, rows: readonly AnswerRow[]): Usage {
  if (isJsonObject(usageMetadata)) {
    const { promptTokenCount: inputTokens } = usageMetadata;
    return { ...(typeof inputTokens === "number" ? { inputTokens } : {}), raw: usageMetadata };
  }
  const raw = metadata === undefined ? {} : { raw: metadata };
  const counts = rows.map(({ tokens }) => tokens).filter((tokens) => tokens !== undefined);
  if (rows.length === 0 || counts.length < rows.length) return raw;
  return { inputTokens: counts.reduce((sum, tokens) => sum + tokens, 0), ...raw };
}
