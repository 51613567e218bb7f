/** :predict and :embedContent of Vertex AI. Source: Vertex AI, Text embeddings API. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { FakeWorld } from "../world.ts";
import { vectorsOf } from "./fake-vector.ts";
import { dimensionsOf, GEMINI_TASKS } from "./gemini-embeddings.ts";
import { geminiError } from "./gemini-error.ts";
import { type FailureWriter, plainDelivery } from "./plain-delivery.ts";

const INSTANCES_MAX = 250;

export function embedAtVertex(
  body: JsonObject,
  model: FakeModel,
  method: string,
  failure: FailureWriter,
  world: FakeWorld,
): Delivery {
  return plainDelivery(model.id, world, failure, () => (method === "predict" ? predict(body, model) : embedContent(body, model)));
}

function predict(body: JsonObject, model: FakeModel): JsonObject {
  const instances = objectsOf(body.instances);
  const most = model.id === "gemini-embedding-001" ? 1 : INSTANCES_MAX;
  if (instances.length === 0 || instances.length > most) {
    throw geminiError(`Invalid argument: ${instances.length} instance(s) is not allowed. Max allowed: ${most} instance(s)`);
  }
  for (const { task_type: task } of instances) {
    if (task !== undefined && !GEMINI_TASKS.has(stringOf(task))) throw geminiError(`Unknown task_type ${stringOf(task)}.`);
  }
  const parameters = objectOf(body.parameters);
  const texts = instances.map((instance) => stringOf(instance.content));
  if (texts.includes("")) throw geminiError("The text content is empty.");
  const cut = texts.map((text) => isCut(text, model, parameters.autoTruncate));
  const predictions = vectorsOf(texts, dimensionsOf(parameters)).map((values, index) => ({
    embeddings: { values, statistics: { truncated: cut[index] === true, token_count: countTokens([texts[index] ?? ""]) } },
  }));
  return { predictions, metadata: { billableCharacterCount: texts.join("").length } };
}

function embedContent(body: JsonObject, model: FakeModel): JsonObject {
  const text = objectsOf(objectOf(body.content).parts)
    .map((part) => stringOf(part.text) || stringOf(objectOf(part.inlineData).data))
    .join("\n");
  if (text === "") throw geminiError("content is required.");
  const truncated = isCut(text, model, body.autoTruncate);
  const [values] = vectorsOf([text], dimensionsOf(body));
  const tokens = countTokens([text]);
  const usageMetadata = { promptTokenCount: tokens, totalTokenCount: tokens };
  return { ...(values === undefined ? {} : { embedding: { values } }), usageMetadata, truncated };
}

/** Cut in silence unless it is told not to. */
function isCut(text: string, { contextTokens }: FakeModel, autoTruncate: unknown): boolean {
  const tokens = countTokens([text]);
  if (tokens <= contextTokens || autoTruncate !== false) return tokens > contextTokens;
  throw geminiError(`The input token count (${tokens}) exceeds the maximum number of tokens allowed (${contextTokens}).`);
}
