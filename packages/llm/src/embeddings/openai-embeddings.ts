/**
 * OpenAI's `POST /embeddings`, which most vendors and engines speak. What one of them does otherwise is a quirk, set in its
 * provider beside the source. Source: OpenAI's API reference, Embeddings.
 */
import { originOf } from "../dialect.ts";
import { vendorErrorFrom } from "../dialects/vendor-error.ts";
import type { EmbeddingAnswer, EmbeddingCodec, EmbeddingContext, EmbeddingPurpose, EmbeddingRequest } from "../embedding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { parseOpenAIRequest, renderOpenAIResponse } from "./openai-embeddings-client.ts";
import { leftOut, ownOptions, textsOf } from "./rendering.ts";
import { noVector, readVector, type VectorBytes } from "./vector.ts";

export const OPENAI_EMBEDDINGS = "openai-embeddings";

/** What a vendor of this wire does otherwise than OpenAI. */
export interface OpenAIEmbeddingsQuirks {
  /** Below the provider's base URL. Default `/embeddings`. */
  readonly path?: string;
  /** Most inputs of one request. Default 2048, OpenAI's own. */
  readonly inputsMax?: number | ((model: string) => number);
  /** Asked for in every request that does not ask otherwise. Default: nothing is said, and vectors come as lists. */
  readonly encodingFormat?: "base64" | "float";
  /** What the bytes of base64 are. Default `float32`. */
  readonly vectorBytes?: VectorBytes;
  /** Default `dimensions`. */
  readonly dimensionsField?: "dimensions" | "output_dimension";
  /** False where a `user` is refused or has no meaning. Default true. */
  readonly user?: boolean;
  /** How the vendor is told what the vectors are for; a purpose without a word is left out. Absent: it cannot be told. */
  readonly purpose?: { readonly field: string; readonly words: { readonly [Purpose in EmbeddingPurpose]?: string } };
  /** Fields that have an input over the limit cut, or refused. An empty object: so it is done unasked. Absent: it cannot be said. */
  readonly truncation?: { readonly cut?: JsonObject; readonly refuse?: JsonObject };
}

const INPUTS_MAX = 2048;

export function createOpenAIEmbeddings(quirks: OpenAIEmbeddingsQuirks = {}): EmbeddingCodec {
  const { inputsMax = INPUTS_MAX } = quirks;
  return {
    id: OPENAI_EMBEDDINGS,
    inputsMax: (model) => (typeof inputsMax === "number" ? inputsMax : inputsMax(model)),
    renderRequest(request) {
      const warnings: Warning[] = [];
      const body = renderBody(request, quirks, warnings);
      return { method: "POST", path: quirks.path ?? "/embeddings", headers: {}, body, warnings };
    },
    parseResponse: (body, context) => parseAnswer(body, context, quirks.vectorBytes),
    parseRequest: parseOpenAIRequest,
    renderResponse: renderOpenAIResponse,
  };
}

function renderBody(request: EmbeddingRequest, quirks: OpenAIEmbeddingsQuirks, warnings: Warning[]): JsonObject {
  const { model, dimensions, metadata } = request;
  const { encodingFormat, dimensionsField = "dimensions", user = true } = quirks;
  if (metadata?.user !== undefined && !user) leftOut(warnings, "metadata.user", "the vendor has no field for a user");
  return {
    model,
    input: textsOf(request, OPENAI_EMBEDDINGS),
    ...(encodingFormat === undefined ? {} : { encoding_format: encodingFormat }),
    ...(dimensions === undefined ? {} : { [dimensionsField]: dimensions }),
    ...(metadata?.user === undefined || !user ? {} : { user: metadata.user }),
    ...purposeField(request, quirks, warnings),
    ...truncationFields(request, quirks, warnings),
    ...ownOptions(request, OPENAI_EMBEDDINGS, warnings),
  };
}

function purposeField({ purpose }: EmbeddingRequest, { purpose: told }: OpenAIEmbeddingsQuirks, warnings: Warning[]): JsonObject {
  if (purpose === undefined) return {};
  const word = told?.words[purpose];
  if (told !== undefined && word !== undefined) return { [told.field]: word };
  leftOut(warnings, "purpose", `the vendor has no word for ${purpose}; it was left out`);
  return {};
}

function truncationFields(
  { truncate }: EmbeddingRequest,
  { truncation = {} }: OpenAIEmbeddingsQuirks,
  warnings: Warning[],
): JsonObject {
  if (truncate === undefined) return {};
  const fields = truncate ? truncation.cut : truncation.refuse;
  if (fields !== undefined) return fields;
  leftOut(warnings, "truncate", "the vendor cannot be told what to do with an input over the limit; its own way holds");
  return {};
}

function parseAnswer(body: unknown, context: EmbeddingContext, bytes: VectorBytes | undefined): EmbeddingAnswer {
  if (!isJsonObject(body) || !Array.isArray(body.data)) {
    // Routers tell an upstream's failure under status 200.
    if (isJsonObject(body) && body.error !== undefined) throw vendorErrorFrom(body, undefined, context);
    throw noVector("data", "is no list of embeddings");
  }
  return {
    origin: originOf(OPENAI_EMBEDDINGS, context, body.model),
    embeddings: inOrder(body.data).map((row, index) => readVector(row.embedding, `data[${index}].embedding`, bytes)),
    usage: usageOf(body.usage),
    warnings: [],
  };
}

/** By their `index`, where they have one. Throws for an index that is given twice, or leaves a gap. */
function inOrder(data: readonly JsonValue[]): readonly JsonObject[] {
  const rows = data.map((row, place) => (isJsonObject(row) ? row : { index: place }));
  const ordered = new Array<JsonObject>(rows.length);
  for (const [place, row] of rows.entries()) {
    const index = typeof row.index === "number" ? row.index : place;
    if (!Number.isInteger(index) || index < 0 || index >= rows.length || ordered[index] !== undefined) {
      throw noVector("data", `has ${rows.length} rows and among them a wrong index, ${index}`);
    }
    ordered[index] = row;
  }
  return ordered;
}

/** Voyage tells the total alone. Whatever is read is input. */
function usageOf(usage: JsonValue | undefined): Usage {
  if (!isJsonObject(usage)) return {};
  const { prompt_tokens: read, total_tokens: total } = usage;
  const inputTokens = typeof read === "number" ? read : total;
  return { ...(typeof inputTokens === "number" ? { inputTokens } : {}), raw: usage };
}
