/** POST /v2/rerank. A document's score is the share of the query's words that it holds. */
import type { JsonObject } from "../../../json.ts";
import type { Delivery } from "../generate.ts";
import { listOf, numberOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { cohereModel } from "./cohere.ts";
import { cohereError, cohereFailure } from "./cohere-error.ts";
import { ranked } from "./fake-vector.ts";
import { plainDelivery } from "./plain-delivery.ts";

/** Documents that make one search unit. Source: docs.cohere.com, "How does Cohere's pricing work". */
const DOCUMENTS_PER_UNIT = 100;

export function rerankAtCohere(request: FakeRequest, world: FakeWorld): Delivery {
  const { id } = cohereModel(request, world);
  return plainDelivery(id, world, cohereFailure, () => answerOf(request.body, world));
}

function answerOf(body: JsonObject, world: FakeWorld): JsonObject {
  const query = stringOf(body.query);
  if (query.trim() === "") throw cohereError("invalid request: query must not be empty or be only whitespace");
  if (listOf(body.documents).length === 0) throw cohereError("invalid request: list of documents must not be empty");
  const documents = stringsOf(body.documents);
  const empty = documents.indexOf("");
  if (empty >= 0) throw cohereError(`invalid request: document at index ${empty} cannot be empty`);
  const most = numberOf(body.top_n) ?? documents.length;
  if (most < 1) throw cohereError("invalid request: top_n must be at least 1.");
  const units = Math.ceil(documents.length / DOCUMENTS_PER_UNIT);
  const meta = { api_version: { version: "2" }, billed_units: { search_units: units } };
  return { id: world.id("", 24), results: ranked(query, documents).slice(0, most), meta };
}
