/** …:batchEmbedContents and :embedContent of AI Studio. Source: Gemini API, Embeddings, and the service's answers. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { vectorsOf } from "./fake-vector.ts";
import { geminiError, geminiFailure } from "./gemini-error.ts";
import { plainDelivery } from "./plain-delivery.ts";

export const GEMINI_EMBED_PATH = /^\/v1(?:beta)?\/models\/([^/]+):(embedContent|batchEmbedContents)$/;

export const GEMINI_TASKS: ReadonlySet<string> = new Set([
  "TASK_TYPE_UNSPECIFIED",
  "RETRIEVAL_QUERY",
  "RETRIEVAL_DOCUMENT",
  "SEMANTIC_SIMILARITY",
  "CLASSIFICATION",
  "CLUSTERING",
  "QUESTION_ANSWERING",
  "FACT_VERIFICATION",
  "CODE_RETRIEVAL_QUERY",
]);

const BATCH_MAX = 100;
const DIMENSIONS = 64;
export const DIMENSIONS_MAX = 3072;

export function embedWithGemini(request: FakeRequest, world: FakeWorld): Delivery {
  const [, name = "", method = ""] = GEMINI_EMBED_PATH.exec(request.path) ?? [];
  const id = decodeURIComponent(name);
  if (world.model(id) === undefined || !/embed|fault-/.test(id)) {
    throw geminiError(
      `models/${id} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
      404,
    );
  }
  return plainDelivery(id, world, geminiFailure, () => answerOf(request.body, id, method === "batchEmbedContents"));
}

function answerOf(body: JsonObject, model: string, isBatch: boolean): JsonObject {
  const requests = isBatch ? objectsOf(body.requests) : [body];
  if (requests.length === 0) throw geminiError("* BatchEmbedContentsRequest.requests: must not be empty");
  if (requests.length > BATCH_MAX) {
    throw geminiError("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch");
  }
  const texts = requests.map((one, index) => textOf(one, model, isBatch ? index : undefined));
  const dimensions = dimensionsOf(requests[0] ?? {});
  const embeddings = vectorsOf(texts, dimensions).map((values) => ({ values }));
  const tokens = countTokens(texts);
  const usage = { usageMetadata: { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] } };
  return { ...(isBatch ? { embeddings } : { embedding: embeddings[0] ?? {} }), ...(model.includes("-2") ? usage : {}) };
}

function textOf(request: JsonObject, model: string, index: number | undefined): string {
  const place = index === undefined ? "EmbedContentRequest" : `BatchEmbedContentsRequest.requests[${index}]`;
  if (index !== undefined && request.model !== `models/${model}`) {
    throw geminiError(`* ${place}.model: model name must match the name in the URL`);
  }
  const task = request.taskType;
  if (task !== undefined && !GEMINI_TASKS.has(stringOf(task))) {
    throw geminiError(
      `Invalid value at 'task_type' (type.googleapis.com/google.ai.generativelanguage.v1beta.TaskType), "${stringOf(task)}"`,
    );
  }
  const parts = objectsOf(objectOf(request.content).parts);
  if (parts.length === 0) throw geminiError(`* ${place}.content: contents is not specified`);
  return parts.map((part) => stringOf(part.text) || stringOf(objectOf(part.inlineData).data)).join("\n");
}

export function dimensionsOf(settings: JsonObject): number {
  const dimensions = numberOf(settings.outputDimensionality) ?? DIMENSIONS;
  if (Number.isInteger(dimensions) && dimensions > 0 && dimensions <= DIMENSIONS_MAX) return dimensions;
  throw geminiError(`outputDimensionality must be between 1 and ${DIMENSIONS_MAX}`);
}
