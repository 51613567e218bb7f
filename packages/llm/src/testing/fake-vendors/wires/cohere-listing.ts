/** GET /v1/models, in pages, and POST /v1/tokenize. */
import type { JsonObject } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import { textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { cohereModel } from "./cohere.ts";
import { seesImages } from "./cohere-checks.ts";
import { cohereError } from "./cohere-error.ts";

const PAGE_SIZE = 20;

/** The token of a page is the number of its first row. */
export function listCohereModels(request: FakeRequest, world: FakeWorld): Delivery {
  const size = Number(request.query.get("page_size") ?? PAGE_SIZE);
  const first = Number(request.query.get("page_token") ?? 0);
  if (!(size >= 1 && size <= 1000)) throw cohereError("invalid request: page_size must be between 1 and 1000.");
  const rows = world.models.map(cohereModelRow);
  const next = first + size < rows.length ? { next_page_token: String(first + size) } : {};
  return { reply: jsonReply(200, { models: rows.slice(first, first + size), ...next }) };
}

export function cohereModelRow(model: FakeModel): JsonObject {
  const endpoint = /^(embed|rerank)-/.exec(model.id)?.[1] ?? "chat";
  return {
    name: model.id,
    endpoints: [endpoint],
    finetuned: false,
    context_length: model.contextTokens,
    tokenizer_url: `https://storage.googleapis.com/cohere-public/tokenizers/${model.id}.json`,
    features: endpoint === "chat" ? featuresOf(model) : null,
    default_endpoints: [],
  };
}

function featuresOf(model: FakeModel): readonly string[] {
  return [
    "json_mode",
    "json_schema",
    "strict_tools",
    "safety_modes",
    ...(model.tools ? ["tools", "tool_choice"] : []),
    ...(model.reasoning === "no" ? [] : ["reasoning"]),
    ...(seesImages(model) ? ["vision"] : []),
    "citations",
  ];
}

const TEXT_CHARACTERS_MAX = 65_536;

export function tokenizeAtCohere(request: FakeRequest, world: FakeWorld): Delivery {
  cohereModel(request, world);
  const text = stringOf(request.body.text);
  if (text === "") throw cohereError("invalid request: required 'text' param is missing or empty.");
  if (text.length > TEXT_CHARACTERS_MAX) {
    throw cohereError(`invalid request: text must be at most ${TEXT_CHARACTERS_MAX} characters long.`);
  }
  const pieces = textPieces(text).slice(0, countTokens([text]));
  const body = { tokens: pieces.map((piece) => piece.length), token_strings: pieces, meta: { api_version: { version: "1" } } };
  return { reply: jsonReply(200, body) };
}
