/** LM Studio's server: errors are often a bare string, no JSON mode without a schema, the role in every chunk. */

import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { failureFrom, row } from "./failure-table.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";

export const lmStudioFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => openAiError("Missing required parameter: 'model'.", { param: "model" }),
  unknownModel: (id) =>
    openAiError(`Model "${id}" not found. Download it, or name one that is listed.`, {
      status: 404,
      param: "model",
      code: "model_not_found",
    }),
  check(body) {
    if (typeof body.tool_choice === "object" && body.tool_choice !== null) {
      throw new Refusal(400, { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" });
    }
    if (objectOf(body.response_format).type === "json_object") {
      throw new Refusal(400, { error: "'response_format.type' must be 'json_schema' or 'text'" });
    }
  },
  reasoningField: "reasoning_content",
  refusal: "text",
  callId: (_name, _index, world) => world.id("", 9),
  usageDetails: (_cachedTokens, reasoningTokens) => ({ completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  extras: (read) => ({ stats: {}, system_fingerprint: read.model }),
  streamContentType: "text/event-stream",
  roleInEveryChunk: true,
  errorBody: {
    error: {
      message: "The model has crashed without additional information. (Exit code: null)",
      type: "internal_error",
      param: null,
      code: null,
    },
  },
  failure: failureFrom({
    "rate-limit": row(429, { error: "Too many requests" }),
    quota: row(402, { error: "Payment required: insufficient credits" }),
    "server-error": row(500, { error: "The model has crashed without additional information. (Exit code: null)" }),
    unavailable: row(503, { error: "Service Unavailable" }),
    overloaded: row(503, { error: "The server is busy: too many predictions are queued, overloaded" }),
    loading: row(503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }),
    "context-overflow": row(400, {
      error:
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
    }),
  }),
};

/** The row of LM Studio's own `GET /api/v0/models`. */
export function lmStudioModelRow(model: FakeModel, index: number): JsonObject {
  return {
    id: model.id,
    object: "model",
    type: model.id.includes("embed") ? "embeddings" : "llm",
    publisher: "fake",
    arch: "qwen3",
    compatibility_type: "gguf",
    quantization: "Q4_K_M",
    state: index === 0 ? "loaded" : "not-loaded",
    max_context_length: model.contextTokens,
    ...(index === 0 ? { loaded_context_length: 4096 } : {}),
    ...(model.tools ? { capabilities: ["tool_use"] } : {}),
  };
}
