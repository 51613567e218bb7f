/**
 * POST /v2/chat. Facts: the types of `cohere-ai`, and recorded answers of the service: models that do not think plan their
 * calls in `tool_plan`, results of tools are cited, and what is billed is less than what was read.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens, type OfferedTool, type Question } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, GenerationWire, Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, namedSse } from "../reply.ts";
import { jsonPieces, textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { checkCohereRequest, cohereBlocks } from "./cohere-checks.ts";
import { cohereError, cohereErrorBody, cohereFailure, cohereUnknownModel } from "./cohere-error.ts";
import { seenUrl } from "./media.ts";

export interface CohereReading extends Reading {
  readonly results: readonly CohereResult[];
  readonly plans: boolean;
  readonly logprobs: boolean;
}

interface CohereResult {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly output: JsonObject;
}

export const cohereWire: GenerationWire<CohereReading> = {
  read: readChat,
  compose: composeAnswer,
  failure: cohereFailure,
};

/** Throws a Refusal where there is no such model. */
export function cohereModel(request: FakeRequest, world: FakeWorld): FakeModel {
  const id = stringOf(request.body.model);
  if (id === "") throw cohereError("a model parameter is required for this endpoint.");
  const model = world.model(id);
  if (model === undefined) throw cohereUnknownModel(id);
  return model;
}

function readChat(request: FakeRequest, world: FakeWorld): CohereReading {
  const { body } = request;
  const model = cohereModel(request, world);
  if (/^(?:embed|rerank)-/.test(model.id)) {
    throw cohereError(`invalid request: model '${model.id}' is not supported by the chat API`);
  }
  checkCohereRequest(body, model);
  const question = questionOf(body, model);
  return {
    model: model.id,
    stream: body.stream === true,
    question,
    results: resultsOf(body),
    plans: !question.reasoning,
    logprobs: body.logprobs === true,
  };
}

function questionOf(body: JsonObject, model: FakeModel): Question {
  const messages = objectsOf(body.messages);
  const spoken = cohereBlocks(messages[lastUserTurn(messages)]);
  const thinking = objectOf(body.thinking).type;
  const choice = stringOf(body.tool_choice).toUpperCase();
  const format = objectOf(body.response_format);
  return {
    model: model.id,
    prompt: promptOf(body),
    lastUserText: spoken
      .map((block) => stringOf(block.text))
      .filter(Boolean)
      .join("\n"),
    tools: toolsOf(body),
    toolChoice: choice === "REQUIRED" ? "required" : choice === "NONE" ? "none" : "auto",
    parallelToolCalls: true,
    toolResults: resultsOf(body),
    schema: format.type === undefined || format.type === "text" ? undefined : objectOf(format.json_schema),
    media: spoken.flatMap((block) => (block.type === "image_url" ? [seenUrl(stringOf(objectOf(block.image_url).url))] : [])),
    // A model that thinks does so unless it is told not to.
    reasoning: thinking === "enabled" || (model.reasoning === "always" && thinking !== "disabled"),
    outputTokensMax: numberOf(body.max_tokens),
    stopSequences: stringsOf(body.stop_sequences),
  };
}

function lastUserTurn(messages: readonly JsonObject[]): number {
  return messages.findLastIndex((message) => message.role === "user");
}

function promptOf(body: JsonObject): readonly string[] {
  const messages = objectsOf(body.messages).flatMap((message) => [
    ...cohereBlocks(message).map((block) =>
      block.type === "text" ? `${stringOf(message.role)} ${stringOf(block.text)}` : JSON.stringify(block),
    ),
    stringOf(message.tool_plan),
    ...objectsOf(message.tool_calls).map((call) => JSON.stringify(call)),
  ]);
  return [...objectsOf(body.tools), ...objectsOf(body.documents)]
    .map((item) => JSON.stringify(item))
    .concat(messages.filter(Boolean));
}

function toolsOf(body: JsonObject): readonly OfferedTool[] {
  return objectsOf(body.tools)
    .map((tool) => objectOf(tool.function))
    .map(({ name, parameters }) => ({ name: stringOf(name), parameters: objectOf(parameters) }));
}

/** Results after the last words of the user, with what a citation repeats of them. */
function resultsOf(body: JsonObject): readonly CohereResult[] {
  const messages = objectsOf(body.messages);
  const calls = messages.flatMap((message) => objectsOf(message.tool_calls));
  return messages
    .slice(lastUserTurn(messages) + 1)
    .filter((message) => message.role === "tool")
    .map((message) => {
      const id = stringOf(message.tool_call_id);
      const call = calls.find((candidate) => candidate.id === id);
      const documents = cohereBlocks(message).flatMap((block) =>
        block.type === "document" ? [objectOf(objectOf(block.document).data)] : [],
      );
      const texts = cohereBlocks(message).map((block) => stringOf(block.text));
      const text = [...texts, ...documents.map((data) => JSON.stringify(data))].filter(Boolean).join("\n");
      return { id, name: stringOf(objectOf(call?.function).name), text, output: documents[0] ?? { content: text } };
    });
}

const FINISH_REASONS: Readonly<Record<Answer["finish"], string>> = {
  stop: "COMPLETE",
  "stop-sequence": "STOP_SEQUENCE",
  "tool-calls": "TOOL_CALL",
  length: "MAX_TOKENS",
  refusal: "COMPLETE",
};

/** What an answer says, before it is written as a body or as events. */
interface Spoken {
  readonly blocks: readonly JsonObject[];
  readonly plan: string;
  readonly calls: readonly JsonObject[];
  readonly citations: readonly JsonObject[];
}

