/** The llama.cpp server: numeric error codes, timings beside the usage, comments in the stream. */
import type { JsonObject } from "../../../json.ts";
import { numberOf, objectOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { plainFlavour } from "./plain-flavour.ts";

function llamaCppError(code: number, message: string, type: string, more: JsonObject = {}): FailureRow {
  return row(code, { error: { code, message, type, ...more } });
}

function refusal({ status, body }: FailureRow): Refusal {
  return new Refusal(status, body);
}

export const llamaCppFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => refusal(llamaCppError(400, "model name is missing from the request", "invalid_request_error")),
  unknownModel: (id) => refusal(llamaCppError(404, `model '${id}' not found`, "not_found_error")),
  check(body) {
    const format = objectOf(body.response_format);
    if (format.type === "json_schema" && body.grammar !== undefined) {
      throw refusal(llamaCppError(400, "Cannot use both json_schema and grammar", "invalid_request_error"));
    }
  },
  reasoningField: "reasoning_content",
  refusal: "text",
  callId: (_name, _index, world) => world.id("", 32),
  extras: (_read, answer, usage) => ({ system_fingerprint: "b10499-fake", timings: timingsOf(usage, answer.outputTokens) }),
  streamContentType: "text/event-stream",
  comment: ":\n\n",
  errorBody: { error: { code: 500, message: "Context shift failed: internal error", type: "server_error" } },
  failure: failureFrom({
    "rate-limit": llamaCppError(429, "Too many requests", "rate_limit_error"),
    quota: llamaCppError(402, "Payment required: insufficient credits", "quota_error"),
    "server-error": llamaCppError(500, "failed to decode the batch", "server_error"),
    unavailable: llamaCppError(503, "Service Unavailable", "unavailable_error"),
    overloaded: llamaCppError(503, "no slot available, the server is busy", "unavailable_error"),
    loading: llamaCppError(503, "Loading model", "unavailable_error"),
    "context-overflow": llamaCppError(
      400,
      "request (130018 tokens) exceeds the available context size (40960 tokens), try increasing it",
      "exceed_context_size_error",
      { n_prompt_tokens: 130_018, n_ctx: 40_960 },
    ),
  }),
};

/** Ten milliseconds a prompt token read, twenty a token written. */
function timingsOf(usage: JsonObject, predicted: number): JsonObject {
  const cached = numberOf(objectOf(usage.prompt_tokens_details).cached_tokens) ?? 0;
  const read = (numberOf(usage.prompt_tokens) ?? 0) - cached;
  return {
    cache_n: cached,
    prompt_n: read,
    prompt_ms: read * 10,
    prompt_per_token_ms: 10,
    prompt_per_second: 100,
    predicted_n: predicted,
    predicted_ms: predicted * 20,
    predicted_per_token_ms: 20,
    predicted_per_second: 50,
  };
}

/** What `GET /props` says, as far as clients read it. */
export function llamaCppProps(modelId: string, contextTokens: number): JsonObject {
  return {
    default_generation_settings: { n_ctx: contextTokens, params: { n_predict: -1, temperature: 0.8 } },
    total_slots: 4,
    model_alias: modelId,
    model_path: `/models/${modelId}.gguf`,
    modalities: { vision: false, audio: false },
    build_info: "b10499-fake",
    chat_template: "{%- for message in messages %}{{ message.content }}{%- endfor %}",
  };
}
