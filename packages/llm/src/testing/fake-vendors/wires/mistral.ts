/**
 * POST /v1/chat/completions of Mistral: content as text or chunks, thinking among them, tool calls in one piece each.
 * Facts: the types of @mistralai/mistralai and answers of the API. It shares no code with the dialect.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import { type Answer, countTokens, type Question, type SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, GenerationWire, Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, sse } from "../reply.ts";
import { textPieces } from "../text-pieces.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { seenBase64, seenUrl } from "./media.ts";
import { checkMistralRequest } from "./mistral-checks.ts";
import { INTERNAL_ERROR, invalidField, invalidModel, mistralFailure } from "./mistral-error.ts";
import { embeds } from "./mistral-models.ts";

interface MistralReading extends Reading {
  /** Tools on offer that must not be called come out as text. */
  readonly garbles: boolean;
  /** The beginning of the answer, which it repeats. */
  readonly prefix: string;
}

export const mistralWire: GenerationWire<MistralReading> = { read, compose, failure: mistralFailure };

function read({ body }: FakeRequest, world: FakeWorld): MistralReading {
  const id = stringOf(body.model);
  if (id === "") throw invalidField("missing", ["model"], "Field required", {});
  const model = world.model(id);
  if (model === undefined || embeds(model)) throw invalidModel(id);
  checkMistralRequest(body, model);
  return {
    model: id,
    stream: body.stream === true,
    question: questionOf(body, model),
    prefix: prefixOf(objectsOf(body.messages).at(-1)),
    garbles: body.tool_choice === "none" && objectsOf(body.tools).length > 0,
  };
}

function prefixOf(last: JsonObject | undefined): string {
  return last?.prefix === true ? textOf(last.content) : "";
}

/** Magistral thinks whatever it is told, the others when asked. */
function thinks(body: JsonObject, model: FakeModel): boolean {
  return model.reasoning === "always" || (model.reasoning !== "no" && body.reasoning_effort === "high");
}

function questionOf(body: JsonObject, model: FakeModel): Question {
  const messages = objectsOf(body.messages);
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  const results = messages.slice(lastUser + 1).filter((message) => message.role === "tool");
  return {
    model: model.id,
    prompt: [...objectsOf(body.tools).map((tool) => JSON.stringify(tool)), ...messages.map(messageText)],
    lastUserText: textOf(messages[lastUser]?.content),
    tools: objectsOf(body.tools).map((tool) => {
      const { name, parameters } = objectOf(tool.function);
      return { name: stringOf(name), parameters: objectOf(parameters) };
    }),
    toolChoice: choiceOf(body.tool_choice),
    parallelToolCalls: body.parallel_tool_calls !== false,
    toolResults: results.map((result) => ({
      name: stringOf(result.name) || nameOfCall(messages, stringOf(result.tool_call_id)),
      text: textOf(result.content),
    })),
    schema: schemaOf(objectOf(body.response_format)),
    media: mediaOf(messages[lastUser]?.content),
    reasoning: thinks(body, model),
    outputTokensMax: numberOf(body.max_tokens),
    stopSequences: stringsOf(body.stop),
  };
}

function messageText(message: JsonObject): string {
  const calls = objectsOf(message.tool_calls).map((call) => JSON.stringify(call.function));
  return [stringOf(message.role), textOf(message.content), ...calls].join(" ");
}

/** Thoughts are read with the rest. */
function textOf(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  return objectsOf(value)
    .map((chunk) => (chunk.type === "thinking" ? textOf(chunk.thinking) : stringOf(chunk.text)))
    .filter(Boolean)
    .join("\n");
}

function mediaOf(value: JsonValue | undefined): readonly SeenMedia[] {
  return objectsOf(value).flatMap(({ type, image_url: image, document_url: document, input_audio: audio, file_id: file }) => {
    if (type === "image_url") return [seenUrl(stringOf(image) || stringOf(objectOf(image).url))];
    if (type === "document_url") return [seenUrl(stringOf(document))];
    if (type === "file") return [{ mediaType: "file", url: stringOf(file) }];
    return type === "input_audio" ? [seenBase64("audio", stringOf(audio) || stringOf(objectOf(audio).data))] : [];
  });
}

