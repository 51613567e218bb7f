/**
 * Together: a schema beside the format's type, a flag for thoughts (an effort for gpt-oss), `eos` at the end, noise in every
 * piece. Facts: Together's API reference and guides to reasoning and JSON mode, and answers of the service.
 */
import type { JsonObject } from "../../../json.ts";
import { numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { Refusal } from "../reply.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";
import { withChoice, withChunks, withUsage } from "./rework-chunks.ts";

function refused(message: string): Refusal {
  return openAiError(`Input validation error: ${message}`, { param: "", code: "invalid_request" });
}

function failed(status: number, message: string, type: string, code: string | null = null): FailureRow {
  return row(status, { id: "o-fake", error: { message, type, param: null, code } });
}

export const togetherFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => refused("Missing required parameter: model"),
  unknownModel: (id) =>
    openAiError(
      `Unable to access model ${id}. Please visit https://api.together.ai/models to view the list of supported models.`,
      {
        status: 404,
        code: "model_not_available",
      },
    ),
  reasoningOff: (body) => objectOf(body.reasoning).enabled === false,
  reasoningOn: (body) => objectOf(body.reasoning).enabled === true,
  check(body, model) {
    const developer = objectsOf(body.messages).findIndex((message) => message.role === "developer");
    if (developer >= 0)
      throw refused(`messages[${developer}].role: Invalid enum value. Expected 'system' | 'user' | 'assistant' | 'tool'`);
    for (const field of ["store", "max_completion_tokens", "prompt_cache_key"]) {
      if (body[field] !== undefined) throw refused(`Unrecognized key: ${field}`);
    }
    if (objectsOf(body.tools).some((tool) => objectOf(tool.function).strict !== undefined)) {
      throw refused("tools[0].function: Unrecognized key: strict");
    }
    const format = objectOf(body.response_format);
    if (format.type === "json_schema" && format.schema === undefined) throw refused("response_format.schema: Required");
    checkEffort(body, model.id);
  },
  reasoningField: "reasoning",
  answerIdPrefix: "o",
  callId: (_name, _index, world) => world.id("call_"),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    cached_tokens: cachedTokens,
    ...(reasoningTokens === 0 ? {} : { reasoning_tokens: reasoningTokens }),
  }),
  rework(composed, { model }) {
    return withChunks(
      composed,
      (body) => withChoice({ ...body, prompt: [] }, (choice) => ended(choice, model)),
      (chunk) => withChoice(withUsage(chunk, nullIfEmpty), (choice) => noisy(ended(choice, model))),
    );
  },
  errorBody: { error: { message: "Internal server error", type: "server_error", param: null, code: null } },
  failure: failureFrom({
    "rate-limit": failed(
      429,
      "You have reached the rate limit specific to this model fake-model. The maximum rate limit for this model is 1.0 queries per second.",
      "model_rate_limit",
    ),
    quota: failed(
      402,
      "Credit limit exceeded, please navigate to https://api.together.ai/settings/billing to update your limits.",
      "credit_limit",
    ),
    "server-error": failed(500, "Internal server error", "server_error"),
    unavailable: failed(503, "The server is currently unavailable. Please try again later.", "service_unavailable"),
    overloaded: failed(503, "The server is overloaded or not ready yet.", "service_unavailable"),
    loading: failed(503, "The server is overloaded or not ready yet.", "service_unavailable"),
    "context-overflow": failed(
      400,
      "The input (130018 tokens) is longer than the model's context length (128000 tokens).",
      "invalid_request_error",
      "context_length",
    ),
  }),
};

/** gpt-oss always thinks, and takes an effort; the others are told on or off. */
function checkEffort(body: JsonObject, model: string): void {
  const isGraded = model.startsWith("openai/gpt-oss");
  if (isGraded && body.reasoning !== undefined) throw refused("reasoning: not supported by this model, use reasoning_effort");
  const effort = body.reasoning_effort;
  if (effort === undefined) return;
  if (!isGraded || !["low", "medium", "high"].includes(stringOf(effort))) {
    throw refused("reasoning_effort: Invalid enum value. Expected 'low' | 'medium' | 'high'");
  }
}

/** Llama's models end with the name of the token. */
function ended(choice: JsonObject, model: string): JsonObject {
  return choice.finish_reason === "stop" && model.startsWith("meta-llama/") ? { ...choice, finish_reason: "eos" } : choice;
}

function noisy(choice: JsonObject): JsonObject {
  const delta = objectOf(choice.delta);
  return { ...choice, text: stringOf(delta.content), seed: 1, delta: { ...delta, token_id: 7 } };
}

function nullIfEmpty(usage: JsonObject): JsonObject {
  return numberOf(usage.total_tokens) === undefined ? {} : usage;
}
