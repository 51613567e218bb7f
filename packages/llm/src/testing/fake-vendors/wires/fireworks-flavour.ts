/** Fireworks: a limit over the window is lowered in silence unless it is told not to; metrics of the engine when asked for. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { numberOf, objectOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import { CREATED_AT } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { plainFlavour } from "./plain-flavour.ts";

function failed(status: number, message: string, code: string, type = "invalid_request_error"): FailureRow {
  return row(status, { error: { object: "error", type, code, message } });
}

function refusal(status: number, message: string, code: string): Refusal {
  return new Refusal(status, failed(status, message, code).body);
}

export const fireworksFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => refusal(400, "Missing required field: model", "invalid_request_error"),
  unknownModel: () => refusal(404, "Model not found, inaccessible, and/or not deployed", "NOT_FOUND"),
  check(body, model) {
    const limit = numberOf(body.max_tokens) ?? 0;
    if (body.context_length_exceeded_behavior === "error" && limit > model.contextTokens) {
      throw refusal(
        400,
        `The prompt is too long: ${limit}, model maximum context length: ${model.contextTokens}`,
        "invalid_request_error",
      );
    }
  },
  reasoningField: "reasoning_content",
  refusal: "text",
  usageDetails: (cachedTokens) => ({ prompt_tokens_details: { cached_tokens: cachedTokens } }),
  extras: (read, _answer, usage) => (read.body.perf_metrics_in_response === true ? { perf_metrics: metricsOf(usage) } : {}),
  errorBody: {
    error: { object: "error", type: "internal_server_error", code: "internal_server_error", message: "server error" },
  },
  failure: failureFrom({
    "rate-limit": failed(429, "Request didn't generate first token before the given deadline", "RATE_LIMIT", "rate_limit_error"),
    quota: failed(
      412,
      "Account my-account is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.",
      "PRECONDITION_FAILED",
    ),
    "server-error": failed(500, "Internal server error", "internal_server_error", "internal_server_error"),
    unavailable: failed(503, "Service Unavailable", "service_unavailable", "service_unavailable"),
    overloaded: failed(503, "The server is overloaded, please try again later", "service_overloaded", "service_overloaded"),
    loading: failed(503, "Service Unavailable", "service_unavailable", "service_unavailable"),
    "context-overflow": failed(
      400,
      "The prompt is too long: 130018, model maximum context length: 128000",
      "invalid_request_error",
    ),
  }),
};

function metricsOf(usage: JsonObject): JsonObject {
  return {
    "prompt-tokens": String(numberOf(usage.prompt_tokens) ?? 0),
    "cached-prompt-tokens": String(numberOf(objectOf(usage.prompt_tokens_details).cached_tokens) ?? 0),
    "server-time-to-first-token": "0.250",
    "server-processing-time": "1.000",
  };
}

export function fireworksModelRow(model: FakeModel): JsonObject {
  return {
    id: model.id,
    object: "model",
    created: CREATED_AT,
    owned_by: "fireworks",
    kind: "HF_BASE_MODEL",
    supports_chat: true,
    supports_image_input: false,
    supports_tools: model.tools,
    context_length: model.contextTokens,
  };
}
