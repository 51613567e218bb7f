/** POST /v2/embed. Source: Cohere's API reference, and the answers of the service. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { cohereModel } from "./cohere.ts";
import { cohereError, cohereFailure } from "./cohere-error.ts";
import { vectorsOf } from "./fake-vector.ts";
import { plainDelivery } from "./plain-delivery.ts";

const DIMENSIONS = [256, 512, 1024, 1536] as const;
const DIMENSIONS_DEFAULT = 1536;
const INPUT_TYPES = new Set(["search_document", "search_query", "classification", "clustering", "image"]);
const INPUTS_MAX = 96;

export function embedAtCohere(request: FakeRequest, world: FakeWorld): Delivery {
  const model = cohereModel(request, world);
  return plainDelivery(model.id, world, cohereFailure, () => answerOf(request.body, model, world));
}

function answerOf(body: JsonObject, model: FakeModel, world: FakeWorld): JsonObject {
  if (!INPUT_TYPES.has(stringOf(body.input_type))) {
    throw cohereError("invalid request: valid input_type must be provided with the provided model");
  }
  const inputs = inputsOf(body);
  checkLengths(inputs, body, model);
  const types = stringsOf(body.embedding_types ?? ["float"]);
  const dimension = numberOf(body.output_dimension) ?? DIMENSIONS_DEFAULT;
  if (!DIMENSIONS.some((size) => size === dimension)) {
    throw cohereError(`invalid request: output_dimension must be one of ${DIMENSIONS.join(", ")}.`);
  }
  const vectors = vectorsOf(inputs, dimension);
  return {
    id: world.id("", 24),
    embeddings: Object.fromEntries(types.map((type) => [type, vectors.map((vector) => encode(type, vector))])),
    texts: stringsOf(body.texts ?? []),
    meta: { api_version: { version: "2" }, billed_units: billedUnits(body, inputs) },
    response_type: "embeddings_by_type",
  };
}

/** Cut at the end unless it is told not to. */
function checkLengths(inputs: readonly string[], { truncate }: JsonObject, { contextTokens }: FakeModel): void {
  const longest = Math.max(...inputs.map((text) => countTokens([text])));
  if (truncate !== "NONE" || longest <= contextTokens) return;
  throw cohereError(
    `invalid request: input contains ${longest} tokens, which exceeds the maximum of ${contextTokens} tokens. Set truncate to START or END to cut it.`,
  );
}

/** `texts`, `images` or `inputs`: exactly one of them. An image is embedded by its address or data. */
function inputsOf(body: JsonObject): readonly string[] {
  const given = ["texts", "images", "inputs"].filter((field) => listOf(body[field]).length > 0);
  if (given.length !== 1) throw cohereError("invalid request: exactly one of texts, images or inputs must be provided.");
  const images = listOf(body.images);
  if (images.length > 0 && body.input_type !== "image")
    throw cohereError("invalid request: images must be used with input_type=image");
  const mixed = objectsOf(body.inputs).map((input) =>
    objectsOf(input.content)
      .map((part) => stringOf(part.text) || stringOf(objectOf(part.image_url).url))
      .join(" "),
  );
  const inputs = [...stringsOf(body.texts ?? []), ...images.map(stringOf), ...mixed];
  if (inputs.length > INPUTS_MAX) {
    throw cohereError(`invalid request: total number of texts must be at most ${INPUTS_MAX} - received ${inputs.length}`);
  }
  const empty = inputs.indexOf("");
  if (empty >= 0) throw cohereError(`invalid request: inputs contains an element that is the empty string at index ${empty}`);
  return inputs;
}

function billedUnits(body: JsonObject, inputs: readonly string[]): JsonObject {
  const images = listOf(body.images).length;
  return images > 0 ? { images, image_tokens: images } : { input_tokens: countTokens(inputs), image_tokens: 0 };
}

function encode(type: string, vector: readonly number[]): JsonValue {
  switch (type) {
    case "float":
      return vector;
    case "int8":
      return vector.map((value) => Math.round(value * 127));
    case "uint8":
      return vector.map((value) => Math.round(value * 127) + 128);
    case "base64":
      return Buffer.from(new Float32Array(vector).buffer).toString("base64");
    case "binary":
      return packedBits(vector).map((byte) => byte - 128);
    case "ubinary":
      return packedBits(vector);
    default:
      throw cohereError(`invalid request: embedding_types contains '${type}', which is not supported.`);
  }
}

/** One bit a place, the first highest. */
function packedBits(vector: readonly number[]): readonly number[] {
  const bytes: number[] = [];
  for (let from = 0; from < vector.length; from += 8) {
    bytes.push(vector.slice(from, from + 8).reduce((byte, value, bit) => byte + (value > 0 ? 128 >> bit : 0), 0));
  }
  return bytes;
}
