/**
 * Embeddings behind Bedrock's InvokeModel, where each maker has a body of its own: Amazon's Titan and Nova, one input a
 * request, and Cohere. Source: Amazon Bedrock, Amazon Titan Text Embeddings, Titan Multimodal Embeddings, Cohere Embed;
 * Amazon Nova, Complete embeddings request and response schema.
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
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ImagePart } from "../message.ts";
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { COHERE_INPUTS_MAX, parseCohereAnswer, renderCohereBody } from "./cohere-embeddings.ts";
import { leftOut, noImages, ownOptions, reportUnsent } from "./rendering.ts";
import { noVector, readVector } from "./vector.ts";

export const BEDROCK_EMBEDDINGS = "bedrock-embeddings";

type Renderer = (request: EmbeddingRequest, warnings: Warning[]) => JsonObject;

interface Maker {
  /** Part of the model's id, behind the region of an inference profile. */
  readonly model: RegExp;
  readonly inputsMax: number;
  readonly render: Renderer;
  readonly parse: (body: unknown, context: EmbeddingContext) => EmbeddingAnswer;
}

const MAKERS: readonly Maker[] = [
  { model: /amazon\.titan-embed-image/, inputsMax: 1, render: renderTitanImage, parse: parseTitan },
  { model: /amazon\.titan-embed/, inputsMax: 1, render: renderTitan, parse: parseTitan },
  { model: /amazon\.nova-.*embed/, inputsMax: 1, render: renderNova, parse: parseNova },
  {
    model: /cohere\.embed/,
    inputsMax: COHERE_INPUTS_MAX,
    render: renderCohere,
    parse: (body, context) => parseCohereAnswer(body, context, BEDROCK_EMBEDDINGS),
  },
];

export function createBedrockEmbeddings(): EmbeddingCodec {
  return {
    id: BEDROCK_EMBEDDINGS,
    inputsMax: (model) => makerOf(model).inputsMax,
    renderRequest(request) {
      const warnings: Warning[] = [];
      if (request.metadata?.user !== undefined) leftOut(warnings, "metadata.user", "Bedrock has no field for a user");
      const body = makerOf(request.model).render(request, warnings);
      return { method: "POST", path: `/model/${encodeURIComponent(request.model)}/invoke`, headers: {}, body, warnings };
    },
    parseResponse: (body, context) => makerOf(context.model).parse(body, context),
  };
}

function makerOf(model: string): Maker {
  const maker = MAKERS.find((one) => one.model.test(model));
  if (maker !== undefined) return maker;
  throw new DragomanError({
    code: "unsupported",
    field: "model",
    detail: `how ${model} is asked for vectors behind Bedrock is not known`,
    advice: "use an embedding model of Amazon Titan, Amazon Nova or Cohere",
  });
}

function onlyInput({ inputs }: EmbeddingRequest): EmbeddingInput {
  return inputs[0] ?? "";
}

/** The text of an input, and its image where it may have one. Throws `unsupported` for what does not fit. */
function textAndImage(input: EmbeddingInput, model: string, takesImage: boolean): { text?: string; image?: ImagePart } {
  if (typeof input === "string") return { text: input };
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const [image, ...others] = input.flatMap((part) => (part.type === "image" ? [part] : []));
  if (image !== undefined && (!takesImage || others.length > 0 || image.source.type !== "data")) {
    throw noImages(model, BEDROCK_EMBEDDINGS, 0);
  }
  return { ...(texts.length === 0 ? {} : { text: texts.join("\n") }), ...(image === undefined ? {} : { image }) };
}

function dataOf({ source }: ImagePart): string {
  return source.type === "data" ? source.data : "";
}

// Titan. It refuses an input over the limit.

function renderTitan(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  const { text = "" } = textAndImage(onlyInput(request), request.model, false);
  reportUnsent(request, ["purpose"], "Titan", warnings);
  if (request.truncate === true) leftOut(warnings, "truncate", "Titan refuses an input over the limit");
  const isFirst = request.model.includes("titan-embed-text-v1") || request.model.includes("titan-embed-g1");
  if (isFirst) reportUnsent(request, ["dimensions"], "Titan Text Embeddings G1", warnings);
  return {
    inputText: text,
    ...(request.dimensions === undefined || isFirst ? {} : { dimensions: request.dimensions }),
    ...ownOptions(request, BEDROCK_EMBEDDINGS, warnings),
  };
}

