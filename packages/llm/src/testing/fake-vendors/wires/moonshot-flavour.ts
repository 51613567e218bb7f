/** Moonshot: thoughts that must come back, images by value only, usage inside the choice, refusal as an error. */
import type { JsonObject } from "../../../json.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";

function failed(status: number, message: string, type: string): FailureRow {
  return row(status, { error: { message, type } });
}

export const moonshotFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => openAiError("Invalid request: model is required"),
  unknownModel: (id) =>
    openAiError(`Not found the model ${id} or Permission denied`, { status: 404, type: "resource_not_found_error" }),
  check(body, _model, reasoning) {
    if (body.reasoning_effort === "none") throw openAiError("Invalid request: reasoning_effort 'none' is not supported");
    if (body.tool_choice === "required") {
      throw openAiError("Invalid request: tool_choice 'required' is not supported");
    }
    checkImages(objectsOf(body.messages));
    if (reasoning) checkThoughts(objectsOf(body.messages));
  },
  reasoningField: "reasoning_content",
  refuse: () => {
    throw openAiError("The request was rejected because it was considered high risk", { type: "content_filter" });
  },
  callId: (name, index) => `${name}:${index}`,
  usageDetails: (cachedTokens) => ({ cached_tokens: cachedTokens }),
  usageInChoice: true,
  errorBody: { error: { message: "Internal server error", type: "server_error" } },
  failure: failureFrom({
    "rate-limit": failed(
      429,
      "Your account org-fake request reached organization max RPM: 3, please try again after 1 seconds",
      "rate_limit_reached_error",
    ),
    quota: failed(
      429,
      "Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details",
      "exceeded_current_quota_error",
    ),
    "server-error": failed(500, "Internal server error", "server_error"),
    unavailable: failed(503, "Service Unavailable", "server_error"),
    overloaded: failed(429, "The engine is currently overloaded, please try again later", "engine_overloaded_error"),
    loading: failed(503, "Service Unavailable", "server_error"),
    "context-overflow": failed(
      400,
      "Invalid request: Your request exceeded model token limit: 8192 (requested: 130018)",
      "invalid_request_error",
    ),
  }),
};

function checkImages(messages: readonly JsonObject[]): void {
  for (const part of messages.flatMap((message) => objectsOf(message.content))) {
    const url = stringOf(objectOf(part.image_url).url);
    if (/^https?:/.test(url)) throw openAiError("Invalid request: unsupported image url, only base64 data or ms:// is supported");
  }
}

/** While it thinks, every assistant message with tool calls must bring its thoughts back. */
function checkThoughts(messages: readonly JsonObject[]): void {
  for (const [index, message] of messages.entries()) {
    const calls = objectsOf(message.tool_calls).length > 0;
    if (!calls || typeof message.reasoning_content === "string") continue;
    throw openAiError(`thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`);
  }
}
