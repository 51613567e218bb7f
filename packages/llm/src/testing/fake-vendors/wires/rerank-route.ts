/** POST /v1/rerank of the servers that follow Cohere and Jina. A document's score is the share of the query's words in it. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import { listOf, numberOf, stringOf, stringsOf } from "../json-reading.ts";
import type { Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { ranked } from "./fake-vector.ts";
import { openAiError } from "./openai-error.ts";
import { type FailureWriter, plainDelivery } from "./plain-delivery.ts";

export interface RerankFlavour {
  readonly failure: FailureWriter;
  readonly unknownModel: (id: string) => Refusal;
  /** Where the results stand. Default `results`. */
  readonly list?: "results" | "data";
  /** Default: prompt and total tokens. */
  readonly usage?: (tokens: number) => JsonObject;
}

export function rerankRoute(flavour: RerankFlavour): Route {
  return {
    method: "POST",
    path: /^\/v1\/rerank$/,
    handle: ({ body }, world) => {
      const id = stringOf(body.model);
      const model = world.model(id);
      if (model === undefined) throw flavour.unknownModel(id);
      if (!/rerank|-rank-|fault-/i.test(id)) {
        throw openAiError("This server does not support reranking", { status: 501, type: "not_supported_error", code: 501 });
      }
      return plainDelivery(id, world, flavour.failure, () => answerOf(body, flavour));
    },
  };
}

function answerOf(body: JsonObject, { list = "results", usage }: RerankFlavour): JsonObject {
  const query = stringOf(body.query);
  const documents = stringsOf(body.documents);
  if (query === "") throw openAiError('"query" must be provided', { param: "query" });
  if (documents.length === 0 || documents.length !== listOf(body.documents).length) {
    throw openAiError('"documents" must be a non-empty string array', { param: "documents" });
  }
  // Each document is read beside the query.
  const tokens = countTokens(documents) + documents.length * countTokens([query]);
  return {
    model: stringOf(body.model),
    object: "list",
    [list]: ranked(query, documents).slice(0, numberOf(body.top_n) ?? documents.length),
    usage: usage?.(tokens) ?? { prompt_tokens: tokens, total_tokens: tokens },
  };
}
