/** POST /v1/embeddings of the servers that follow OpenAI. Source: OpenAI's API reference, Embeddings, and its answers. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import { listOf, numberOf, stringOf, stringsOf } from "../json-reading.ts";
import type { Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { vectorsOf } from "./fake-vector.ts";
import { openAiError } from "./openai-error.ts";
import { type FailureWriter, plainDelivery } from "./plain-delivery.ts";

/** What one server does in its own way. */
export interface EmbeddingsFlavour {
  readonly failure: FailureWriter;
  readonly unknownModel: (id: string) => Refusal;
  /** Most inputs in one request. */
  readonly inputsMax: number;
  readonly tooMany: (count: number) => Refusal;
  /** For an input over the model's window. Absent: it is cut. */
  readonly tooLong?: (tokens: number, most: number) => Refusal;
  /** Whether the body asks for an input over the window to be cut. */
  readonly cuts?: (body: JsonObject) => boolean;
  /** Length of a vector. Default 64. */
  readonly dimensions?: number;
  /** Fields that are taken, where others are refused. */
  readonly fields?: ReadonlySet<string>;
  /** How the vector is written. Default: as numbers, or in base64 where that is asked for. */
  readonly write?: (vector: readonly number[], body: JsonObject) => readonly number[] | string;
  /** Fields beside the counts. */
  readonly usage?: (tokens: number) => JsonObject;
}

const DIMENSIONS = 64;

/** A flavour of a server whose chat is known. */
export function embeddingsLike(
  chat: Pick<ChatFlavour, "failure" | "unknownModel">,
  rest: Partial<EmbeddingsFlavour> = {},
): EmbeddingsFlavour {
  return {
    failure: chat.failure,
    unknownModel: chat.unknownModel,
    inputsMax: 2048,
    tooMany: () => openAiError("'input' array must have 2048 elements or less."),
    tooLong: (tokens, most) =>
      openAiError(
        `This model's maximum context length is ${most} tokens, however you requested ${tokens} tokens (${tokens} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
      ),
    ...rest,
  };
}

export function embeddingsRoute(flavour: EmbeddingsFlavour, path: RegExp = /^\/v1\/embeddings$/): Route {
  return {
    method: "POST",
    path,
    handle: ({ body }, world) => {
      const id = stringOf(body.model);
      const { contextTokens } = embeddingModel(id, flavour, world);
      return plainDelivery(id, world, flavour.failure, () => answerOf(body, contextTokens, flavour));
    },
  };
}

/** A name with `embed` in it, or one that asks for a fault. */
function embeddingModel(id: string, flavour: EmbeddingsFlavour, world: FakeWorld) {
  const model = world.model(id);
  if (model === undefined) throw flavour.unknownModel(id);
  if (/embed|bge|\be5-|fault-/i.test(id)) return model;
  throw openAiError("You are not allowed to generate embeddings from this model", { status: 403 });
}

function answerOf(body: JsonObject, contextTokens: number, flavour: EmbeddingsFlavour): JsonObject {
  const inputs = inputsOf(body, contextTokens, flavour);
  const dimensions = numberOf(body.dimensions) ?? flavour.dimensions ?? DIMENSIONS;
  if (!Number.isInteger(dimensions) || dimensions < 1) throw openAiError("'dimensions' must be above 0", { param: "dimensions" });
  const write = flavour.write ?? plainOrBase64;
  const tokens = countTokens(inputs);
  return {
    object: "list",
    data: vectorsOf(inputs, dimensions).map((vector, index) => ({
      object: "embedding",
      index,
      embedding: write(vector, body),
    })),
    model: stringOf(body.model),
    usage: { prompt_tokens: tokens, total_tokens: tokens, ...flavour.usage?.(tokens) },
  };
}

function inputsOf(body: JsonObject, contextTokens: number, flavour: EmbeddingsFlavour): readonly string[] {
  const unknown = flavour.fields === undefined ? undefined : Object.keys(body).find((field) => !flavour.fields?.has(field));
  if (unknown !== undefined) throw openAiError(`Unrecognized request argument supplied: ${unknown}`);
  const inputs = stringsOf(body.input);
  const given = Array.isArray(body.input) ? listOf(body.input).length : 1;
  if (inputs.length === 0 || inputs.length !== given || inputs.includes("")) {
    throw openAiError("'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.");
  }
  if (inputs.length > flavour.inputsMax) throw flavour.tooMany(inputs.length);
  if (flavour.cuts?.(body) === true) return inputs;
  const longest = Math.max(...inputs.map((text) => countTokens([text])));
  if (longest > contextTokens && flavour.tooLong !== undefined) throw flavour.tooLong(longest, contextTokens);
  return inputs;
}

function plainOrBase64(vector: readonly number[], { encoding_format: format }: JsonObject): readonly number[] | string {
  return format === "base64" ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector;
}
