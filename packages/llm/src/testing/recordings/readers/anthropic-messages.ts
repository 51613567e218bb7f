/** Reads Messages answers straight from the wire's definition: content blocks, their deltas, and usage that excludes the cache. */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type ToolCallFact, toolCallFact, type UsageFacts } from "../facts.ts";
import { isRawObject, listIn, numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn, wordsIn } from "../raw-json.ts";
import type { StreamUnit } from "../raw-stream.ts";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content-filter",
  pause_turn: "pause",
};

export const anthropicMessagesReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    if (answer.type === "error" || isRawObject(answer.error)) return failed(answer);
    const blocks = objectsIn(answer.content).map(wholeBlock);
    return { ...factsOf(blocks), finish: finishOf(answer.stop_reason), usage: usageOf(objectIn(answer.usage)) };
  },

  readStream(units) {
    const blocks: Block[] = [];
    const usage: Record<string, unknown> = {};
    let stopReason: unknown;
    let error: RawObject | undefined;
    let finishUnit: number | undefined;
    let lastWordUnit: number | undefined;
    units.forEach((unit: StreamUnit, index) => {
      // Nothing after the last word belongs to this message.
      if (lastWordUnit !== undefined) return;
      const data = objectIn(unit.json);
      const event = data.type === undefined ? { ...data, type: unit.event } : data;
      if (event.type === "error") error ??= event;
      if (event.type === "message_start") takeUsage(usage, objectIn(event.message).usage);
      if (event.type === "content_block_start") blocks.push(wholeBlock(objectIn(event.content_block), event.index));
      if (event.type === "content_block_delta") takeDelta(blocks, event);
      if (event.type === "message_delta") {
        takeUsage(usage, event.usage);
        const reason = objectIn(event.delta).stop_reason;
        if (wordIn(reason) !== undefined) {
          stopReason = reason;
          finishUnit ??= index;
        }
      }
      if (event.type === "message_stop") lastWordUnit = index;
    });
    const heard = { ...factsOf(blocks), usage: usageOf(usage), finishUnit, lastWordUnit };
    return error === undefined
      ? { ...heard, finish: finishOf(stopReason) }
      : { ...heard, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(error)) };
  },
};

/** One content block, with what its deltas add. */
interface Block {
  readonly index: unknown;
  readonly raw: RawObject;
  text: string;
  json: string;
  signature: string;
}

function wholeBlock(raw: RawObject, index: unknown): Block {
  return {
    index,
    raw,
    text: stringIn(raw.text) ?? stringIn(raw.thinking) ?? "",
    json: "",
    signature: stringIn(raw.signature) ?? "",
  };
}

function takeDelta(blocks: readonly Block[], event: RawObject): void {
  const block = blocks.findLast((one) => one.index === event.index);
  if (block === undefined) return;
  const delta = objectIn(event.delta);
  block.text += stringIn(delta.text) ?? stringIn(delta.thinking) ?? "";
  block.signature += stringIn(delta.signature) ?? "";
  block.json += stringIn(delta.partial_json) ?? "";
}

/** Figures of `message_delta` are cumulative and replace those of `message_start`; a null or a missing one does not. */
function takeUsage(usage: Record<string, unknown>, later: unknown): void {
  for (const [name, value] of Object.entries(objectIn(later))) if (value !== null) usage[name] = value;
}

function factsOf(blocks: readonly Block[]): AnswerFacts {
  const textOf = (type: string): string =>
    blocks
      .filter((block) => block.raw.type === type)
      .map((block) => block.text)
      .join("");
  return {
    ...NO_ANSWER,
    text: textOf("text"),
    reasoningText: textOf("thinking"),
    hasReasoning: blocks.some((block) => block.raw.type === "thinking" || block.raw.type === "redacted_thinking"),
    signatures: wordsIn(blocks.flatMap((block) => [block.signature, block.raw.type === "redacted_thinking" && block.raw.data])),
    toolCalls: blocks.filter((block) => block.raw.type === "tool_use").map(toolCallOf),
  };
}

/** The input comes as JSON pieces, or whole with the block's start. */
function toolCallOf(block: Block): ToolCallFact {
  const id = wordIn(block.raw.id);
  const name = stringIn(block.raw.name) ?? "";
  return block.json === "" ? { id, name, arguments: block.raw.input ?? {} } : toolCallFact(id, name, block.json);
}

function finishOf(raw: unknown): readonly FinishReason[] {
  const word = wordIn(raw);
  const reason = word === undefined ? undefined : FINISH_REASONS[word];
  return reason === undefined ? [] : [reason];
}

/** `input_tokens` leaves out what was read from and written to the cache; the inclusive total adds both. */
function usageOf(usage: RawObject): UsageFacts {
  const input = numberIn(usage.input_tokens);
  const read = numberIn(usage.cache_read_input_tokens);
  const written = numberIn(usage.cache_creation_input_tokens);
  const output = numberIn(usage.output_tokens);
  const thinking = numberIn(objectIn(usage.output_tokens_details).thinking_tokens);
  return {
    ...(input === undefined ? {} : { inputTokens: [input + (read ?? 0) + (written ?? 0)] }),
    ...(read === undefined ? {} : { cacheReadTokens: [read] }),
    ...(written === undefined ? {} : { cacheWriteTokens: [written] }),
    ...(output === undefined ? {} : { outputTokens: [output] }),
    ...(thinking === undefined ? {} : { reasoningTokens: [thinking] }),
  };
}

function failed(answer: RawObject): AnswerFacts {
  const words = listIn([answer.error]).map((error) => JSON.stringify(error));
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, words.join(" ")) };
}
