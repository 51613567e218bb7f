/**
 * POST /chat/completions: OpenAI's own wire and that of the servers which follow it. What they do differently comes as
 * data (`chat-flavours.ts`). Facts: the types of the `openai` package, and answers of the services.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import { type Answer, countTokens, type Question, type SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, GenerationWire } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, sse } from "../reply.ts";
import { jsonPieces, textPieces } from "../text-pieces.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { seenBase64, seenUrl } from "./media.ts";
import { checkChatRequest } from "./openai-chat-checks.ts";

export function openAiChatWire(flavour: ChatFlavour): GenerationWire<ChatReading> {
  return {
    read: (request, world) => readChat(request, flavour, world),
    compose: (read, answer, world) => {
      const told = flavour.retell?.(answer, read) ?? answer;
      const composed = composeChat(read, told, flavour, world);
      return flavour.rework?.(composed, read, told, world) ?? composed;
    },
    failure: flavour.failure,
  };
}

function readChat(request: FakeRequest, flavour: ChatFlavour, world: FakeWorld): ChatReading {
  const { body } = request;
  const id = stringOf(body.model);
  if (id === "") throw flavour.missingModel();
  const model = world.model(flavour.modelName(id));
  if (model === undefined) throw flavour.unknownModel(id);
  checkChatRequest(body);
  const reasoning = model.reasoning === "always" ? flavour.reasoningOff(body) === false : flavour.reasoningOn(body, model);
  flavour.check(body, model, reasoning);
  const question = questionOf(body, id, reasoning);
  return {
    model: id,
    stream: body.stream === true,
    question,
    body,
    includeUsage: objectOf(body.stream_options).include_usage === true,
  };
}

function questionOf(body: JsonObject, model: string, reasoning: boolean): Question {
  const messages = objectsOf(body.messages);
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  const results = messages.slice(lastUser + 1).filter((message) => message.role === "tool");
  return {
    model,
    prompt: chatPrompt(body),
    lastUserText: contentText(messages[lastUser]?.content),
    tools: objectsOf(body.tools).map((tool) => {
      const { name, parameters } = objectOf(tool.function);
      return { name: stringOf(name), parameters: objectOf(parameters) };
    }),
    toolChoice: toolChoiceOf(body.tool_choice),
    parallelToolCalls: body.parallel_tool_calls !== false,
    toolResults: results.map((result) => ({
      name: nameOfCall(messages, stringOf(result.tool_call_id)),
      text: contentText(result.content),
    })),
    schema: schemaOf(objectOf(body.response_format)),
    media: mediaOf(messages[lastUser]?.content),
    reasoning,
    outputTokensMax: numberOf(body.max_completion_tokens) ?? numberOf(body.max_tokens),
    stopSequences: stringsOf(body.stop),
  };
}

/** The prompt as blocks: the tools, then the messages. */
export function chatPrompt(body: JsonObject): readonly string[] {
  return [...objectsOf(body.tools).map((tool) => JSON.stringify(tool)), ...objectsOf(body.messages).map(messageText)];
}

function messageText(message: JsonObject): string {
  const calls = objectsOf(message.tool_calls).map((call) => JSON.stringify(call.function));
  return [stringOf(message.role), contentText(message.content), ...calls].join(" ");
}

export function contentText(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  return objectsOf(value)
    .map((part) => stringOf(part.text ?? part.refusal))
    .filter(Boolean)
    .join("\n");
}

function mediaOf(value: JsonValue | undefined): readonly SeenMedia[] {
  return objectsOf(value).flatMap((part) => {
    if (part.type === "image_url") return [seenUrl(stringOf(objectOf(part.image_url).url))];
    if (part.type === "file") return [seenUrl(stringOf(objectOf(part.file).file_data))];
    const audio = objectOf(part.input_audio);
    return part.type === "input_audio" ? [seenBase64(`audio/${stringOf(audio.format)}`, stringOf(audio.data))] : [];
  });
}

function toolChoiceOf(choice: JsonValue | undefined): Question["toolChoice"] {
  if (choice === "none" || choice === "required") return choice;
  const name = stringOf(objectOf(objectOf(choice).function).name);
  return name === "" ? "auto" : { tool: name };
}

/** llama.cpp takes the schema one level higher than OpenAI. */
function schemaOf(format: JsonObject): JsonObject | undefined {
  if (format.type === "json_schema") return objectOf(objectOf(format.json_schema).schema ?? format.schema);
  return format.type === "json_object" ? objectOf(format.schema) : undefined;
}

function nameOfCall(messages: readonly JsonObject[], id: string): string {
  const call = messages.flatMap((message) => objectsOf(message.tool_calls)).find((candidate) => candidate.id === id);
  return stringOf(objectOf(call?.function).name);
}

