/** Reads answers of /v2/chat straight from the wire's definition: one message, or events named by their type. */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type ToolCallFact, toolCallFact, type UsageFacts } from "../facts.ts";
import { numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn } from "../raw-json.ts";

export const cohereReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    const message = objectIn(answer.message);
    if (wordIn(answer.message) !== undefined) return failure(stringIn(answer.message));
    const blocks = objectsIn(message.content);
    return {
      ...NO_ANSWER,
      ...spoken(stringsOf(blocks, "thinking"), stringsOf(blocks, "text") + (stringIn(message.tool_plan) ?? "")),
      toolCalls: objectsIn(message.tool_calls).map((call) => callOf(call, [])),
      finish: finishOf(answer.finish_reason),
      usage: usageOf(answer.usage),
    };
  },

  readStream(units) {
    const events = units.map((unit) => objectIn(unit.json));
    const last = events.findIndex((event) => event.type === "message-end");
    const end = last < 0 ? undefined : last;
    const ending = objectIn(events[last]?.delta);
    const told = wordIn(ending.error);
    const places = { finishUnit: end, lastWordUnit: end };
    if (told !== undefined) return { ...failure(told), ...places };
    const contents = piecesOf(events, ["content-start", "content-delta"]).map(({ message }) => objectIn(message.content));
    const plans = piecesOf(events, ["tool-plan-delta"]).map(({ message }) => message);
    return {
      ...NO_ANSWER,
      ...spoken(stringsOf(contents, "thinking"), stringsOf(contents, "text") + stringsOf(plans, "tool_plan")),
      toolCalls: streamedCalls(events),
      finish: finishOf(ending.finish_reason),
      usage: usageOf(ending.usage),
      ...places,
    };
  },
};

function failure(words: string | undefined): AnswerFacts {
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, words ?? "") };
}

function spoken(reasoning: string, text: string): Pick<AnswerFacts, "text" | "reasoningText" | "hasReasoning"> {
  return { text, reasoningText: reasoning, hasReasoning: reasoning !== "" };
}

function stringsOf(objects: readonly RawObject[], name: string): string {
  return objects.map((object) => stringIn(object[name]) ?? "").join("");
}

function piecesOf(events: readonly RawObject[], types: readonly string[]) {
  return events
    .filter((event) => types.includes(String(event.type)))
    .map((event) => ({ index: event.index, message: objectIn(objectIn(event.delta).message) }));
}

function streamedCalls(events: readonly RawObject[]): readonly ToolCallFact[] {
  const pieces = piecesOf(events, ["tool-call-delta"]);
  return piecesOf(events, ["tool-call-start"]).map(({ index, message }) => {
    const texts = pieces.filter((piece) => piece.index === index);
    const argumentTexts = texts.map((piece) => stringIn(objectIn(objectIn(piece.message.tool_calls).function).arguments) ?? "");
    return callOf(objectIn(message.tool_calls), argumentTexts);
  });
}

function callOf(call: RawObject, more: readonly string[]): ToolCallFact {
  const target = objectIn(call.function);
  return toolCallFact(wordIn(call.id), stringIn(target.name) ?? "", (stringIn(target.arguments) ?? "") + more.join(""));
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
  ERROR: "error",
  TIMEOUT: "error",
};

function finishOf(raw: unknown): readonly FinishReason[] {
  const reason = FINISH[String(raw)];
  return reason === undefined ? [] : [reason];
}

/** What the model read and wrote, with images, which are counted beside; what is billed is another matter. */
function usageOf(raw: unknown): UsageFacts {
  const usage = objectIn(raw);
  const tokens = objectIn(usage.tokens);
  const text = numberIn(tokens.input_tokens);
  return {
    inputTokens: [text === undefined ? undefined : text + (numberIn(tokens.image_tokens) ?? 0)],
    outputTokens: [numberIn(tokens.output_tokens)],
    cacheReadTokens: [numberIn(usage.cached_tokens)],
    reasoningTokens: [numberIn(tokens.reasoning_tokens)],
  };
}
