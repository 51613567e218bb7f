/**
 * Groq: refuses what it does not know, mixes Qwen's thoughts into the text unless told otherwise, tells usage under `x_groq`,
 * and gives up on calls that it cannot read. A user's `failed generation: …` makes it give up over these words, and
 * `failed generation in stream: …` in the middle of the stream. Facts: Groq's API reference, its guides to reasoning and tool
 * use, and answers of the service.
 */
import type { JsonObject } from "../../../json.ts";
import type { Answer } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed } from "../generate.ts";
import { listOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { content, Refusal, sse } from "../reply.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { askedFor } from "./last-words.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";
import { withChunks } from "./rework-chunks.ts";

function failed(status: number, message: string, type: string, more: JsonObject = {}): FailureRow {
  return row(status, { error: { message, type, ...more } });
}

const UNKNOWN_FIELDS = [
  "top_k",
  "prompt_cache_key",
  "prompt_cache_retention",
  "thinking",
  "chat_template_kwargs",
  "enable_thinking",
];
const REASON = "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.";

export const groqFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => openAiError("'model' : property 'model' is missing"),
  unknownModel: (id) =>
    openAiError(`The model \`${id}\` does not exist or you do not have access to it.`, { status: 404, code: "model_not_found" }),
  check(body, model, reasoning) {
    checkFields(body);
    checkContent(body);
    checkReasoning(body, model, reasoning);
    if (objectOf(body.response_format).type === "json_schema" && /^llama-3/.test(model.id)) {
      throw openAiError(
        "This model does not support response format `json_schema`. See supported models at https://console.groq.com/docs/structured-outputs#supported-models",
        { param: "response_format" },
      );
    }
    const generation = askedFor("failed generation", body);
    if (generation !== undefined) throw new Refusal(400, { error: generationError(generation) }, { "x-request-id": "req_fake" });
  },
  reasoningField: "reasoning",
  callId: (_name, _index, world) => world.id("fc_"),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    queue_time: 0.01,
    prompt_time: 0.01,
    completion_time: 0.1,
    total_time: 0.11,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }),
  retell,
  rework,
  errorBody: { error: { message: "Internal Server Error", type: "internal_server_error" } },
  failure: failureFrom({
    "rate-limit": failed(
      429,
      "Rate limit reached for model `fake-model` in organization `org_fake` service tier `on_demand` on requests per minute (RPM): Limit 30, Used 30, Requested 1. Please try again in 2s.",
      "requests",
      { code: "rate_limit_exceeded" },
    ),
    quota: failed(402, "Your organization has exceeded its spend limit. Payment required.", "billing", {
      code: "spend_limit_reached",
    }),
    "server-error": failed(500, "Internal Server Error", "internal_server_error"),
    unavailable: failed(503, "Service Unavailable", "internal_server_error"),
    overloaded: failed(
      498,
      "fake-model is currently over capacity. Please try again and back off exponentially.",
      "internal_server_error",
      {
        code: "capacity_exceeded",
      },
    ),
    loading: failed(503, "Service Unavailable", "internal_server_error"),
    "context-overflow": failed(400, "Please reduce the length of the messages or completion.", "invalid_request_error", {
      param: "messages",
      code: "context_length_exceeded",
    }),
  }),
};

function generationError(generation: string): JsonObject {
  return { message: REASON, type: "invalid_request_error", code: "tool_use_failed", failed_generation: generation };
}

function checkFields(body: JsonObject): void {
  const unknown = UNKNOWN_FIELDS.find((field) => body[field] !== undefined);
  if (unknown !== undefined) throw openAiError(`property '${unknown}' is unsupported`);
  const named = objectsOf(body.messages).findIndex((message) => message.role === "user" && message.name !== undefined);
  if (named >= 0)
    throw openAiError(
      `'messages.${named}' : for 'role:user' the following must be satisfied[('messages.${named}' : property 'name' is unsupported)]`,
    );
}

function checkContent(body: JsonObject): void {
  for (const [index, message] of objectsOf(body.messages).entries()) {
    for (const part of listOf(message.content).map(objectOf)) {
      if (part.type === "text" || part.type === "image_url") continue;
      throw openAiError(`messages[${index}].content: content type \`${stringOf(part.type)}\` is not supported`);
    }
  }
}

function checkReasoning(body: JsonObject, model: FakeModel, reasoning: boolean): void {
  const effort = body.reasoning_effort;
  if (effort === undefined) return;
  if (model.reasoning === "no")
    throw openAiError("`reasoning_effort` is not supported with this model", { param: "reasoning_effort" });
  const words = isQwen(model.id) ? ["none", "default"] : ["low", "medium", "high"];
  if (!words.includes(stringOf(effort)) && (reasoning || isQwen(model.id) || effort !== "none")) {
    throw openAiError(`\`reasoning_effort\` must be one of ${words.map((word) => `\`${word}\``).join(", ")}`, {
      param: "reasoning_effort",
    });
  }
}

function isQwen(id: string): boolean {
  return id.startsWith("qwen/");
}

/** Qwen's thoughts stand in the text unless they are asked for apart, or not at all. Tools and JSON bring them apart unasked. */
function retell(answer: Answer, { body, model }: ChatReading): Answer {
  const { reasoning, ...silent } = answer;
  if (reasoning === undefined) return answer;
  const isHidden = body.reasoning_format === "hidden" || body.include_reasoning === false;
  if (isHidden) return silent;
  const isApart = body.reasoning_format === "parsed" || body.tools !== undefined || body.response_format !== undefined;
  return isQwen(model) && !isApart ? { ...silent, text: `<think>\n${reasoning}\n</think>\n\n${answer.text}` } : answer;
}

function rework(composed: Composed, { body }: ChatReading): Composed {
  const id = `req_${stringOf(composed.body.id).slice(-16)}`;
  const told = withChunks(
    composed,
    (whole) => ({ ...whole, x_groq: { id }, service_tier: "on_demand" }),
    ({ usage, ...chunk }) => (usage === undefined ? chunk : { ...chunk, x_groq: { id, usage: usage ?? null } }),
  );
  const generation = askedFor("failed generation in stream", body);
  if (generation === undefined) return told;
  const error = { ...generationError(generation), status_code: 400 };
  return { ...told, frames: [content(`event: error\n${sse({ error })}`)] };
}
