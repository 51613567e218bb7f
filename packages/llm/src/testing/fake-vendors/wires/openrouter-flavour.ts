/**
 * OpenRouter: numeric error codes with the upstream's words beside them, comments while it waits, `reasoning_details` that must
 * come back, the upstream's own finish word, and what the answer cost. `openrouter/auto` is answered by another model. A user's
 * `null choices: …` brings an answer without any. Facts: OpenRouter's API reference, its guides to reasoning tokens, errors and
 * usage accounting, and answers of the service.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../../../json.ts";
import type { Answer } from "../brain.ts";
import type { Composed } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { end, type Frame, Refusal, sse } from "../reply.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { askedFor } from "./last-words.ts";
import { plainFlavour } from "./plain-flavour.ts";
import { withChoice, withChunks, withUsage } from "./rework-chunks.ts";

export function openrouterRefusal(message: string, code = 400, metadata?: JsonObject): Refusal {
  return new Refusal(code, failed(code, message, metadata).body);
}

function failed(code: number, message: string, metadata?: JsonObject): FailureRow {
  return row(code, { error: { message, code, ...(metadata === undefined ? {} : { metadata }) }, user_id: "user_fake" });
}

function upstream(code: number, raw: string): FailureRow {
  return failed(code, "Provider returned error", { raw, provider_name: "Fake", is_byok: false });
}

export const openrouterFlavour: ChatFlavour = {
  ...plainFlavour,
  modelName: (id) => id.replace(/:(?:free|nitro|floor|online)$/, ""),
  missingModel: () => openrouterRefusal("No models provided"),
  unknownModel: (id) => openrouterRefusal(`${id} is not a valid model ID`),
  reasoningOff: (body) => objectOf(body.reasoning).effort === "none" || objectOf(body.reasoning).enabled === false,
  reasoningOn: (body) => {
    const { effort, max_tokens: budget, enabled } = objectOf(body.reasoning);
    return (effort !== undefined && effort !== "none") || budget !== undefined || enabled === true;
  },
  check(body, model, reasoning) {
    const { effort, max_tokens: budget } = objectOf(body.reasoning);
    if (effort !== undefined && budget !== undefined) {
      throw openrouterRefusal('Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified');
    }
    if (!model.tools && body.tools !== undefined) {
      throw openrouterRefusal(
        "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing",
        404,
      );
    }
    if (reasoning && signs(model.id)) checkThoughts(body);
  },
  reasoningField: "reasoning",
  answerIdPrefix: "gen-1767225600-",
  callId: (name, _index, world) => world.id(`tool_0_${name.slice(0, 12)}_`, 12),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    is_byok: false,
    prompt_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens, image_tokens: 0 },
  }),
  extras: () => ({ provider: "Fake" }),
  comment: ": OPENROUTER PROCESSING\n\n",
  retell(answer, { body }) {
    const { reasoning: _reasoning, ...silent } = answer;
    return objectOf(body.reasoning).exclude === true ? silent : answer;
  },
  rework,
  errorBody: upstream(502, "Internal server error").body,
  failure: failureFrom({
    "rate-limit": upstream(
      429,
      "fake-model is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations",
    ),
    quota: failed(
      402,
      "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 100. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
    ),
    "server-error": failed(500, "Internal Server Error"),
    unavailable: failed(503, "No available model provider that meets your routing requirements"),
    overloaded: upstream(529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
    loading: failed(503, "No available model provider that meets your routing requirements"),
    "context-overflow": failed(
      400,
      'This endpoint\'s maximum context length is 128000 tokens. However, you requested about 130018 tokens (130018 of text input). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
    ),
  }),
};

/** The upstream that signs its thoughts. */
function signs(model: string): boolean {
  return model.startsWith("anthropic/");
}

function signatureOf(text: string): string {
  return createHash("sha256").update(`fake upstream ${text}`).digest("base64");
}

/** A turn that called tools comes back with its signed thoughts, byte for byte. */
function checkThoughts(body: JsonObject): void {
  const messages = objectsOf(body.messages);
  for (const message of messages.slice(messages.findLastIndex(({ role }) => role === "user"))) {
    if (objectsOf(message.tool_calls).length === 0) continue;
    const [detail] = objectsOf(message.reasoning_details);
    if (detail !== undefined && detail.signature === signatureOf(stringOf(detail.text))) continue;
    const raw =
      '{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}';
    throw new Refusal(400, upstream(400, raw).body);
  }
}

