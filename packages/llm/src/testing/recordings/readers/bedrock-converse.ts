/** Reads answers of Bedrock's Converse straight from the wire's definition: one message of blocks, or frames by their name. */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type ToolCallFact, toolCallFact, type UsageFacts } from "../facts.ts";
import { numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn, wordsIn } from "../raw-json.ts";
import type { StreamUnit } from "../raw-stream.ts";

export const bedrockConverseReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    const told = wordIn(answer.message) ?? wordIn(answer.Message);
    if (told !== undefined) return failure(told);
    const blocks = objectsIn(objectIn(objectIn(answer.output).message).content);
    const thoughts = blocks.map((block) => objectIn(block.reasoningContent));
    const spoken = thoughts.map((thought) => objectIn(thought.reasoningText));
    return {
      ...NO_ANSWER,
      text: blocks.map(textOfBlock).join(""),
      ...reasoned(joined(spoken, "text"), thoughts),
      toolCalls: blocks
        .map((block) => objectIn(block.toolUse))
        .flatMap((toolUse) => callsOf(toolUse, JSON.stringify(toolUse.input))),
      signatures: wordsIn([...spoken.map((one) => one.signature), ...thoughts.map((thought) => thought.redactedContent)]),
      finish: finishOf(answer.stopReason),
      usage: usageOf(answer.usage),
    };
  },

  readStream(units) {
    const exception = units.find((unit) => unit.event?.endsWith("xception") === true);
    const stop = placeOf(units, "messageStop");
    const metadata = placeOf(units, "metadata");
    const places = { finishUnit: stop, lastWordUnit: metadata };
    if (exception !== undefined) return { ...failure(stringIn(objectIn(exception.json).message)), ...places };
    const deltas = eventsOf(units, "contentBlockDelta").map((event) => ({
      at: event.contentBlockIndex,
      delta: objectIn(event.delta),
    }));
    const thoughts = deltas.map(({ delta }) => objectIn(delta.reasoningContent));
    const calls = eventsOf(units, "contentBlockStart").flatMap((event) => {
      const pieces = deltas.filter(({ at }) => at === event.contentBlockIndex).map(({ delta }) => objectIn(delta.toolUse));
      return callsOf(objectIn(objectIn(event.start).toolUse), joined(pieces, "input"));
    });
    return {
      ...NO_ANSWER,
      text: deltas.map(({ delta }) => stringIn(delta.text) ?? "").join(""),
      ...reasoned(joined(thoughts, "text"), thoughts),
      toolCalls: calls,
      signatures: wordsIn(thoughts.flatMap((thought) => [thought.signature, thought.redactedContent])),
      finish: finishOf(unitJson(units, stop).stopReason),
      usage: usageOf(unitJson(units, metadata).usage),
      ...places,
    };
  },
};

function failure(words: string | undefined): AnswerFacts {
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, words ?? "") };
}

function textOfBlock(block: RawObject): string {
  return stringIn(block.text) ?? joined(objectsIn(objectIn(block.citationsContent).content), "text");
}

function reasoned(text: string, thoughts: readonly RawObject[]): Pick<AnswerFacts, "reasoningText" | "hasReasoning"> {
  return { reasoningText: text, hasReasoning: text !== "" || thoughts.some((thought) => thought.redactedContent !== undefined) };
}

function joined(objects: readonly RawObject[], name: string): string {
  return objects.map((object) => stringIn(object[name]) ?? "").join("");
}

/** Tools that Bedrock runs itself are no calls for the caller. */
function callsOf(toolUse: RawObject, text: string): readonly ToolCallFact[] {
  if (toolUse.toolUseId === undefined || toolUse.type === "server_tool_use") return [];
  return [toolCallFact(wordIn(toolUse.toolUseId), stringIn(toolUse.name) ?? "", text)];
}

function placeOf(units: readonly StreamUnit[], name: string): number | undefined {
  const index = units.findIndex((unit) => unit.event === name);
  return index < 0 ? undefined : index;
}

function unitJson(units: readonly StreamUnit[], index: number | undefined): RawObject {
  return objectIn(index === undefined ? undefined : units[index]?.json);
}

function eventsOf(units: readonly StreamUnit[], name: string): readonly RawObject[] {
  return units.filter((unit) => unit.event === name).map((unit) => objectIn(unit.json));
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  content_filtered: "content-filter",
  guardrail_intervened: "content-filter",
};

function finishOf(raw: unknown): readonly FinishReason[] {
  const reason = FINISH[String(raw)];
  return reason === undefined ? [] : [reason];
}

/** What the cache read and wrote stands beside the input, not in it. */
function usageOf(raw: unknown): UsageFacts {
  const usage = objectIn(raw);
  const read = numberIn(usage.cacheReadInputTokens);
  const written = numberIn(usage.cacheWriteInputTokens);
  const fresh = numberIn(usage.inputTokens);
  return {
    inputTokens: [fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0)],
    cacheReadTokens: [read],
    cacheWriteTokens: [written],
    outputTokens: [numberIn(usage.outputTokens)],
    reasoningTokens: [undefined],
  };
}
