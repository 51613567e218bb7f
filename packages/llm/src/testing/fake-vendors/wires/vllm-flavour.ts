/** vLLM's server: what its flags and chat templates refuse, errors with the status as their code. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectsOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import { CREATED_AT } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { isReasoningOff, isReasoningOn, plainFlavour } from "./plain-flavour.ts";

function failed(status: number, message: string, type: string): FailureRow {
  return row(status, { error: { message, type, param: null, code: status } });
}

function badRequest(message: string): Refusal {
  const { status, body } = failed(400, message, "BadRequestError");
  return new Refusal(status, body);
}

export const vllmFlavour: ChatFlavour = {
  ...plainFlavour,
  reasoningOn: (body) => isReasoningOn(body) || (body.thinking_token_budget !== undefined && !isReasoningOff(body)),
  check(body, model) {
    if (objectsOf(body.messages).some((message, index) => message.role === "system" && index > 0)) {
      throw badRequest("System message must be at the beginning.");
    }
    const isAuto = body.tool_choice === undefined || body.tool_choice === "auto";
    if (!model.tools && body.tools !== undefined && isAuto) {
      throw badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set');
    }
    if (model.reasoning === "no" && body.thinking_token_budget !== undefined) {
      throw badRequest(
        "thinking_token_budget is set but reasoning_config is not configured. Please set --reasoning-config to use thinking_token_budget.",
      );
    }
  },
  reasoningField: "reasoning",
  refusal: "text",
  errorBody: { error: { message: "EngineCore encountered an issue.", type: "InternalServerError", param: null, code: 500 } },
  failure: failureFrom({
    "rate-limit": failed(429, "Rate limit exceeded", "RateLimitError"),
    quota: failed(402, "Payment required", "PaymentRequiredError"),
    "server-error": failed(
      500,
      "EngineCore encountered an issue. See stack trace (above) for the root cause.",
      "InternalServerError",
    ),
    unavailable: failed(503, "Service Unavailable", "ServiceUnavailableError"),
    overloaded: failed(503, "The server is overloaded, please try again later.", "ServiceUnavailableError"),
    loading: failed(503, "Service Unavailable", "ServiceUnavailableError"),
    "context-overflow": failed(
      400,
      "This model's maximum context length is 40960 tokens. However, your request has 130018 input tokens. Please reduce the length of the input messages.",
      "BadRequestError",
    ),
  }),
};

/** The row of `GET /v1/models`: with the window that the server was started with. */
export function vllmModelRow(model: FakeModel): JsonObject {
  return {
    id: model.id,
    object: "model",
    created: CREATED_AT,
    owned_by: "vllm",
    root: model.id,
    parent: null,
    max_model_len: model.contextTokens,
  };
}