function renderTitanImage(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  const { text, image } = textAndImage(onlyInput(request), request.model, true);
  reportUnsent(request, ["purpose"], "Titan", warnings);
  if (request.truncate === true) leftOut(warnings, "truncate", "Titan refuses an input over the limit");
  return {
    ...(text === undefined ? {} : { inputText: text }),
    ...(image === undefined ? {} : { inputImage: dataOf(image) }),
    ...(request.dimensions === undefined ? {} : { embeddingConfig: { outputEmbeddingLength: request.dimensions } }),
    ...ownOptions(request, BEDROCK_EMBEDDINGS, warnings),
  };
}

function parseTitan(body: unknown, context: EmbeddingContext): EmbeddingAnswer {
  const { embedding, embeddingsByType, inputTextTokenCount: counted } = isJsonObject(body) ? body : {};
  const byType = isJsonObject(embeddingsByType) ? embeddingsByType : {};
  const usage: Usage = typeof counted === "number" ? { inputTokens: counted } : tokensInHeader(context);
  return answered(context, [embedding ?? byType.float ?? byType.binary], usage);
}

// Nova

const NOVA_PURPOSES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "GENERIC_RETRIEVAL",
  document: "GENERIC_INDEX",
  similarity: "GENERIC_INDEX",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  "code-query": "GENERIC_RETRIEVAL",
  "fact-check": "GENERIC_RETRIEVAL",
};

/** The purpose and how to cut a text are required: what is said to be for nothing in particular is indexed, and not cut. */
function renderNova(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  const { dimensions, purpose = "document", truncate = false } = request;
  const { text, image } = textAndImage(onlyInput(request), request.model, true);
  if (text !== undefined && image !== undefined) throw noImages(request.model, "Nova's schema beside a text", 0);
  if (purpose === "similarity" || purpose === "code-query" || purpose === "fact-check") {
    const detail = `Nova has no word for ${purpose}; it was told ${NOVA_PURPOSES[purpose]}`;
    warnings.push({ type: "lossy", path: "purpose", detail });
  }
  const singleEmbeddingParams = {
    embeddingPurpose: NOVA_PURPOSES[purpose],
    ...(dimensions === undefined ? {} : { embeddingDimension: dimensions }),
    ...(text === undefined ? {} : { text: { truncationMode: truncate ? "END" : "NONE", value: text } }),
    ...(image === undefined ? {} : { image: novaImage(image) }),
  };
  return { taskType: "SINGLE_EMBEDDING", singleEmbeddingParams, ...ownOptions(request, BEDROCK_EMBEDDINGS, warnings) };
}

function novaImage(image: ImagePart): JsonObject {
  const format = (image.mediaType ?? "image/png").replace(/^image\//, "");
  return { format, source: { bytes: dataOf(image) } };
}

function parseNova(body: unknown, context: EmbeddingContext): EmbeddingAnswer {
  const rows = isJsonObject(body) && Array.isArray(body.embeddings) ? body.embeddings.filter(isJsonObject) : [];
  const { inputTokenCount: counted } = isJsonObject(body) ? body : {};
  const usage: Usage = typeof counted === "number" ? { inputTokens: counted } : tokensInHeader(context);
  const answer = answered(
    context,
    rows.map((row) => row.embedding),
    usage,
  );
  if (rows.every((row) => row.truncatedCharLength === undefined)) return answer;
  return { ...answer, warnings: [{ type: "truncated", path: "inputs", detail: "the text was over the limit and was cut" }] };
}

// Cohere: the model stands in the path

function renderCohere(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  return renderCohereBody(request, BEDROCK_EMBEDDINGS, warnings);
}

// What all answers share

function answered(context: EmbeddingContext, rows: readonly (JsonValue | undefined)[], usage: Usage): EmbeddingAnswer {
  if (rows.length === 0) throw noVector("embeddings", "holds no vectors");
  return {
    origin: originOf(BEDROCK_EMBEDDINGS, context, undefined),
    embeddings: rows.map((row, index) => readVector(row, `embeddings[${index}]`)),
    usage,
    warnings: [],
  };
}

function tokensInHeader({ headers }: EmbeddingContext): Usage {
  const told = Number(headers?.["x-amzn-bedrock-input-token-count"] ?? Number.NaN);
  return Number.isInteger(told) ? { inputTokens: told } : {};
}