function composeChat(read: ChatReading, answer: Answer, flavour: ChatFlavour, world: FakeWorld): Composed {
  if (answer.finish === "refusal") flavour.refuse?.();
  const id = world.id(flavour.answerIdPrefix);
  const base = { id, created: CREATED_AT, model: read.model };
  const calls = answer.toolCalls.map((call, index) => ({
    id: flavour.callId(call.name, index, world),
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  const usage = usageOf(read, answer, flavour, world);
  const message = messageOf(answer, calls, flavour);
  const finishReason = finishOf(answer, flavour);
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason };
  const extras = flavour.extras(read, answer, usage);
  const plan: StreamPlan = { base, calls, usage, finishReason, extras };
  return {
    headers: flavour.headers(world),
    streamContentType: flavour.streamContentType,
    body: { ...base, object: "chat.completion", choices: [choice], usage, ...extras },
    frames: chatFrames(read, answer, plan, flavour),
    malformedFrame: `data: {"id":"${id}","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"half\n\n`,
    errorFrame: `${sse(flavour.errorBody)}`,
    errorBody: flavour.errorBody,
  };
}

function messageOf(answer: Answer, calls: readonly JsonObject[], flavour: ChatFlavour): JsonObject {
  const refused = answer.finish === "refusal" && flavour.refusal === "field";
  const filtered = answer.finish === "refusal" && flavour.refusal === "filter";
  const silent = refused || calls.length > 0;
  return {
    role: "assistant",
    content: silent ? null : filtered ? "" : answer.text,
    ...(flavour.refusal === "field" ? { refusal: refused ? answer.text : null, annotations: [] } : {}),
    ...(answer.reasoning === undefined || flavour.reasoningField === undefined
      ? {}
      : { [flavour.reasoningField]: answer.reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

const FINISH: Readonly<Record<Answer["finish"], string>> = {
  stop: "stop",
  "stop-sequence": "stop",
  "tool-calls": "tool_calls",
  length: "length",
  refusal: "stop",
};

function finishOf(answer: Answer, flavour: ChatFlavour): string {
  return answer.finish === "refusal" && flavour.refusal === "filter"
    ? (flavour.filterWord ?? "content_filter")
    : FINISH[answer.finish];
}

function usageOf(read: ChatReading, answer: Answer, flavour: ChatFlavour, world: FakeWorld): JsonObject {
  const promptTokens = countTokens(read.question.prompt);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answer.outputTokens,
    total_tokens: promptTokens + answer.outputTokens,
    ...flavour.usageDetails(world.memory.read(read.model, read.question.prompt), answer.reasoningTokens),
  };
}

interface StreamPlan {
  readonly base: JsonObject;
  readonly calls: readonly JsonObject[];
  readonly usage: JsonObject;
  readonly finishReason: string;
  readonly extras: JsonObject;
}

function chatFrames(read: ChatReading, answer: Answer, plan: StreamPlan, flavour: ChatFlavour): readonly Frame[] {
  const noUsage = read.includeUsage && flavour.nullUsageInChunks ? { usage: null } : {};
  const chunk = (delta: JsonObject, finishReason: string | null = null, choiceExtras: JsonObject = {}, extras: JsonObject = {}) =>
    sse({
      ...plan.base,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason, ...choiceExtras }],
      ...noUsage,
      ...extras,
    });
  const role = flavour.roleInEveryChunk ? { role: "assistant" } : {};
  const deltas = contentDeltas(answer, plan.calls, flavour);
  const choiceUsage = flavour.usageInChoice ? { usage: plan.usage } : {};
  return [
    ...(flavour.comment === undefined ? [] : [head(flavour.comment)]),
    ...(flavour.roleInEveryChunk ? [] : [head(chunk({ role: "assistant", content: plan.calls.length > 0 ? null : "" }))]),
    ...deltas.map((delta) => content(chunk({ ...role, ...delta }))),
    end(chunk({}, plan.finishReason, choiceUsage, read.includeUsage ? {} : plan.extras)),
    ...(read.includeUsage
      ? [end(sse({ ...plan.base, object: "chat.completion.chunk", choices: [], usage: plan.usage, ...plan.extras }))]
      : []),
    end("data: [DONE]\n\n"),
  ];
}

function contentDeltas(answer: Answer, calls: readonly JsonObject[], flavour: ChatFlavour): readonly JsonObject[] {
  const field = flavour.reasoningField;
  const thoughts = field === undefined ? [] : textPieces(answer.reasoning ?? "").map((piece) => ({ [field]: piece }));
  return [...thoughts, ...textDeltas(answer, flavour), ...calls.flatMap((call, index) => callDeltas(call, index))];
}

function textDeltas(answer: Answer, flavour: ChatFlavour): readonly JsonObject[] {
  if (answer.finish === "refusal" && flavour.refusal === "filter") return [];
  const field = answer.finish === "refusal" && flavour.refusal === "field" ? "refusal" : "content";
  return textPieces(answer.text).map((piece) => ({ [field]: piece }));
}

function callDeltas(call: JsonObject, index: number): readonly JsonObject[] {
  const { name, arguments: json } = objectOf(call.function);
  return [
    { tool_calls: [{ index, id: call.id, type: "function", function: { name, arguments: "" } }] },
    ...jsonPieces(stringOf(json)).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ];
}

/** The row of `GET /models`. */
export function openAiModelRow(model: FakeModel, ownedBy: string): JsonObject {
  return { id: model.id, object: "model", created: CREATED_AT, owned_by: ownedBy };
}