const NATIVE_WORDS: Readonly<Record<string, string>> = { stop: "end_turn", tool_calls: "tool_use", length: "max_tokens" };

function rework(composed: Composed, read: ChatReading, answer: Answer): Composed {
  const model = read.model === "openrouter/auto" ? "openai/gpt-4.1-mini" : read.model;
  const isSigned = signs(model);
  const tell = (piece: JsonObject): JsonObject =>
    withChoice({ ...withUsage(piece, withCost), model, provider: "Fake" }, (choice) => ({
      ...choice,
      native_finish_reason: choice.finish_reason === null ? null : (NATIVE_WORDS[stringOf(choice.finish_reason)] ?? null),
      ...(choice.delta === undefined ? {} : { delta: withPiece(objectOf(choice.delta), isSigned) }),
      ...(choice.message === undefined ? {} : { message: withDetails(objectOf(choice.message), isSigned) }),
    }));
  const told = withChunks(composed, tell);
  const frames = isSigned && answer.reasoning !== undefined ? withSignature(told.frames, model, answer.reasoning) : told.frames;
  const error = objectOf(openrouterFlavour.errorBody).error ?? null;
  const choices = [
    { index: 0, delta: { role: "assistant", content: "" }, finish_reason: "error", native_finish_reason: "error" },
  ];
  const failure = { id: stringOf(told.body.id), object: "chat.completion.chunk", model, provider: "Fake", choices, error };
  const without = askedFor("null choices", read.body) === undefined ? told.body : { ...told.body, choices: null };
  const silent = askedFor("null choices", read.body) === undefined ? frames : [end(sse(without))];
  return { ...told, body: without, frames: silent, errorFrame: sse(failure) };
}

/** Half a thousandth of a cent a token read, two a token written. */
function withCost(usage: JsonObject): JsonObject {
  const input = (numberOf(usage.prompt_tokens) ?? 0) * 0.000005;
  const output = (numberOf(usage.completion_tokens) ?? 0) * 0.00002;
  return {
    ...usage,
    cost: input + output,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: input,
      upstream_inference_completions_cost: output,
    },
  };
}

const DETAIL = { format: "anthropic-claude-v1", index: 0 };

/** Thoughts of an upstream that signs; others hide theirs, and give a token for them. */
function withDetails(message: JsonObject, isSigned: boolean): JsonObject {
  const { reasoning, ...rest } = message;
  if (typeof reasoning !== "string") return message;
  if (!isSigned) return { ...rest, reasoning: null, reasoning_details: [sealed(reasoning)] };
  const detail = { type: "reasoning.text", text: reasoning, signature: signatureOf(reasoning), ...DETAIL };
  return { ...message, reasoning_details: [detail] };
}

function withPiece(delta: JsonObject, isSigned: boolean): JsonObject {
  const { reasoning, ...rest } = delta;
  if (typeof reasoning !== "string") return delta;
  if (!isSigned) return { ...rest, reasoning: null, reasoning_details: [sealed(reasoning)] };
  return { ...delta, reasoning_details: [{ type: "reasoning.text", text: reasoning, ...DETAIL }] };
}

function sealed(reasoning: string): JsonObject {
  const data = Buffer.from(reasoning).toString("base64");
  return { type: "reasoning.encrypted", data, id: `rs_${data.length}`, format: "openai-responses-v1", index: 0 };
}

/** The signature comes in a piece of its own, after the last thought. */
function withSignature(frames: readonly Frame[], model: string, reasoning: string): readonly Frame[] {
  const last = frames.findLastIndex((frame) => typeof frame.text === "string" && frame.text.includes('"reasoning_details"'));
  const detail = { type: "reasoning.text", signature: signatureOf(reasoning), ...DETAIL };
  const delta = { role: "assistant", content: "", reasoning: null, reasoning_details: [detail] };
  const chunk = { object: "chat.completion.chunk", model, provider: "Fake", choices: [{ index: 0, delta, finish_reason: null }] };
  return frames.toSpliced(last + 1, 0, { part: "content", text: sse(chunk) });
}
