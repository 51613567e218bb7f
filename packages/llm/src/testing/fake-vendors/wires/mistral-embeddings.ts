/** POST /v1/embeddings of Mistral. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { vectorsOf } from "./fake-vector.ts";
import { extraField, invalidField, invalidModel, mistralError, mistralFailure } from "./mistral-error.ts";
import { embeds } from "./mistral-models.ts";
import { plainDelivery } from "./plain-delivery.ts";

const FIELDS = new Set(["model", "input", "metadata", "output_dimension", "output_dtype", "encoding_format"]);
const DIMENSIONS = 1024;
const INPUTS_MAX = 256;

export function embedWithMistral({ body }: FakeRequest, world: FakeWorld): Delivery {
  const id = stringOf(body.model);
  const model = world.model(id);
  if (model === undefined || !(embeds(model) || id.includes("fault-"))) throw invalidModel(id);
  return plainDelivery(id, world, mistralFailure, () => answerOf(body, model, world));
}

function answerOf(body: JsonObject, { id, contextTokens }: FakeModel, world: FakeWorld): JsonObject {
  const inputs = inputsOf(body);
  const dimensions = dimensionsOf(body, id);
  const tokens = countTokens(inputs);
  const longest = Math.max(...inputs.map((text) => countTokens([text])));
  if (longest > contextTokens) {
    const words = `Input id 0 has ${longest} tokens, too large for model with ${contextTokens} maximum context length`;
    throw mistralError(words, "invalid_request_prompt", "3210");
  }
  const data = vectorsOf(inputs, dimensions).map((vector, index) => ({
    object: "embedding",
    embedding: encode(vector, body),
    index,
  }));
  const usage = { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, request_count: null };
  return { id: world.id("", 32).toLowerCase(), object: "list", data, model: id, usage };
}

function inputsOf(body: JsonObject): readonly string[] {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw extraField([unknown], body[unknown]);
  const inputs = stringsOf(body.input);
  if (inputs.length === 0) throw invalidField("missing", ["input"], "Field required", {});
  if (inputs.length > INPUTS_MAX) {
    throw mistralError("Too many inputs in request, split into more batches.", "invalid_request_prompt", "3210");
  }
  return inputs;
}

/** Only the model for code has vectors of other lengths. */
function dimensionsOf(body: JsonObject, model: string): number {
  const asked = numberOf(body.output_dimension);
  if (asked === undefined) return DIMENSIONS;
  if (model.includes("codestral") && asked > 0) return asked;
  throw mistralError("This model does not support output_dimension", "invalid_request_invalid_args", "3051");
}

function encode(vector: readonly number[], body: JsonObject): readonly number[] | string {
  return body.encoding_format === "base64" ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector;
}
