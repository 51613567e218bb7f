/** OpenAI's own chat completions: the strictest reader of the wire. */
import type { JsonObject } from "../../../json.ts";
import type { FailureKind } from "../faults.ts";
import { type GenerationWire, retryHeaders } from "../generate.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { contentText } from "./openai-chat.ts";
import { type OpenAiErrorFields, openAiError } from "./openai-error.ts";
import { strictSchemaBreach } from "./strict-schema.ts";

const FIELDS = new Set(
  (
    "messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata " +
    "modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options " +
    "prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream " +
    "stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options"
  ).split(" "),
);

export const openAiFlavour: ChatFlavour = {
  modelName: (id) => id,
  missingModel: () => openAiError("you must provide a model parameter"),
  unknownModel: (id) =>
    openAiError(`The model \`${id}\` does not exist or you do not have access to it.`, { status: 404, code: "model_not_found" }),
  reasoningOff: (body) => body.reasoning_effort === "none",
  reasoningOn: (body) =>
    body.reasoning_effort !== undefined && body.reasoning_effort !== null && body.reasoning_effort !== "none",
  check(body, model, reasoning) {
    checkFields(body);
    if (reasoning) checkReasoningModel(body);
    if (model.reasoning === "no") refuseField(body, "reasoning_effort");
    if (!model.tools && body.tools !== undefined) {
      throw openAiError(
        "tools is not supported in this model. For a list of supported models, refer to https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling.",
        { status: 404 },
      );
    }
    checkStrict(body);
    checkJsonMode(body);
  },
  refusal: "field",
  answerIdPrefix: "chatcmpl-",
  callId: (_name, _index, world) => world.id("call_"),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }),
  extras: () => ({ service_tier: "default", system_fingerprint: "fp_fake" }),
  headers: openAiHeaders,
  streamContentType: "text/event-stream; charset=utf-8",
  roleInEveryChunk: false,
  nullUsageInChunks: true,
  usageInChoice: false,
  errorBody: {
    error: {
      message: "The server had an error while processing your request. Sorry about that!",
      type: "server_error",
      param: null,
      code: null,
    },
  },
  failure: openAiFailure,
};

export function openAiHeaders(world: FakeWorld): Record<string, string> {
  return {
    "x-request-id": world.id("req_", 32),
    "openai-version": "2020-10-01",
    "openai-processing-ms": "12",
    "x-ratelimit-limit-requests": "30000",
    "x-ratelimit-remaining-requests": "29999",
    "x-ratelimit-reset-requests": "2ms",
    "x-ratelimit-limit-tokens": "150000000",
    "x-ratelimit-remaining-tokens": "149999975",
    "x-ratelimit-reset-tokens": "6m0s",
  };
}

type FailureRow = OpenAiErrorFields & { readonly status: number; readonly message: string };

const FAILURES: Readonly<Record<FailureKind, FailureRow>> = {
  "rate-limit": {
    status: 429,
    message:
      "Rate limit reached for fake-model in organization org-fake on requests per min (RPM): Limit 3, Used 3, Requested 1. Visit https://platform.openai.com/account/rate-limits to learn more.",
    type: "requests",
    code: "rate_limit_exceeded",
  },
  quota: {
    status: 429,
    message:
      "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
    type: "insufficient_quota",
    code: "insufficient_quota",
  },
  "server-error": {
    status: 500,
    message: "The server had an error while processing your request. Sorry about that!",
    type: "server_error",
  },
  unavailable: { status: 503, message: "Service Unavailable.", type: "service_unavailable_error" },
  overloaded: { status: 503, message: "The engine is currently overloaded, please try again later.", type: "server_error" },
  loading: { status: 503, message: "The model is loading.", type: "server_error" },
  "context-overflow": {
    status: 400,
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130018 tokens. Please reduce the length of the messages.",
    param: "messages",
    code: "context_length_exceeded",
  },
};

function openAiFailure(...[kind, _model, retryAfter, world]: Parameters<GenerationWire<ChatReading>["failure"]>) {
  const { status, message, type = "invalid_request_error", param = null, code = null } = FAILURES[kind];
  const headers = { "x-request-id": world.id("req_", 32), ...retryHeaders(retryAfter) };
  return jsonReply(status, { error: { message, type, param, code } }, headers);
}

function checkFields(body: JsonObject): void {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw openAiError(`Unrecognized request argument supplied: ${unknown}`);
}

function checkReasoningModel(body: JsonObject): void {
  if (body.max_tokens !== undefined) {
    throw openAiError(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      {
        param: "max_tokens",
        code: "unsupported_parameter",
      },
    );
  }
  for (const field of ["presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias", "stop"])
    refuseField(body, field);
  for (const field of ["temperature", "top_p"]) {
    const value = body[field];
    if (value === undefined || value === null || value === 1) continue;
    throw openAiError(
      `Unsupported value: '${field}' does not support ${String(value)} with this model. Only the default (1) value is supported.`,
      {
        param: field,
        code: "unsupported_value",
      },
    );
  }
}

function refuseField(body: JsonObject, field: string): void {
  if (body[field] === undefined || body[field] === null) return;
  throw openAiError(`Unsupported parameter: '${field}' is not supported with this model.`, {
    param: field,
    code: "unsupported_parameter",
  });
}

function checkStrict(body: JsonObject): void {
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    const definition = objectOf(tool.function);
    if (definition.strict === true) checkStrictFunction(definition, `tools[${index}].function.parameters`);
  }
  const { schema, strict, name } = objectOf(objectOf(body.response_format).json_schema);
  const breach = strict === true ? strictSchemaBreach(objectOf(schema)) : undefined;
  if (breach !== undefined)
    throw openAiError(`Invalid schema for response_format '${stringOf(name)}': ${breach}`, { param: "response_format" });
}

export function checkStrictFunction(definition: JsonObject, param: string): void {
  const breach = strictSchemaBreach(objectOf(definition.parameters));
  if (breach === undefined) return;
  throw openAiError(`Invalid schema for function '${stringOf(definition.name)}': ${breach}`, {
    param,
    code: "invalid_function_parameters",
  });
}

function checkJsonMode(body: JsonObject): void {
  if (objectOf(body.response_format).type !== "json_object") return;
  const words = objectsOf(body.messages).map((message) => contentText(message.content));
  if (words.some((text) => /json/i.test(text))) return;
  throw openAiError("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", {
    param: "messages",
  });
}
