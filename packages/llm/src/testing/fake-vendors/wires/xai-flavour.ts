/**
 * xAI: errors in three shapes, JSON where events were asked for, thoughts beside the completion's tokens, results matched by
 * their order, the assistant's last words repeated. A user's `whole error: …` makes it answer a stream with an error under
 * 200; `nested error: …` and `flat error: …` bring the other shapes. Facts: xAI's API reference, its guides to reasoning, live
 * search and cost, answers of the service; echo and order as vercel/ai `packages/xai` and pydantic-ai `models/xai.py` have them.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { Answer } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed } from "../generate.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { content, Refusal } from "../reply.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { askedFor } from "./last-words.ts";
import { contentText } from "./openai-chat.ts";
import { plainFlavour } from "./plain-flavour.ts";
import { withChunks, withUsage } from "./rework-chunks.ts";

const INVALID = "Client specified an invalid argument";

export function xaiRefusal(message: string, status = 400, code = INVALID): Refusal {
  return new Refusal(status, { code, error: message });
}

function failed(status: number, code: string, error: string): FailureRow {
  return row(status, { code, error });
}

export const xaiFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => xaiRefusal("Failed to deserialize the JSON body into the target type: missing field `model`", 422),
  unknownModel: (id) => xaiRefusal(`Model not found: ${id}`),
  reasoningOff: (body) => body.reasoning_effort === "none",
  reasoningOn: (body) => body.reasoning_effort !== undefined && body.reasoning_effort !== "none",
  check(body, model, reasoning) {
    checkSettings(body, model, reasoning);
    const schemas = [...objectsOf(body.tools).map((tool) => objectOf(tool.function).parameters), body.response_format];
    if (schemas.some((schema) => closesObjects(schema)))
      throw xaiRefusal("Invalid schema: additionalProperties must not be false.");
    const flat = askedFor("flat error", body);
    if (flat !== undefined) throw new Refusal(500, { error: flat });
    const nested = askedFor("nested error", body);
    if (nested !== undefined) throw new Refusal(400, { error: { message: nested, type: "invalid_request_error", code: "bad" } });
  },
  reasoningField: "reasoning_content",
  refuse: () => {
    throw xaiRefusal(
      "Content violates usage guidelines. Team: fake, API key ID: fake, Model: fake, Failed check: SAFETY_CHECK_TYPE_CSAM",
      403,
      "The caller does not have permission to execute the specified operation",
    );
  },
  answerIdPrefix: "",
  callId: (_name, _index, world) => world.id("call_", 8),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    prompt_tokens_details: { text_tokens: 0, audio_tokens: 0, image_tokens: 0, cached_tokens: cachedTokens },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    num_sources_used: 0,
  }),
  extras: (read) => ({
    system_fingerprint: "fp_fake",
    ...(read.body.search_parameters === undefined ? {} : { citations: ["https://example.com/news", "https://x.com/i/status/1"] }),
  }),
  retell,
  rework,
  errorBody: { code: "Internal error", error: "Internal error while generating the answer." },
  failure: failureFrom({
    "rate-limit": failed(
      429,
      "Some resource has been exhausted",
      "Too many requests for team fake and model fake-model. Your team's rate limit is: 1 requests per second, actual: 3.",
    ),
    quota: failed(
      429,
      "Some resource has been exhausted",
      "Your team fake has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.",
    ),
    "server-error": failed(500, "Internal error", "Internal server error"),
    unavailable: failed(503, "The service is currently unavailable", "Service temporarily unavailable."),
    overloaded: failed(
      503,
      "The service is currently unavailable",
      "The model is at capacity and currently cannot serve this request. Please try again later.",
    ),
    loading: failed(503, "The service is currently unavailable", "Service temporarily unavailable."),
    "context-overflow": failed(
      400,
      INVALID,
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    ),
  }),
};

/** The wire's names of settings in the service's words. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["stop", "stop"],
  ["presence_penalty", "presencePenalty"],
  ["frequency_penalty", "frequencyPenalty"],
];

function checkSettings(body: JsonObject, model: FakeModel, reasoning: boolean): void {
  const refused = reasoning ? REFUSED.find(([field]) => body[field] !== undefined) : undefined;
  if (refused !== undefined) throw xaiRefusal(`Model ${model.id} does not support parameter ${refused[1]}.`);
  const effort = body.reasoning_effort;
  if (effort === undefined) return;
  const words = model.id.startsWith("grok-3-mini") ? ["low", "high"] : ["none", "low", "medium", "high"];
  const isTaken = model.id.startsWith("grok-3-mini") || model.id.startsWith("grok-4.3");
  if (!isTaken) throw xaiRefusal(`Model ${model.id} does not support parameter reasoningEffort.`);
  if (!words.includes(stringOf(effort))) throw xaiRefusal(`Invalid reasoning effort: ${stringOf(effort)}.`);
}

function closesObjects(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.some(closesObjects);
  const object = objectOf(value);
  return object.additionalProperties === false || Object.values(object).some(closesObjects);
}

function retell(answer: Answer, { body }: ChatReading): Answer {
  const messages = objectsOf(body.messages);
  const last = messages.at(-1);
  if (last?.role === "assistant") return { ...answer, text: contentText(last.content) + answer.text };
  if (last?.role !== "tool" || answer.toolCalls.length > 0) return answer;
  return { ...answer, text: `By their order: ${pairs(messages).join("; ")}. Voilà – 世界 🌤️ done.` };
}

/** Results with the calls that stand at their place, whatever ids they bear. */
function pairs(messages: readonly JsonObject[]): readonly string[] {
  const place = messages.findLastIndex((message) => message.role === "assistant");
  const names = objectsOf(messages[place]?.tool_calls).map((call) => stringOf(objectOf(call.function).name));
  return messages.slice(place + 1).map((result, index) => `${names[index] ?? "tool"} → ${contentText(result.content)}`);
}

function rework(composed: Composed, { body, stream }: ChatReading): Composed {
  const told = withChunks(composed, (piece) => withUsage(piece, usageBeside));
  const error = askedFor("whole error", body);
  if (error === undefined || !stream) return told;
  const text = JSON.stringify({ code: "The service is currently unavailable", error });
  return { ...told, streamContentType: "application/json", frames: [content(text)] };
}

/** Thoughts are told beside the completion, and the price of all. */
function usageBeside(usage: JsonObject): JsonObject {
  const thoughts = numberOf(objectOf(usage.completion_tokens_details).reasoning_tokens) ?? 0;
  const output = (numberOf(usage.completion_tokens) ?? 0) - thoughts;
  const input = numberOf(usage.prompt_tokens) ?? 0;
  return { ...usage, completion_tokens: output, cost_in_usd_ticks: input * 30_000 + (output + thoughts) * 150_000 };
}

/** The row of `GET /language-models`. */
export function xaiModelRow(model: FakeModel, created: number): JsonObject {
  return {
    id: model.id,
    fingerprint: "fp_fake",
    created,
    object: "model",
    owned_by: "xai",
    version: "1.0",
    input_modalities: listOf(model.id.startsWith("grok-4") ? ["text", "image"] : ["text"]),
    output_modalities: ["text"],
    prompt_text_token_price: 30_000,
    cached_prompt_text_token_price: 7_500,
    prompt_image_token_price: 30_000,
    completion_text_token_price: 150_000,
    context_length: model.contextTokens,
    aliases: [`${model.id}-latest`],
  };
}
