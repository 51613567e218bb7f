/**
 * Reads Interactions answers straight from the wire's definition: a list of steps, or in the form before June 2026 a flat
 * list of blocks, which counts here as steps of one block each. A stream's steps are put together from their pieces.
 */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type ToolCallFact, toolCallFact, type UsageFacts } from "../facts.ts";
import { isRawObject, listIn, numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn, wordsIn } from "../raw-json.ts";

export const geminiInteractionsReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    return answerFacts(answer, stepsOf(answer));
  },

  readStream(units) {
    const steps = new Map<unknown, RawObject[]>();
    let last: RawObject | undefined;
    let finishUnit: number | undefined;
    let lastWordUnit: number | undefined;
    let error: RawObject | undefined;
    units.forEach((unit, index) => {
      const event = objectIn(unit.json);
      const type = stringIn(event.event_type) ?? unit.event ?? "";
      if (/\.start$/.test(type) && event.index !== undefined) steps.set(event.index, [startOf(event)]);
      if (/\.delta$/.test(type)) steps.set(event.index, [...(steps.get(event.index) ?? []), objectIn(event.delta)]);
      if (type === "error" || isRawObject(event.error)) error ??= event;
      if (type === "interaction.completed" || type === "interaction.complete") {
        last ??= objectIn(event.interaction);
        finishUnit ??= index;
      }
      if (unit.data === "[DONE]") lastWordUnit ??= index;
    });
    const facts = answerFacts(last ?? {}, [...steps.values()].map(wholeStep));
    const ends = { finishUnit, lastWordUnit: lastWordUnit ?? finishUnit };
    if (error === undefined) return { ...facts, ...ends };
    return { ...facts, ...ends, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(error)) };
  },
};

function stepsOf(answer: RawObject): readonly RawObject[] {
  return Array.isArray(answer.steps) ? objectsIn(answer.steps) : objectsIn(answer.outputs).map(blockAsStep);
}

function startOf(event: RawObject): RawObject {
  return isRawObject(event.step) ? event.step : blockAsStep(objectIn(event.content));
}

const BLOCKS: ReadonlySet<unknown> = new Set(["text", "image", "audio", "video", "document"]);

function blockAsStep(block: RawObject): RawObject {
  return BLOCKS.has(block.type) ? { type: "model_output", content: [block] } : block;
}

/** A step from what it started with and its pieces. */
function wholeStep([start = {}, ...pieces]: readonly RawObject[]): RawObject {
  if (start.type === "model_output") {
    const blocks = [...objectsIn(start.content), ...pieces.filter((piece) => BLOCKS.has(piece.type))];
    return { ...start, content: blocks };
  }
  if (start.type === "thought") {
    const summary = pieces.map((piece) => piece.content).filter(isRawObject);
    const signatures = wordsIn(pieces.map((piece) => piece.signature));
    return { ...start, summary: [...objectsIn(start.summary), ...summary], signature: signatures.at(-1) ?? start.signature };
  }
  if (start.type === "function_call") {
    const text = pieces.map((piece) => stringIn(piece.arguments) ?? "").join("");
    const whole = Object.assign({}, start, ...pieces.filter((piece) => piece.type === "function_call"));
    return text === "" ? whole : { ...whole, arguments: text };
  }
  return Object.assign({}, start, ...pieces);
}

function answerFacts(answer: RawObject, steps: readonly RawObject[]): AnswerFacts {
  if (isRawObject(answer.error) || (answer.status === "failed" && steps.length === 0)) {
    const words = JSON.stringify(answer.error ?? answer.errors ?? null);
    return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, words) };
  }
  const blocks = steps.filter((step) => step.type === "model_output").flatMap((step) => objectsIn(step.content));
  const thoughts = steps.filter((step) => step.type === "thought");
  const toolCalls = steps.filter((step) => step.type === "function_call").map(callOf);
  return {
    ...NO_ANSWER,
    text: blocks.map((block) => (block.type === "text" ? (stringIn(block.text) ?? "") : "")).join(""),
    reasoningText: thoughts
      .flatMap((step) => objectsIn(step.summary))
      .reduce((text, one) => text + (stringIn(one.text) ?? ""), ""),
    hasReasoning: thoughts.length > 0,
    toolCalls,
    signatures: wordsIn(steps.map((step) => step.signature)),
    media: blocks.filter((block) => block.type !== "text" && (wordIn(block.data) ?? wordIn(block.uri)) !== undefined).length,
    finish: finishOf(answer, toolCalls.length > 0),
    usage: usageOf(objectIn(answer.usage)),
  };
}

function callOf(step: RawObject): ToolCallFact {
  const text = typeof step.arguments === "string" ? step.arguments : JSON.stringify(step.arguments ?? {});
  return toolCallFact(wordIn(step.id), stringIn(step.name) ?? "", text);
}

function finishOf(answer: RawObject, hasCalls: boolean): readonly FinishReason[] {
  if (answer.status === "completed") return hasCalls ? ["tool-calls"] : ["stop"];
  if (answer.status === "requires_action") return hasCalls ? ["tool-calls"] : ["tool-calls", "pause", "other"];
  if (answer.status === "incomplete") return ["length", "content-filter"];
  if (answer.status === "failed") return ["error"];
  return [];
}

/** `total_tokens` is the sum of input, output, thoughts and the prompts of tools. */
function usageOf(usage: RawObject): UsageFacts {
  if (listIn(Object.keys(usage)).length === 0) return {};
  const thoughts = numberIn(usage.total_thought_tokens);
  const total = numberIn(usage.total_tokens);
  const answered = numberIn(usage.total_output_tokens);
  const output = answered === undefined ? undefined : answered + (thoughts ?? 0);
  const input = total === undefined || output === undefined ? numberIn(usage.total_input_tokens) : total - output;
  return {
    inputTokens: [input],
    outputTokens: [output],
    reasoningTokens: [thoughts],
    cacheReadTokens: [numberIn(usage.total_cached_tokens)],
    cacheWriteTokens: [undefined],
  };
}
