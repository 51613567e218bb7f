/**
 * POST /v1/messages and its token count. Facts: the types of `@anthropic-ai/sdk`, and answers of the service.
 * Usage is exclusive: `input_tokens` leaves out what the cache read or wrote.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens, type OfferedTool, type Question, type SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, Delivery, GenerationWire, Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, jsonReply, namedSse } from "../reply.ts";
import { jsonPieces, textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { blocksOf, checkAnthropicRequest } from "./anthropic-checks.ts";
import { anthropicError, anthropicErrorBody, anthropicFailure } from "./anthropic-error.ts";
import { seenBase64 } from "./media.ts";

export interface AnthropicReading extends Reading {
  /** The prompt up to the last cache mark; empty without marks. */
  readonly marked: readonly string[];
  readonly keptOneHour: boolean;
}

export const anthropicWire: GenerationWire<AnthropicReading> = {
  read: (request, world) => readMessages(request, world, false),
  compose: composeMessage,
  failure: anthropicFailure,
};

/** POST /v1/messages/count_tokens */
export function countAnthropicTokens(request: FakeRequest, world: FakeWorld): Delivery {
  const read = readMessages(request, world, true);
  return { reply: jsonReply(200, { input_tokens: countTokens(read.question.prompt) }) };
}

function readMessages(request: FakeRequest, world: FakeWorld, counting: boolean): AnthropicReading {
  const { body } = request;
  if (request.headers["anthropic-version"] === undefined) throw anthropicError("anthropic-version: header is required");
  if (typeof body.model !== "string" || body.model === "") throw anthropicError("model: Field required");
  const model = world.model(body.model);
  if (model === undefined) throw anthropicError(`model: ${body.model}`, 404);
  checkAnthropicRequest(body, model, world, counting);
  const blocks = promptBlocks(body);
  const lastMark = blocks.findLastIndex((block) => objectOf(block.cache_control).type === "ephemeral");
  return {
    model: body.model,
    stream: body.stream === true,
    question: questionOf(body, model, blocks.map(blockText)),
    marked: blocks.slice(0, lastMark + 1).map(blockText),
    keptOneHour: objectOf(blocks[lastMark]?.cache_control).ttl === "1h",
  };
}

/** Every block in the order in which the model reads them: tools, system, messages. */
function promptBlocks(body: JsonObject): readonly JsonObject[] {
  const system = typeof body.system === "string" ? [{ type: "text", text: body.system }] : objectsOf(body.system);
  const messages = objectsOf(body.messages).flatMap((message) =>
    blocksOf(message).map((block) => ({ ...block, role: message.role })),
  );
  return [...objectsOf(body.tools), ...system, ...messages];
}

function blockText(block: JsonObject): string {
  const { cache_control: _mark, ...rest } = block;
  if (rest.type === "text") return [rest.role, rest.text].filter(Boolean).join(" ");
  if (rest.type === "tool_result") return `${stringOf(rest.tool_use_id)} ${resultText(rest)}`;
  return JSON.stringify(rest);
}

function resultText(block: JsonObject): string {
  if (typeof block.content === "string") return block.content;
  return objectsOf(block.content)
    .map((part) => (part.type === "text" ? stringOf(part.text) : `<${stringOf(part.type)}>`))
    .join("\n");
}

function questionOf(body: JsonObject, model: FakeModel, prompt: readonly string[]): Question {
  const messages = objectsOf(body.messages);
  const spoken = messages.findLastIndex(
    (message) => message.role === "user" && blocksOf(message).some((block) => block.type !== "tool_result"),
  );
  const results = messages
    .slice(spoken)
    .flatMap(blocksOf)
    .filter((block) => block.type === "tool_result");
  const blocks = blocksOf(messages[spoken]);
  const choice = objectOf(body.tool_choice);
  const thinking = objectOf(body.thinking).type;
  return {
    model: model.id,
    prompt,
    lastUserText: blocks
      .map((block) => stringOf(block.text))
      .filter(Boolean)
      .join("\n"),
    tools: toolsOf(body),
    toolChoice:
      choice.type === "any"
        ? "required"
        : choice.type === "none"
          ? "none"
          : choice.type === "tool"
            ? { tool: stringOf(choice.name) }
            : "auto",
    parallelToolCalls: choice.disable_parallel_tool_use !== true,
    toolResults: results.map((block) => ({ name: nameOfCall(messages, block.tool_use_id), text: resultText(block) })),
    schema:
      objectOf(objectOf(body.output_config).format).type === "json_schema"
        ? objectOf(objectOf(objectOf(body.output_config).format).schema)
        : undefined,
    media: blocks.flatMap(mediaOf),
    reasoning: thinking === "enabled" || thinking === "adaptive" || (model.reasoning === "always" && thinking !== "disabled"),
    outputTokensMax: numberOf(body.max_tokens),
    stopSequences: stringsOf(body.stop_sequences),
  };
}

function toolsOf(body: JsonObject): readonly OfferedTool[] {
  return objectsOf(body.tools)
    .filter((tool) => tool.input_schema !== undefined)
    .map((tool) => ({ name: stringOf(tool.name), parameters: objectOf(tool.input_schema) }));
}

function nameOfCall(messages: readonly JsonObject[], id: unknown): string {
  return stringOf(messages.flatMap(blocksOf).find((block) => block.type === "tool_use" && block.id === id)?.name);
}

