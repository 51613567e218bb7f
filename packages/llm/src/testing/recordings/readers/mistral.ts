/** Reads Mistral's chat answers straight from the wire's definition: content as text or as chunks, calls in one piece. */
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
import { isRawObject, numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn } from "../raw-json.ts";

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  model_length: "length",
  error: "error",
  tool_calls: "tool-calls",
};

export const mistralReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    if (!Array.isArray(answer.choices)) return failed(answer);
    const choices = objectsIn(answer.choices);
    const choice = objectIn(choices[0]);
    const heard = new Heard();
    heard.take(objectIn(choice.message));
    return { outcome: "success", ...heard.facts(choice.finish_reason, answer.usage), alternatives: choices.length };
  },

  readStream(units) {
    const heard = new Heard();
    const places = new Set([0]);
    let finish: unknown;
    let usage: unknown;
    let error: RawObject | undefined;
    let finishUnit: number | undefined;
    let lastWordUnit: number | undefined;
    for (const [index, unit] of units.entries()) {
      if (unit.data?.trim() === "[DONE]") lastWordUnit ??= index;
      const chunk = objectIn(unit.json);
      if (chunk.object === "error") error ??= chunk;
      if (isRawObject(chunk.usage)) usage = chunk.usage;
      for (const choice of objectsIn(chunk.choices)) {
        const place = numberIn(choice.index) ?? 0;
        places.add(place);
        if (place !== 0) continue;
        heard.take(objectIn(choice.delta));
        if (wordIn(choice.finish_reason) === undefined) continue;
        finish = choice.finish_reason;
        finishUnit ??= index;
      }
    }
    const facts: StreamFacts = {
      outcome: "success",
      ...heard.facts(finish, usage),
      alternatives: places.size,
      finishUnit,
      lastWordUnit,
    };
    return error === undefined ? facts : { ...facts, ...failed(error) };
  },
};

/** What was said so far, in one message or in many deltas. */
class Heard {
  #text = "";
  #thinking = "";
  readonly #signatures: string[] = [];
  readonly #calls: ToolCallFact[] = [];

  take(message: RawObject): void {
    const chunks = typeof message.content === "string" ? [{ type: "text", text: message.content }] : objectsIn(message.content);
    for (const chunk of chunks) this.#takeChunk(chunk);
    for (const call of objectsIn(message.tool_calls)) this.#calls.push(callOf(call));
  }

  #takeChunk(chunk: RawObject): void {
    if (chunk.type === "text") this.#text += stringIn(chunk.text) ?? "";
    if (chunk.type !== "thinking") return;
    for (const entry of objectsIn(chunk.thinking)) this.#thinking += stringIn(entry.text) ?? "";
    const signature = wordIn(chunk.signature);
    if (signature !== undefined) this.#signatures.push(signature);
  }

  facts(finish: unknown, usage: unknown): Omit<AnswerFacts, "outcome" | "alternatives"> {
    return {
      text: this.#text,
      refusal: "",
      reasoningText: this.#thinking,
      hasReasoning: this.#thinking !== "",
      toolCalls: this.#calls,
      signatures: this.#signatures,
      media: 0,
      finish: finishOf(finish, this.#calls.length > 0),
      usage: usageOf(objectIn(usage)),
    };
  }
}

function callOf(call: RawObject): ToolCallFact {
  const target = objectIn(call.function);
  const name = stringIn(target.name) ?? "";
  if (isRawObject(target.arguments)) return { id: wordIn(call.id), name, arguments: target.arguments };
  return toolCallFact(wordIn(call.id), name, stringIn(target.arguments) ?? "");
}

function finishOf(word: unknown, calls: boolean): readonly FinishReason[] {
  const reason = FINISH[wordIn(word) ?? ""];
  if (reason === undefined) return [];
  return calls && reason === "stop" ? ["stop", "tool-calls"] : [reason];
}

/** Input includes what was cached; audio may be in the total only. */
function usageOf(usage: RawObject): UsageFacts {
  const input = numberIn(usage.prompt_tokens);
  const output = numberIn(usage.completion_tokens);
  const details = isRawObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : objectIn(usage.prompt_token_details);
  const cached = numberIn(details.cached_tokens) ?? numberIn(usage.num_cached_tokens);
  return {
    ...(input === undefined ? {} : { inputTokens: [input] }),
    ...(output === undefined ? {} : { outputTokens: [output] }),
    ...(cached === undefined ? {} : { cacheReadTokens: [cached] }),
  };
}

function failed(error: RawObject): AnswerFacts {
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(error)) };
}
