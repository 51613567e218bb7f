/** POST /v1/embeddings of Mistral: vectors that follow from the words, so that texts with words in common lie near. */
import { createHash } from "node:crypto";
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, stringOf, stringsOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { extraField, invalidField, invalidModel, mistralError, mistralFailure } from "./mistral-error.ts";
import { embeds } from "./mistral-models.ts";

const FIELDS = new Set(["model", "input", "metadata", "output_dimension", "output_dtype", "encoding_format"]);
const DIMENSIONS = 1024;
const INPUTS_MAX = 256;

export function embedWithMistral({ body }: FakeRequest, world: FakeWorld): Delivery {
  const id = stringOf(body.model);
  const fault = world.takeFault(id);
  if (fault?.action.type === "failure") return { reply: mistralFailure(fault.action.kind, id, fault.retryAfter, world) };
  const model = world.model(id);
  if (model === undefined || !(embeds(model) || fault !== undefined)) throw invalidModel(id);
  const inputs = inputsOf(body);
  const dimensions = dimensionsOf(body, id);
  const tokens = countTokens(inputs);
  const data = inputs.map((text, index) => ({ object: "embedding", embedding: embeddingOf(text, dimensions, body), index }));
  const usage = { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, request_count: null };
  return {
    reply: jsonReply(200, { id: world.id("", 32).toLowerCase(), object: "list", data, model: id, usage }),
    fault: fault?.action.type === "delivery" ? fault.action.how : undefined,
  };
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

function embeddingOf(text: string, dimensions: number, body: JsonObject): readonly number[] | string {
  const vector = vectorOf(text, dimensions);
  return body.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
}

/** Places that one word falls on. */
const PLACES = 6;

/** Each word falls on a few places that its hash chooses; the sum has length 1. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().split(/\s+/u)) {
    const digest = createHash("sha256").update(word).digest();
    for (let at = 0; at < PLACES; at++) {
      const place = digest.readUInt32BE(at * 4) % dimensions;
      vector[place] = (vector[place] ?? 0) + 1 + (digest[24 + at] ?? 0) / 256;
    }
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