function mediaOf(block: JsonObject): readonly SeenMedia[] {
  if (block.type !== "image" && block.type !== "document") return [];
  const source = objectOf(block.source);
  if (source.type === "base64") return [seenBase64(stringOf(source.media_type), stringOf(source.data))];
  return [{ mediaType: block.type, url: stringOf(source.url) }];
}

const STOP_REASONS: Readonly<Record<Answer["finish"], string>> = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  "tool-calls": "tool_use",
  length: "max_tokens",
  refusal: "refusal",
};

function composeMessage(read: AnthropicReading, answer: Answer, world: FakeWorld): Composed {
  const blocks = answerBlocks(answer, world);
  const usage = usageOf(read, answer, world);
  const message = { model: read.model, id: world.id("msg_01", 22), type: "message", role: "assistant" };
  const stop = {
    stop_reason: STOP_REASONS[answer.finish],
    stop_sequence: answer.stopSequence ?? null,
    stop_details: answer.finish === "refusal" ? { type: "refusal", category: null, explanation: null } : null,
  };
  const opening = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usage, output_tokens: 1 },
  };
  const failed = anthropicErrorBody("api_error", "Internal server error");
  return {
    headers: answerHeaders(world),
    streamContentType: "text/event-stream; charset=utf-8",
    body: { ...message, content: blocks, ...stop, usage },
    frames: messageFrames(opening, blocks, stop, usage),
    malformedFrame:
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half\n\n',
    errorFrame: namedSse({ ...failed, type: "error" }),
    errorBody: failed,
  };
}

function answerBlocks(answer: Answer, world: FakeWorld): readonly JsonObject[] {
  const thoughts =
    answer.reasoning === undefined
      ? []
      : [{ type: "thinking", thinking: answer.reasoning, signature: world.sign(answer.reasoning) }];
  const text = answer.text === "" ? [] : [{ type: "text", text: answer.text }];
  const calls = answer.toolCalls.map((call) => ({
    type: "tool_use",
    id: world.id("toolu_01", 22),
    name: call.name,
    input: call.arguments,
  }));
  return [...thoughts, ...text, ...calls];
}

function usageOf(read: AnthropicReading, answer: Answer, world: FakeWorld): JsonObject {
  const { readTokens, writeTokens } = world.memory.readMarked(read.model, read.marked);
  return {
    input_tokens: countTokens(read.question.prompt) - readTokens - writeTokens,
    cache_creation_input_tokens: writeTokens,
    cache_read_input_tokens: readTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: read.keptOneHour ? 0 : writeTokens,
      ephemeral_1h_input_tokens: read.keptOneHour ? writeTokens : 0,
    },
    output_tokens: answer.outputTokens,
    ...(answer.reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: answer.reasoningTokens } }),
    service_tier: "standard",
  };
}

function answerHeaders(world: FakeWorld): Record<string, string> {
  return {
    "request-id": world.id("req_011", 20),
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-01-01T00:01:00Z",
    "anthropic-ratelimit-tokens-limit": "480000",
    "anthropic-ratelimit-tokens-remaining": "479000",
    "anthropic-ratelimit-tokens-reset": "2026-01-01T00:01:00Z",
  };
}

function messageFrames(
  opening: JsonObject,
  blocks: readonly JsonObject[],
  stop: JsonObject,
  usage: JsonObject,
): readonly Frame[] {
  const { cache_creation: _split, service_tier: _tier, ...cumulative } = usage;
  return [
    head(namedSse({ type: "message_start", message: opening })),
    head('event: ping\ndata: {"type": "ping"}\n\n'),
    ...blocks.flatMap(blockFrames),
    content(namedSse({ type: "message_delta", delta: stop, usage: cumulative })),
    end(namedSse({ type: "message_stop" })),
  ];
}

function blockFrames(block: JsonObject, index: number): readonly Frame[] {
  const { empty, deltas } = BLOCK_DELTAS[stringOf(block.type)]?.(block) ?? { empty: block, deltas: [] };
  return [
    content(namedSse({ type: "content_block_start", index, content_block: empty })),
    ...deltas.map((delta) => content(namedSse({ type: "content_block_delta", index, delta }))),
    content(namedSse({ type: "content_block_stop", index })),
  ];
}

interface BlockDeltas {
  readonly empty: JsonObject;
  readonly deltas: readonly JsonObject[];
}

const BLOCK_DELTAS: Readonly<Record<string, (block: JsonObject) => BlockDeltas>> = {
  text: (block) => ({
    empty: { type: "text", text: "" },
    deltas: textPieces(stringOf(block.text)).map((text) => ({ type: "text_delta", text })),
  }),
  thinking: (block) => ({
    empty: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...textPieces(stringOf(block.thinking)).map((thinking) => ({ type: "thinking_delta", thinking })),
      { type: "signature_delta", signature: block.signature },
    ],
  }),
  tool_use: (block) => ({
    empty: { ...block, input: {} },
    deltas: ["", ...jsonPieces(JSON.stringify(block.input))].map((json) => ({ type: "input_json_delta", partial_json: json })),
  }),
};

/** The row of `GET /v1/models`. */
export function anthropicModelRow(model: FakeModel): JsonObject {
  return {
    type: "model",
    id: model.id,
    display_name: model.id,
    created_at: "2026-01-01T00:00:00Z",
    max_input_tokens: model.contextTokens,
    max_tokens: 64_000,
    capabilities: {
      image_input: { supported: true },
      thinking: { supported: model.reasoning !== "no" },
      structured_outputs: { supported: true },
    },
  };
}
