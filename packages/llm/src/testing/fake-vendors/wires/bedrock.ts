/**
 * POST /model/{id}/converse, its stream in binary frames, and its token count. Facts: the types of
 * `@aws-sdk/client-bedrock-runtime`, and answers of the service. Usage is exclusive: `inputTokens` leaves out what the cache
 * read or wrote.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens, type OfferedTool, type Question, type SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, Delivery, GenerationWire, Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, parsedJson, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, jsonReply } from "../reply.ts";
import { jsonPieces, textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { checkBedrockRequest, contentOf } from "./bedrock-checks.ts";
import { bedrockError, bedrockFailure } from "./bedrock-error.ts";
import { brokenFrame, eventFrame, exceptionFrame } from "./bedrock-frames.ts";
import { seenBase64 } from "./media.ts";

export interface BedrockReading extends Reading {
  /** The prompt up to the last cache point; empty without points. */
  readonly marked: readonly string[];
  readonly keptOneHour: boolean;
  /** Whether the caller asked for the stop sequence that was met. */
  readonly tellsStopSequence: boolean;
}

export const bedrockWire: GenerationWire<BedrockReading> = {
  read: (request, world) => readConverse(request.body, request.path, world),
  compose: composeAnswer,
  failure: bedrockFailure,
};

const MODEL_PATH = /^\/model\/([^/]+)\/(converse|converse-stream|count-tokens)$/;

/** POST /model/{id}/count-tokens */
export function countBedrockTokens(request: FakeRequest, world: FakeWorld): Delivery {
  const read = readConverse(objectOf(objectOf(request.body.input).converse), request.path, world);
  return { reply: jsonReply(200, { inputTokens: countTokens(read.question.prompt) }) };
}

function readConverse(body: JsonObject, path: string, world: FakeWorld): BedrockReading {
  const [, id = "", operation] = MODEL_PATH.exec(path) ?? [];
  const name = decodeURIComponent(id);
  const model = world.model(name.startsWith("arn:") ? name.slice(name.lastIndexOf("/") + 1) : name);
  if (model === undefined) throw bedrockError("The provided model identifier is invalid.");
  checkBedrockRequest(body, model, world);
  const blocks = promptBlocks(body);
  const lastPoint = blocks.findLastIndex((block) => block.cachePoint !== undefined);
  const paths = stringsOf(body.additionalModelResponseFieldPaths);
  return {
    model: model.id,
    stream: operation === "converse-stream",
    question: questionOf(body, model, texts(blocks)),
    marked: texts(blocks.slice(0, Math.max(0, lastPoint))),
    keptOneHour: objectOf(blocks[lastPoint]?.cachePoint).ttl === "1h",
    tellsStopSequence: paths.includes("/stop_sequence"),
  };
}

/** Every block in the order in which the model reads them: tools, system, messages. */
function promptBlocks(body: JsonObject): readonly JsonObject[] {
  return [
    ...objectsOf(objectOf(body.toolConfig).tools),
    ...objectsOf(body.system),
    ...objectsOf(body.messages).flatMap((message) => contentOf(message)),
  ];
}

function texts(blocks: readonly JsonObject[]): readonly string[] {
  return blocks.filter((block) => block.cachePoint === undefined).map(blockText);
}

function blockText(block: JsonObject): string {
  if (typeof block.text === "string") return block.text;
  return block.toolResult === undefined ? JSON.stringify(block) : resultText(objectOf(block.toolResult));
}

function resultText({ content: items }: JsonObject): string {
  return objectsOf(items)
    .map((item) => (item.json === undefined ? stringOf(item.text) || `<${Object.keys(item).join()}>` : JSON.stringify(item.json)))
    .join("\n");
}

function questionOf(body: JsonObject, model: FakeModel, prompt: readonly string[]): Question {
  const messages = objectsOf(body.messages);
  const spoken = messages.findLastIndex(
    (message) => message.role === "user" && contentOf(message).some((block) => block.toolResult === undefined),
  );
  const blocks = contentOf(messages[spoken]);
  const results = messages
    .slice(Math.max(0, spoken))
    .flatMap(contentOf)
    .filter((block) => block.toolResult !== undefined)
    .map((block) => objectOf(block.toolResult));
  const { schema } = objectOf(objectOf(objectOf(objectOf(body.outputConfig).textFormat).structure).jsonSchema);
  const { maxTokens, stopSequences } = objectOf(body.inferenceConfig);
  return {
    model: model.id,
    prompt,
    lastUserText: blocks
      .map((block) => stringOf(block.text))
      .filter(Boolean)
      .join("\n"),
    tools: toolsOf(body),
    toolChoice: choiceOf(objectOf(objectOf(body.toolConfig).toolChoice)),
    parallelToolCalls: true,
    toolResults: results.map((result) => ({ name: nameOfCall(messages, result.toolUseId), text: resultText(result) })),
    schema: typeof schema === "string" ? objectOf(parsedJson(schema)) : undefined,
    media: blocks.flatMap(mediaOf),
    reasoning: thinks(objectOf(body.additionalModelRequestFields), model),
    outputTokensMax: numberOf(maxTokens),
    stopSequences: stringsOf(stopSequences),
  };
}

function toolsOf(body: JsonObject): readonly OfferedTool[] {
  return objectsOf(objectOf(body.toolConfig).tools)
    .map((tool) => objectOf(tool.toolSpec))
    .filter((spec) => spec.name !== undefined)
    .map((spec) => ({ name: stringOf(spec.name), parameters: objectOf(objectOf(spec.inputSchema).json) }));
}

function choiceOf(choice: JsonObject): Question["toolChoice"] {
  if (choice.tool !== undefined) return { tool: stringOf(objectOf(choice.tool).name) };
  return choice.any === undefined ? "auto" : "required";
}

