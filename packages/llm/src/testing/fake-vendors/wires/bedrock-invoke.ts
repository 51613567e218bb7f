/**
 * POST /model/{id}/invoke, for vectors and ranks: the body of each maker. Source: Amazon Bedrock, Amazon Titan Text
 * Embeddings, Cohere Embed, Rerank; Amazon Nova, Complete embeddings request and response schema; answers of the service.
 */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, objectOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { bedrockError, bedrockFailure } from "./bedrock-error.ts";
import { ranked, vectorsOf } from "./fake-vector.ts";
import { plainDelivery } from "./plain-delivery.ts";

export const INVOKE_PATH = /^\/model\/([^/]+)\/invoke$/;

const DIMENSIONS = 64;
const COHERE_INPUTS_MAX = 96;

interface Invoked {
  readonly body: JsonObject;
  /** In the header `x-amzn-bedrock-input-token-count`. */
  readonly tokens: number;
}

type Maker = (body: JsonObject, model: FakeModel) => Invoked;

const MAKERS: readonly (readonly [RegExp, Maker])[] = [
  [/amazon\.titan-embed|^fault-/, titan],
  [/amazon\.nova-.*embed/, nova],
  [/cohere\.embed/, cohereEmbed],
  [/\.rerank/, rerank],
];

export function invokeAtBedrock({ path, body }: FakeRequest, world: FakeWorld): Delivery {
  const id = decodeURIComponent(INVOKE_PATH.exec(path)?.[1] ?? "");
  const model = world.model(id);
  const maker = MAKERS.find(([pattern]) => pattern.test(id))?.[1];
  if (model === undefined || maker === undefined) throw bedrockError("The provided model identifier is invalid.", 400);
  // A fault may be asked of either: what is asked tells which.
  const work = body.documents !== undefined ? rerank : body.texts !== undefined ? cohereEmbed : maker;
  let tokens = 0;
  const delivery = plainDelivery(id, world, bedrockFailure, () => {
    const invoked = work(body, model);
    tokens = invoked.tokens;
    return invoked.body;
  });
  const headers = { ...delivery.reply.headers, "x-amzn-bedrock-input-token-count": String(tokens) };
  return tokens === 0 ? delivery : { ...delivery, reply: { ...delivery.reply, headers } };
}

function refuseFields(body: JsonObject, known: readonly string[]): void {
  const extra = Object.keys(body).find((field) => !known.includes(field));
  if (extra === undefined) return;
  throw bedrockError(
    `Malformed input request: #: extraneous key [${extra}] is not permitted, please reformat your input and try again.`,
  );
}

function checkLength(text: string, most: number): void {
  const tokens = countTokens([text]);
  if (tokens > most) {
    throw bedrockError(
      `400 Bad Request: Too many input tokens. Max input tokens: ${most}, request input token count: ${tokens} `,
    );
  }
}

function titan(body: JsonObject, { id, contextTokens }: FakeModel): Invoked {
  refuseFields(body, id.includes("-v1") ? ["inputText"] : ["inputText", "dimensions", "normalize", "embeddingTypes"]);
  const text = stringOf(body.inputText);
  if (text === "")
    throw bedrockError("Malformed input request: expected minLength: 1, actual: 0, please reformat your input and try again.");
  checkLength(text, contextTokens);
  const [embedding] = vectorsOf([text], numberOf(body.dimensions) ?? DIMENSIONS);
  const tokens = countTokens([text]);
  return { body: { ...(embedding === undefined ? {} : { embedding }), inputTextTokenCount: tokens }, tokens };
}

const NOVA_DIMENSIONS = [256, 384, 1024, 3072];

function nova(body: JsonObject, { contextTokens }: FakeModel): Invoked {
  const { embeddingPurpose, embeddingDimension = 3072, text } = objectOf(body.singleEmbeddingParams);
  const { value, truncationMode } = objectOf(text);
  if (body.taskType !== "SINGLE_EMBEDDING" || stringOf(embeddingPurpose) === "" || stringOf(truncationMode) === "") {
    throw bedrockError("Malformed input request: required key is missing, please reformat your input and try again.");
  }
  const dimensions = numberOf(embeddingDimension) ?? 0;
  if (!NOVA_DIMENSIONS.includes(dimensions))
    throw bedrockError(`Malformed input request: ${dimensions} is not a valid enum value`);
  const words = stringOf(value);
  if (truncationMode === "NONE") checkLength(words, contextTokens);
  const embeddings = vectorsOf([words], dimensions).map((embedding) => ({ embeddingType: "TEXT", embedding }));
  return { body: { embeddings }, tokens: countTokens([words]) };
}

function cohereEmbed(body: JsonObject, { id, contextTokens }: FakeModel): Invoked {
  refuseFields(body, [
    "texts",
    "images",
    "inputs",
    "input_type",
    "truncate",
    "embedding_types",
    "output_dimension",
    "max_tokens",
  ]);
  const texts = stringsOf(body.texts);
  if (texts.length === 0 || texts.length > COHERE_INPUTS_MAX || stringOf(body.input_type) === "") {
    throw bedrockError("Malformed input request: #/texts: expected 1 to 96 items, please reformat your input and try again.");
  }
  if (body.truncate === "NONE") for (const text of texts) checkLength(text, contextTokens);
  const vectors = vectorsOf(texts, numberOf(body.output_dimension) ?? DIMENSIONS);
  const embeddings = body.embedding_types === undefined ? vectors : { float: vectors };
  return { body: { embeddings, id: `fake-${id}`, response_type: "embeddings_by_type", texts }, tokens: countTokens(texts) };
}

function rerank(body: JsonObject, { id }: FakeModel): Invoked {
  if (id.includes("cohere.") && numberOf(body.api_version) !== 2) {
    throw bedrockError(
      "Malformed input request: #: required key [api_version] not found, please reformat your input and try again.",
    );
  }
  const documents = stringsOf(body.documents);
  const results = ranked(stringOf(body.query), documents).slice(0, numberOf(body.top_n) ?? documents.length);
  return { body: { results }, tokens: 0 };
}