function composeAnswer(read: CohereReading, answer: Answer, world: FakeWorld): Composed {
  const spoken = speak(read, answer, world);
  const { blocks, plan, calls, citations } = spoken;
  const id = world.id("", 24);
  const ending = { finish_reason: FINISH_REASONS[answer.finish], usage: usageOf(read, answer, world) };
  const logprobs = blocks.flatMap((block) => textPieces(stringOf(block.text)).map(logprobOf));
  const message: JsonObject = {
    role: "assistant",
    ...(blocks.length === 0 ? {} : { content: blocks }),
    ...(plan === "" ? {} : { tool_plan: plan }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(citations.length === 0 ? {} : { citations }),
  };
  const failed = "internal server error, please contact support@cohere.com";
  return {
    headers: {},
    streamContentType: "text/event-stream",
    body: { id, message, ...ending, ...(read.logprobs ? { logprobs } : {}) },
    frames: framesOf(id, spoken, ending, read.logprobs),
    malformedFrame:
      'event: content-delta\ndata: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"half\n\n',
    errorFrame: messageEnd({ finish_reason: "ERROR", usage: {}, error: failed }),
    errorBody: cohereErrorBody(failed),
  };
}

function speak(read: CohereReading, answer: Answer, world: FakeWorld): Spoken {
  const { reasoning, text, toolCalls } = answer;
  const calls = toolCalls.map((call) => ({
    id: world.id(`${call.name}_`, 12),
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  const names = toolCalls.map((call) => call.name).join(" and ");
  return {
    blocks: [
      ...(reasoning === undefined ? [] : [{ type: "thinking", thinking: reasoning }]),
      ...(text === "" ? [] : [{ type: "text", text }]),
    ],
    plan: calls.length > 0 && read.plans ? `I will use ${names} to find out.` : "",
    calls,
    citations: citationsOf(read, text, reasoning === undefined ? undefined : 1),
  };
}

/** The words of each result, where the answer repeats them. */
function citationsOf(read: CohereReading, text: string, contentIndex: number | undefined): readonly JsonObject[] {
  return read.results.flatMap((result) => {
    const start = result.text === "" ? -1 : text.indexOf(result.text);
    if (start < 0) return [];
    const source = { type: "tool", id: `${result.id}:0`, tool_output: result.output };
    const place = contentIndex === undefined ? {} : { content_index: contentIndex };
    return [{ start, end: start + result.text.length, text: result.text, sources: [source], type: "TEXT_CONTENT", ...place }];
  });
}

function logprobOf(text: string): JsonObject {
  return { text, token_ids: [text.length], logprobs: [-0.5] };
}

/** Tokens that the model's template adds, which nobody is billed for. */
const TEMPLATE_TOKENS = 8;

function usageOf(read: CohereReading, answer: Answer, world: FakeWorld): JsonObject {
  const input = countTokens(read.question.prompt);
  return {
    billed_units: { input_tokens: input, output_tokens: answer.outputTokens },
    tokens: {
      input_tokens: input + TEMPLATE_TOKENS,
      output_tokens: answer.outputTokens + 1,
      ...(answer.reasoning === undefined ? {} : { reasoning_tokens: answer.reasoningTokens }),
    },
    cached_tokens: world.memory.read(read.model, read.question.prompt),
  };
}

function framesOf(
  id: string,
  { blocks, plan, calls, citations }: Spoken,
  ending: JsonObject,
  logprobs: boolean,
): readonly Frame[] {
  const message = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  return [
    head(namedSse({ id, type: "message-start", delta: { message } })),
    ...blocks.flatMap((block, index) => blockFrames(block, index, logprobs)),
    ...textPieces(plan).map((piece) => content(namedSse({ type: "tool-plan-delta", delta: { message: { tool_plan: piece } } }))),
    ...calls.flatMap(callFrames),
    ...citations.map((citation, index) =>
      content(event("citation-start", index, { citations: citation }) + event("citation-end", index)),
    ),
    end(messageEnd(ending)),
    end("data: [DONE]\n\n"),
  ];
}

function blockFrames(block: JsonObject, index: number, logprobs: boolean): readonly Frame[] {
  const field = block.type === "thinking" ? "thinking" : "text";
  const pieces = textPieces(stringOf(block[field]));
  return [
    content(event("content-start", index, { content: { type: block.type, [field]: "" } })),
    ...pieces.map((piece) => {
      const probabilities: JsonObject = logprobs && field === "text" ? { logprobs: logprobOf(piece) } : {};
      return content(event("content-delta", index, { content: { [field]: piece } }, probabilities));
    }),
    content(event("content-end", index)),
  ];
}

function callFrames(call: JsonObject, index: number): readonly Frame[] {
  const { name, arguments: json } = objectOf(call.function);
  const opening = { ...call, function: { name, arguments: "" } };
  return [
    content(event("tool-call-start", index, { tool_calls: opening })),
    ...jsonPieces(stringOf(json)).map((piece) =>
      content(event("tool-call-delta", index, { tool_calls: { function: { arguments: piece } } })),
    ),
    content(event("tool-call-end", index)),
  ];
}

function event(type: string, index: number, message?: JsonObject, rest: JsonObject = {}): string {
  return namedSse({ type, index, ...(message === undefined ? {} : { delta: { message } }), ...rest });
}

function messageEnd(delta: JsonObject): string {
  return namedSse({ type: "message-end", delta });
}
