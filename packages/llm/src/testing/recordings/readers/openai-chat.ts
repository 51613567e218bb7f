/**
 * Reads Chat Completions answers straight from the wire's definition, and from what the many services that speak it add.
 * Usage is read by arithmetic, not by the name of the vendor: where the total is larger than prompt and completion by the
 * reasoning, the reasoning stands beside the completion; where more was cached than prompted, the cache stands beside the
 * prompt.
 */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import {
  type AnswerFacts,
  type AnswerReader,
  NO_ANSWER,
  type StreamFacts,
  type ToolCallFact,
  toolCallFact,
  type UsageFacts,
} from "../facts.ts";
import {
  either,
  isRawObject,
  listIn,
  numberIn,
  objectIn,
  objectsIn,
  type RawObject,
  stringIn,
  wordIn,
  wordsIn,
} from "../raw-json.ts";
import type { StreamUnit } from "../raw-stream.ts";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  end_turn: "stop",
  eos: "stop",
  eos_token: "stop",
  end: "stop",
  stop_sequence: "stop",
  COMPLETE: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  model_context_window_exceeded: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  refusal: "content-filter",
  error: "error",
  network_error: "error",
  insufficient_system_resource: "error",
};

export const openAIChatReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    const error = errorOf(answer);
    if (error !== undefined) return failed(error);
    const choices = objectsIn(answer.choices);
    const choice = objectIn(choices[0]);
    const message = objectIn(choice.message);
    const reasoning = reasoningOf(message);
    const toolCalls = objectsIn(message.tool_calls).map(wholeToolCall);
    const refusal = stringIn(message.refusal) ?? "";
    return {
      outcome: "success",
      text: contentText(message.content),
      refusal,
      reasoningText: reasoning,
      hasReasoning: reasoning !== "",
      toolCalls,
      signatures: signaturesOf(message),
      media: mediaOf(message),
      finish: finishOf(choice.finish_reason, toolCalls.length > 0, refusal !== ""),
      usage: usageOf(either(answer, "usage") ?? objectIn(answer.x_groq).usage ?? choice.usage),
      alternatives: choices.length,
    };
  },

  readStream(units) {
    const stream = new ChatStream();
    units.forEach((unit, index) => {
      stream.take(unit, index);
    });
    return stream.facts();
  },
};

class ChatStream {
  #text = "";
  #refusal = "";
  #reasoning = "";
  #calls: { index: unknown; id: string; name: string; text: string }[] = [];
  #usage: Record<string, unknown> = {};
  #finish: unknown;
  #error: unknown;
  #finishUnit: number | undefined;
  #lastWordUnit: number | undefined;
  #audio = false;
  #choices = new Set<number>();
  #signatures: string[] = [];

  take(unit: StreamUnit, index: number): void {
    if (unit.data?.trim() === "[DONE]") {
      this.#lastWordUnit ??= index;
      return;
    }
    const chunk = objectIn(unit.json);
    if (this.#error === undefined) this.#error = errorOf(chunk, true);
    this.#takeUsage(either(chunk, "usage") ?? objectIn(chunk.x_groq).usage);
    for (const choice of objectsIn(chunk.choices)) this.#takeChoice(choice, index);
  }

  #takeChoice(choice: RawObject, unit: number): void {
    const place = numberIn(choice.index) ?? 0;
    this.#choices.add(place);
    if (place !== 0) return;
    this.#takeUsage(choice.usage);
    const delta = objectIn(choice.delta);
    this.#text += contentText(delta.content);
    this.#refusal += stringIn(delta.refusal) ?? "";
    this.#reasoning += reasoningOf(delta);
    this.#signatures.push(...signaturesOf(delta));
    if (wordIn(objectIn(delta.audio).data) !== undefined) this.#audio = true;
    for (const call of objectsIn(delta.tool_calls)) this.#takeCall(call);
    if (wordIn(choice.finish_reason) !== undefined) {
      this.#finish = choice.finish_reason;
      this.#finishUnit ??= unit;
    }
  }

