/** POST /api/embed and /api/embeddings. Source: Ollama's API reference, and its server's answers. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { Delivery } from "../generate.ts";
import { listOf, numberOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { vectorsOf } from "./fake-vector.ts";
import { ollamaFailure } from "./ollama.ts";
import { ollamaError, ollamaModel } from "./ollama-checks.ts";
import { plainDelivery } from "./plain-delivery.ts";

const DIMENSIONS = 64;

export function embedWithOllama({ body, path }: FakeRequest, world: FakeWorld): Delivery {
  const model = ollamaModel(body, world);
  return plainDelivery(model.id, world, ollamaFailure, () =>
    path.endsWith("/embeddings") ? embedOne(body) : embedAll(body, model.contextTokens),
  );
}

function embedAll(body: JsonObject, contextTokens: number): JsonObject {
  const inputs = stringsOf(body.input);
  if (Array.isArray(body.input) && inputs.length !== listOf(body.input).length) throw ollamaError(400, "invalid input type");
  const isLong = inputs.some((text) => countTokens([text]) > contextTokens);
  if (isLong && body.truncate === false) throw ollamaError(400, "the input length exceeds the context length");
  return {
    model: stringOf(body.model),
    embeddings: vectorsOf(inputs, numberOf(body.dimensions) ?? DIMENSIONS),
    total_duration: 14_143_917,
    load_duration: 1_019_500,
    prompt_eval_count: countTokens(inputs),
  };
}

function embedOne(body: JsonObject): JsonObject {
  const text = stringOf(body.prompt);
  return { embedding: text === "" ? [] : (vectorsOf([text], DIMENSIONS)[0] ?? []) };
}
