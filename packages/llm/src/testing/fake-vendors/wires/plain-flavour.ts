/** A plain server of the chat wire, in the manner of vLLM: the base of the other compatible ones. */
import type { JsonObject } from "../../../json.ts";
import { objectOf } from "../json-reading.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { openAiError } from "./openai-error.ts";

function failed(status: number, message: string, type: string): FailureRow {
  return row(status, { error: { message, type, param: null, code: status } });
}

export const plainFlavour: ChatFlavour = {
  modelName: (id) => id,
  missingModel: () => openAiError("Field required: model", { type: "BadRequestError", param: "model", code: 400 }),
  unknownModel: (id) =>
    openAiError(`The model \`${id}\` does not exist.`, { status: 404, type: "NotFoundError", param: "model", code: 404 }),
  reasoningOff: isReasoningOff,
  reasoningOn: isReasoningOn,
  check: () => undefined,
  reasoningField: "reasoning",
  refusal: "filter",
  answerIdPrefix: "chatcmpl-",
  callId: (_name, _index, world) => world.id("chatcmpl-tool-"),
  usageDetails: (cachedTokens) => ({ prompt_tokens_details: { cached_tokens: cachedTokens } }),
  extras: () => ({}),
  headers: () => ({}),
  streamContentType: "text/event-stream; charset=utf-8",
  roleInEveryChunk: false,
  nullUsageInChunks: false,
  usageInChoice: false,
  errorBody: { error: { message: "Internal server error", type: "InternalServerError", param: null, code: 500 } },
  failure: failureFrom({
    "rate-limit": failed(429, "Rate limit exceeded: too many requests, please slow down.", "RateLimitError"),
    quota: failed(402, "Insufficient credits. Add more credits to go on.", "PaymentRequiredError"),
    "server-error": failed(500, "Internal server error", "InternalServerError"),
    unavailable: failed(503, "Service Unavailable", "ServiceUnavailableError"),
    overloaded: failed(503, "The server is overloaded, please try again later.", "ServiceUnavailableError"),
    loading: failed(503, "Loading model", "unavailable_error"),
    "context-overflow": failed(
      400,
      "This model's maximum context length is 128000 tokens. However, you requested 130018 tokens (129018 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.",
      "BadRequestError",
    ),
  }),
};

/** The ways in which compatible servers are told to think. */
export function isReasoningOn(body: JsonObject): boolean {
  if (isReasoningOff(body)) return false;
  const effort = body.reasoning_effort ?? objectOf(body.reasoning).effort;
  return (
    (effort !== undefined && effort !== null) ||
    objectOf(body.thinking).type === "enabled" ||
    objectOf(body.chat_template_kwargs).enable_thinking === true
  );
}

export function isReasoningOff(body: JsonObject): boolean {
  return (
    body.reasoning_effort === "none" ||
    objectOf(body.reasoning).effort === "none" ||
    objectOf(body.thinking).type === "disabled" ||
    objectOf(body.chat_template_kwargs).enable_thinking === false
  );
}