  /** A delta opens a call when its index is new, or when it brings both a new id and a name. */
  #takeCall(delta: RawObject): void {
    const id = wordIn(delta.id) ?? "";
    const call = objectIn(delta.function);
    const name = wordIn(call.name) ?? "";
    const known =
      delta.index === undefined
        ? (this.#calls.find((one) => id !== "" && one.id === id) ?? (id === "" ? this.#calls.at(-1) : undefined))
        : this.#calls.findLast((one) => one.index === delta.index);
    const opens = known === undefined || (id !== "" && name !== "" && known.id !== "" && known.id !== id);
    const target = opens ? { index: delta.index, id: "", name: "", text: "" } : known;
    if (opens) this.#calls.push(target);
    target.id ||= id;
    target.name ||= name;
    const piece = call.arguments;
    target.text += typeof piece === "string" ? piece : isRawObject(piece) ? JSON.stringify(piece) : "";
  }

  /** Figures come in several chunks of some vendors, with nulls; a null does not erase what is known. */
  #takeUsage(usage: unknown): void {
    for (const [name, value] of Object.entries(objectIn(usage))) if (value !== null) this.#usage[name] = value;
  }

  facts(): StreamFacts {
    const ends = { finishUnit: this.#finishUnit, lastWordUnit: this.#lastWordUnit };
    const toolCalls = this.#calls.map((call) => toolCallFact(wordIn(call.id), call.name, call.text));
    const heard = {
      text: this.#text,
      refusal: this.#refusal,
      reasoningText: this.#reasoning,
      hasReasoning: this.#reasoning !== "",
      toolCalls,
      signatures: this.#signatures,
      media: this.#audio ? 1 : 0,
      usage: usageOf(this.#usage),
      alternatives: Math.max(1, this.#choices.size),
      ...ends,
    };
    if (this.#error !== undefined) return { ...failed(this.#error), ...heard };
    return { outcome: "success", ...heard, finish: finishOf(this.#finish, toolCalls.length > 0, this.#refusal !== "") };
  }
}

function failed(error: unknown): AnswerFacts {
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(error)) };
}

/** An error inside a 200: an `error` member, xAI's `{ code, error }`, or a whole body that never had choices. */
function errorOf(answer: RawObject, inStream = false): unknown {
  if (answer.error !== undefined && answer.error !== null) return answer;
  const choices = objectsIn(answer.choices);
  const inner = choices.map((choice) => choice.error).find((error) => isRawObject(error));
  if (inner !== undefined) return { error: inner };
  if (inStream) return isFlatError(answer) ? answer : undefined;
  if (choices.length > 0) return undefined;
  // No answer and no word of why: only that it is an error can be said.
  return Array.isArray(answer.choices) ? { error: "no choices" } : answer;
}

/** An event that has no choices and tells of a failure at its top. */
function isFlatError(event: RawObject): boolean {
  if (event.choices !== undefined) return false;
  return event.object === "error" || typeof event.message === "string" || event.detail !== undefined;
}

function finishOf(raw: unknown, calls: boolean, refused: boolean): readonly FinishReason[] {
  const word = wordIn(raw);
  if (word === undefined) return [];
  const reason = FINISH_REASONS[word];
  // A vendor's word of its own: nothing can be said of how it is to be read.
  if (reason === undefined) return [];
  if (calls && reason === "stop") return ["stop", "tool-calls"];
  // Some vendors say `tool_calls` where the model called nothing.
  if (!calls && reason === "tool-calls") return ["tool-calls", "stop", "other"];
  if (refused && reason === "stop") return ["stop", "content-filter"];
  return [reason];
}

/** A string, or a list of parts with text in them. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return objectsIn(content)
    .map((part) => stringIn(part.text) ?? "")
    .join("");
}

/** Several names for one thing; where a vendor sends two, they say the same, and one is taken. */
function reasoningOf(message: RawObject): string {
  const plain = wordIn(message.reasoning_content) ?? wordIn(message.reasoning) ?? wordIn(message.reasoning_text);
  if (plain !== undefined) return plain;
  const details = objectsIn(message.reasoning_details);
  return details.map((detail) => stringIn(detail.text) ?? stringIn(detail.summary) ?? "").join("");
}

/** OpenRouter's signed or encrypted details, and Google's thought signatures on the message or on a call. */
function signaturesOf(message: RawObject): readonly string[] {
  const details = objectsIn(message.reasoning_details).flatMap((detail) => [detail.signature, detail.data]);
  const holders = [message, ...objectsIn(message.tool_calls)];
  const google = holders.map((holder) => objectIn(objectIn(holder.extra_content).google).thought_signature);
  return wordsIn([...details, ...google]);
}

function wholeToolCall(call: RawObject): ToolCallFact {
  const body = objectIn(call.function);
  if (isRawObject(body.arguments)) return { id: wordIn(call.id), name: stringIn(body.name) ?? "", arguments: body.arguments };
  return toolCallFact(wordIn(call.id), stringIn(body.name) ?? "", stringIn(body.arguments) ?? "");
}

function mediaOf(message: RawObject): number {
  const audio = wordIn(objectIn(message.audio).data) === undefined ? 0 : 1;
  return audio + listIn(message.images).length;
}

function usageOf(value: unknown): UsageFacts {
  const usage = objectIn(value);
  const prompt = numberIn(usage.prompt_tokens);
  const completion = numberIn(usage.completion_tokens);
  const total = numberIn(usage.total_tokens);
  const inputDetails = objectIn(either(usage, "prompt_tokens_details", "input_tokens_details"));
  const outputDetails = objectIn(either(usage, "completion_tokens_details", "output_tokens_details"));
  const cached = numberIn(
    inputDetails.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? usage.cache_read_input_tokens,
  );
  const written = numberIn(inputDetails.cache_write_tokens ?? usage.cache_creation_input_tokens);
  const reasoning = numberIn(outputDetails.reasoning_tokens ?? usage.reasoning_tokens);
  const beyond = prompt === undefined || completion === undefined || total === undefined ? 0 : total - prompt - completion;
  const explained = beyond > 0 && beyond !== reasoning && (beyond === cached || beyond === (cached ?? 0) + (reasoning ?? 0));
  const cacheBeside = prompt !== undefined && cached !== undefined && cached > 0 && (cached > prompt || explained);
  return {
    ...(prompt === undefined ? {} : { inputTokens: [cacheBeside ? prompt + cached : prompt] }),
    ...(cached === undefined ? {} : { cacheReadTokens: [cached] }),
    ...(written === undefined ? {} : { cacheWriteTokens: [written] }),
    ...outputOf(completion, cacheBeside && explained ? beyond - cached : beyond, total, reasoning),
  };
}

function outputOf(
  completion: number | undefined,
  beyond: number,
  total: number | undefined,
  reasoning: number | undefined,
): Pick<UsageFacts, "outputTokens" | "reasoningTokens"> {
  if (completion === undefined) return {};
  if (reasoning !== undefined && reasoning > 0 && beyond === reasoning) {
    return { outputTokens: [completion + reasoning], reasoningTokens: [reasoning] };
  }
  if (reasoning !== undefined && reasoning > completion && total === undefined) return { outputTokens: [completion + reasoning] };
  // More reasoning than output, and a total that does not explain it: the vendor contradicts itself.
  if (reasoning !== undefined && reasoning > completion) return {};
  // Tokens that are in no named figure (a hidden thought, a picture) may be counted to the output.
  const outputTokens = beyond > 0 ? [completion, completion + beyond] : [completion];
  return { outputTokens, ...(reasoning === undefined ? {} : { reasoningTokens: [reasoning] }) };
}