function nameOfCall(messages: readonly JsonObject[], id: unknown): string {
  const calls = messages.flatMap(contentOf).map((block) => objectOf(block.toolUse));
  return stringOf(calls.find((call) => call.toolUseId === id)?.name);
}

function mediaOf(block: JsonObject): readonly SeenMedia[] {
  for (const kind of ["image", "document", "video"]) {
    const { format, source } = objectOf(block[kind]);
    const { bytes, s3Location } = objectOf(source);
    if (typeof bytes === "string") return [seenBase64(`${kind}/${stringOf(format)}`, bytes)];
    if (s3Location !== undefined) return [{ mediaType: kind, url: stringOf(objectOf(s3Location).uri) }];
  }
  return [];
}

/** Each family by its own fields. */
function thinks(fields: JsonObject, model: FakeModel): boolean {
  if (model.reasoning === "always") return true;
  const { type } = objectOf(fields.thinking);
  return (
    model.reasoning !== "no" && (type === "enabled" || type === "adaptive" || objectOf(fields.reasoningConfig).type === "enabled")
  );
}

const STOP_REASONS: Readonly<Record<Answer["finish"], string>> = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  "tool-calls": "tool_use",
  length: "max_tokens",
  refusal: "content_filtered",
};

function composeAnswer(read: BedrockReading, answer: Answer, world: FakeWorld): Composed {
  const blocks = answerBlocks(read, answer, world);
  const usage = usageOf(read, answer, world);
  const metrics = { latencyMs: 321 };
  const told = read.tellsStopSequence && answer.stopSequence !== undefined ? { stop_sequence: answer.stopSequence } : undefined;
  const stop = {
    stopReason: STOP_REASONS[answer.finish],
    ...(told === undefined ? {} : { additionalModelResponseFields: told }),
  };
  const message = "The system encountered an unexpected error during processing. Try your request again.";
  return {
    headers: { "x-amzn-requestid": world.id("", 24) },
    streamContentType: "application/vnd.amazon.eventstream",
    body: { metrics, output: { message: { content: blocks, role: "assistant" } }, ...stop, usage },
    frames: answerFrames(blocks, stop, { metrics, usage }),
    malformedFrame: brokenFrame(frame("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "half" } })),
    errorFrame: exceptionFrame("internalServerException", JSON.stringify({ message })),
    errorBody: { __type: "InternalServerException", message },
  };
}

function answerBlocks(read: BedrockReading, answer: Answer, world: FakeWorld): readonly JsonObject[] {
  const signed = read.model.includes("anthropic.");
  const thoughts =
    answer.reasoning === undefined
      ? []
      : [{ text: answer.reasoning, ...(signed ? { signature: world.sign(answer.reasoning) } : {}) }];
  const calls = answer.toolCalls.map((call) => ({
    toolUse: { toolUseId: world.id("tooluse_", 22), name: call.name, input: call.arguments },
  }));
  return [
    ...thoughts.map((reasoningText) => ({ reasoningContent: { reasoningText } })),
    ...(answer.text === "" ? [] : [{ text: answer.text }]),
    ...calls,
  ];
}

function usageOf(read: BedrockReading, answer: Answer, world: FakeWorld): JsonObject {
  const { readTokens, writeTokens } = world.memory.readMarked(read.model, read.marked);
  const all = countTokens(read.question.prompt);
  const ttl = read.keptOneHour ? "1h" : "5m";
  return {
    inputTokens: all - readTokens - writeTokens,
    outputTokens: answer.outputTokens,
    totalTokens: all + answer.outputTokens,
    cacheReadInputTokens: readTokens,
    cacheWriteInputTokens: writeTokens,
    ...(writeTokens === 0 ? {} : { cacheDetails: [{ ttl, inputTokens: writeTokens }] }),
    serverToolUsage: {},
  };
}

/** Every frame is padded, so that its length tells nothing of the text. */
function frame(name: string, payload: JsonObject): Uint8Array {
  return eventFrame(name, JSON.stringify({ ...payload, p: "abcdefghijk" }));
}

function answerFrames(blocks: readonly JsonObject[], stop: JsonObject, metadata: JsonObject): readonly Frame[] {
  return [
    head(frame("messageStart", { role: "assistant" })),
    ...blocks.flatMap(blockFrames),
    end(frame("messageStop", stop)),
    end(frame("metadata", metadata)),
  ];
}

function blockFrames(block: JsonObject, index: number): readonly Frame[] {
  const { start, deltas } = unfolded(block);
  return [
    ...(start === undefined ? [] : [content(frame("contentBlockStart", { contentBlockIndex: index, start }))]),
    ...deltas.map((delta) => content(frame("contentBlockDelta", { contentBlockIndex: index, delta }))),
    content(frame("contentBlockStop", { contentBlockIndex: index })),
  ];
}

interface Unfolded {
  /** Only calls have one. */
  readonly start?: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function unfolded(block: JsonObject): Unfolded {
  if (typeof block.text === "string") return { deltas: textPieces(block.text).map((text) => ({ text })) };
  if (block.toolUse !== undefined) {
    const { input, ...toolUse } = objectOf(block.toolUse);
    return { start: { toolUse }, deltas: jsonPieces(JSON.stringify(input)).map((piece) => ({ toolUse: { input: piece } })) };
  }
  const { text, signature } = objectOf(objectOf(block.reasoningContent).reasoningText);
  const pieces = textPieces(stringOf(text)).map((piece) => ({ reasoningContent: { text: piece } }));
  return { deltas: signature === undefined ? pieces : [...pieces, { reasoningContent: { signature } }] };
}
