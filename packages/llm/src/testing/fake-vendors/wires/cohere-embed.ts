/**
 * POST /v2/embed. A vector is a function of the text alone: each word falls on a few places that a hash of it chooses, and
 * the sum is brought to length 1, so that texts with words in common are near one another.
 */
import { createHash } from "node:crypto";
import type { JsonObject, JsonValue } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { Delivery } from "../generate.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { cohereModel } from "./cohere.ts";
import { cohereError } from "./cohere-error.ts";

const DIMENSIONS = [256, 512, 1024, 1536] as const;
const DIMENSIONS_DEFAULT = 1536;
const INPUT_TYPES = new Set(["search_document", "search_query", "classification", "clustering", "image"]);
const INPUTS_MAX = 96;

export function embedAtCohere(request: FakeRequest, world: FakeWorld): Delivery {
  const { body } = request;
  cohereModel(request, world);
  if (!INPUT_TYPES.has(stringOf(body.input_type))) {
    throw cohereError("invalid request: valid input_type must be provided with the provided model");
  }
  const inputs = inputsOf(body);
  const types = stringsOf(body.embedding_types ?? ["float"]);
  const dimension = numberOf(body.output_dimension) ?? DIMENSIONS_DEFAULT;
  if (!DIMENSIONS.some((size) => size === dimension)) {
    throw cohereError(`invalid request: output_dimension must be one of ${DIMENSIONS.join(", ")}.`);
  }
  const vectors = inputs.map((text) => vectorOf(text, dimension));
  const embeddings = Object.fromEntries(types.map((type) => [type, vectors.map((vector) => encode(type, vector))]));
  return {
    reply: jsonReply(200, {
      id: world.id("", 24),
      embeddings,
      texts: stringsOf(body.texts ?? []),
      meta: { api_version: { version: "2" }, billed_units: billedUnits(body, inputs) },
      response_type: "embeddings_by_type",
    }),
  };
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

/** Places that one word falls on. */
const PLACES = 8;

function vectorOf(text: string, dimension: number): readonly number[] {
  const vector = new Array<number>(dimension).fill(0);
  for (const word of wordsOf(text)) {
    const digest = createHash("sha256").update(word).digest();
    for (let at = 0; at < PLACES; at++) {
      const place = digest.readUInt16BE(at * 2) % dimension;
      vector[place] = (vector[place] ?? 0) + ((digest[16 + at] ?? 0) % 2 === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** In lower case, without marks; a text of nothing else is a word itself. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
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