function choiceOf(choice: JsonValue | undefined): Question["toolChoice"] {
  if (choice === "any" || choice === "required") return "required";
  if (choice === "none") return "none";
  const name = stringOf(objectOf(objectOf(choice).function).name);
  return name === "" ? "auto" : { tool: name };
}

function schemaOf(format: JsonObject): JsonObject | undefined {
  if (format.type === "json_schema") return objectOf(objectOf(format.json_schema).schema);
  return format.type === "json_object" ? {} : undefined;
}

function nameOfCall(messages: readonly JsonObject[], id: string): string {
  const call = messages.flatMap((message) => objectsOf(message.tool_calls)).find((candidate) => candidate.id === id);
  return stringOf(objectOf(call?.function).name);
}

const FINISH: Readonly<Record<Answer["finish"], string>> = {
  stop: "stop",
  "stop-sequence": "stop",
  "tool-calls": "tool_calls",
  length: "length",
  // There is no word for it: the model declines in text.
  refusal: "stop",
};

function compose(reading: MistralReading, answer: Answer, world: FakeWorld): Composed {
  const id = world.id("", 32).toLowerCase();
  const base = { id, created: CREATED_AT, model: reading.model };
  const text = reading.garbles ? `[TOOL_CALLS]${reading.question.tools[0]?.name ?? ""}{}` : reading.prefix + answer.text;
  const calls = answer.toolCalls.map((call, index) => ({
    id: world.id("", 9),
    // Both forms are in the vendor's types.
    function: { name: call.name, arguments: index % 2 === 0 ? JSON.stringify(call.arguments) : call.arguments },
    index,
  }));
  const totals = totalsOf(reading, answer);
  const cached = world.memory.read(reading.model, reading.question.prompt);
  const message = {
    role: "assistant",
    tool_calls: calls.length === 0 ? null : calls,
    content: contentOf(answer.reasoning, text),
  };
  const finish = FINISH[answer.finish];
  return {
    headers: { "mistral-correlation-id": world.id("", 36) },
    streamContentType: "text/event-stream; charset=utf-8",
    body: {
      ...base,
      usage: { ...totals, num_cached_tokens: cached },
      object: "chat.completion",
      choices: [{ index: 0, finish_reason: finish, message }],
    },
    frames: framesOf(base, answer.reasoning, text, calls, finish, {
      ...totals,
      prompt_tokens_details: { cached_tokens: cached },
    }),
    malformedFrame: `data: {"id":"${id}","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"half\n\n`,
    errorFrame: sse(INTERNAL_ERROR),
    errorBody: INTERNAL_ERROR,
  };
}

function contentOf(reasoning: string | undefined, text: string): JsonValue {
  if (reasoning === undefined) return text;
  const thought = { type: "thinking", thinking: [{ type: "text", text: reasoning }], closed: true };
  return text === "" ? [thought] : [thought, { type: "text", text }];
}

function totalsOf(reading: MistralReading, answer: Answer): JsonObject {
  const prompt = countTokens(reading.question.prompt);
  return { prompt_tokens: prompt, total_tokens: prompt + answer.outputTokens, completion_tokens: answer.outputTokens };
}

function framesOf(
  base: JsonObject,
  reasoning: string | undefined,
  text: string,
  calls: readonly JsonObject[],
  finish: string,
  usage: JsonObject,
): readonly Frame[] {
  const chunk = (delta: JsonObject, finishReason: string | null = null, extras: JsonObject = {}): string =>
    sse({
      id: base.id,
      object: "chat.completion.chunk",
      created: base.created,
      model: base.model,
      choices: [{ index: 0, delta, finish_reason: finishReason }],
      ...extras,
      // Noise that hides how long the pieces are.
      p: "abcdefghij",
    });
  const thought = (list: readonly JsonObject[]): JsonObject => ({ content: [{ type: "thinking", thinking: list }] });
  return [
    head(chunk({ role: "assistant", content: "" })),
    ...textPieces(reasoning ?? "").map((piece) => content(chunk(thought([{ type: "text", text: piece }])))),
    ...(reasoning === undefined ? [] : [content(chunk(thought([])))]),
    ...textPieces(text).map((piece) => content(chunk({ content: piece }))),
    ...calls.map((call) => content(chunk({ tool_calls: [call] }))),
    end(chunk({ content: "" }, finish, { usage })),
    end("data: [DONE]\n\n"),
  ];
}
