/**
 * POST /api/chat and /api/generate: JSON lines, arguments as objects, the engine's own timings. Facts: the types of the
 * `ollama` package, and answers of the engine. Tools end with `stop`; a prompt over `num_ctx` is silently cut.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens, type Question } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { FailureKind, Fault } from "../faults.ts";
import { type Composed, type GenerationWire, type Reading, retryHeaders } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, jsonReply, type WholeReply } from "../reply.ts";
import { textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { seenBase64 } from "./media.ts";
import { checkOllamaRequest, ollamaError, ollamaModel } from "./ollama-checks.ts";

export interface OllamaReading extends Reading {
  /** Tokens that the engine reads after it has cut the prompt to its window. */
  readonly promptTokens: number;
  /** No messages at all: the caller only wants the model loaded. */
  readonly loadOnly: boolean;
}

const CONTEXT_DEFAULT = 4096;
const CREATED = "2026-01-01T00:00:00.000000Z";

export const ollamaChatWire: GenerationWire<OllamaReading> = {
  read: (request, world) => readOllama(request, world, chatQuestion, objectsOf(request.body.messages).length === 0),
  compose: (read, answer, world) => compose(read, answer, world, chatShape),
  failure: ollamaFailure,
};

export const ollamaGenerateWire: GenerationWire<OllamaReading> = {
  read: (request, world) => readOllama(request, world, generateQuestion, stringOf(request.body.prompt) === ""),
  compose: (read, answer, world) => compose(read, answer, world, generateShape),
  failure: ollamaFailure,
};

function readOllama(
  request: FakeRequest,
  world: FakeWorld,
  questionOf: (body: JsonObject, model: FakeModel) => Question,
  loadOnly: boolean,
): OllamaReading {
  const { body } = request;
  const model = ollamaModel(body, world);
  checkOllamaRequest(body, model);
  const question = questionOf(body, model);
  const window = numberOf(objectOf(body.options).num_ctx) ?? CONTEXT_DEFAULT;
  const tokens = countTokens(question.prompt);
  if (tokens > window && body.truncate === false) {
    throw ollamaError(400, `prompt too long; exceeded max context length by ${tokens - window} tokens`);
  }
  return {
    model: stringOf(body.model),
    stream: body.stream !== false,
    question,
    promptTokens: Math.min(tokens, window),
    loadOnly,
  };
}

function chatQuestion(body: JsonObject, model: FakeModel): Question {
  const messages = objectsOf(body.messages);
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  const results = messages.slice(lastUser + 1).filter((message) => message.role === "tool");
  const prompt = [...objectsOf(body.tools).map((tool) => JSON.stringify(tool)), ...messages.map(messageText)];
  return {
    ...settingsOf(body, model),
    prompt,
    lastUserText: stringOf(messages[lastUser]?.content),
    tools: objectsOf(body.tools).map((tool) => {
      const { name, parameters } = objectOf(tool.function);
      return { name: stringOf(name), parameters: objectOf(parameters) };
    }),
    toolResults: results.map((message) => ({
      name: stringOf(message.tool_name) || nameOfCall(messages, message.tool_call_id),
      text: stringOf(message.content),
    })),
    media: stringsOf(messages[lastUser]?.images).map(seenImage),
  };
}

function generateQuestion(body: JsonObject, model: FakeModel): Question {
  return {
    ...settingsOf(body, model),
    prompt: [stringOf(body.system), stringOf(body.prompt)].filter(Boolean),
    lastUserText: stringOf(body.prompt),
    tools: [],
    toolResults: [],
    media: stringsOf(body.images).map(seenImage),
  };
}

/** The engine looks at the bytes; nobody tells it the type. */
function seenImage(base64: string) {
  return seenBase64("image", base64);
}

type Settings = "model" | "toolChoice" | "parallelToolCalls" | "schema" | "reasoning" | "outputTokensMax" | "stopSequences";

function settingsOf(body: JsonObject, model: FakeModel): Pick<Question, Settings> {
  const options = objectOf(body.options);
  const { format, think } = body;
  const limit = numberOf(options.num_predict);
  return {
    model: model.id,
    toolChoice: "auto",
    parallelToolCalls: true,
    schema: format === undefined || format === null || format === "" ? undefined : objectOf(format),
    reasoning: think === undefined || think === null ? model.reasoning === "always" : think !== false,
    outputTokensMax: limit !== undefined && limit > 0 ? limit : undefined,
    stopSequences: stringsOf(options.stop),
  };
}

function messageText(message: JsonObject): string {
  const calls = objectsOf(message.tool_calls).map((call) => JSON.stringify(call.function));
  return [stringOf(message.role), stringOf(message.content), ...calls].join(" ");
}

function nameOfCall(messages: readonly JsonObject[], id: unknown): string {
  const call = messages
    .flatMap((message) => objectsOf(message.tool_calls))
    .find((candidate) => candidate.id !== undefined && candidate.id === id);
  return stringOf(objectOf(call?.function).name);
}

/** How one endpoint lays out a piece of an answer. */
interface Shape {
  readonly piece: (text: string, thinking: string | undefined, calls: readonly JsonObject[]) => JsonObject;
}

const chatShape: Shape = {
  piece: (text, thinking, calls) => ({
    message: {
      role: "assistant",
      content: text,
      ...(thinking === undefined ? {} : { thinking }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  }),
};

const generateShape: Shape = {
  piece: (text, thinking) => ({ response: text, ...(thinking === undefined ? {} : { thinking }) }),
};

function compose(read: OllamaReading, answer: Answer, world: FakeWorld, shape: Shape): Composed {
  const base = { model: read.model, created_at: CREATED };
  const calls = answer.toolCalls.map((call, index) => ({
    id: world.id("call_", 8).toLowerCase(),
    function: { index, name: call.name, arguments: call.arguments },
  }));
  const closing = {
    done: true,
    done_reason: read.loadOnly ? "load" : answer.finish === "length" ? "length" : "stop",
    ...timingsOf(read, answer),
  };
  const text = read.loadOnly ? "" : answer.text;
  const failed = { error: "an error was encountered while running the model: unexpected EOF" };
  return {
    headers: {},
    streamContentType: "application/x-ndjson",
    body: { ...base, ...shape.piece(text, answer.reasoning, calls), ...closing },
    frames: lines(base, read, answer, calls, closing, shape),
    malformedFrame: '{"model":"half","message":{"role":"assistant","content":"ha\n',
    errorFrame: `${JSON.stringify(failed)}\n`,
    errorBody: failed,
  };
}

/** Nanoseconds: ten milliseconds a token read, twenty a token written. */
function timingsOf(read: OllamaReading, answer: Answer): JsonObject {
  const load = 50_000_000;
  if (read.loadOnly) return {};
  const prefill = read.promptTokens * 10_000_000;
  const decode = answer.outputTokens * 20_000_000;
  return {
    total_duration: load + prefill + decode,
    load_duration: load,
    prompt_eval_count: read.promptTokens,
    prompt_eval_duration: prefill,
    eval_count: answer.outputTokens,
    eval_duration: decode,
  };
}

function lines(
  base: JsonObject,
  read: OllamaReading,
  answer: Answer,
  calls: readonly JsonObject[],
  closing: JsonObject,
  shape: Shape,
): readonly Frame[] {
  const line = (piece: JsonObject, more: JsonObject) => `${JSON.stringify({ ...base, ...piece, ...more })}\n`;
  const open = { done: false };
  return [
    ...textPieces(answer.reasoning ?? "").map((piece) => content(line(shape.piece("", piece, []), open))),
    ...textPieces(read.loadOnly ? "" : answer.text).map((piece) => content(line(shape.piece(piece, undefined, []), open))),
    ...calls.map((call) => content(line(shape.piece("", undefined, [call]), open))),
    end(line(shape.piece("", undefined, []), closing)),
  ];
}

const FAILURES: Readonly<Record<FailureKind, readonly [status: number, error: string]>> = {
  "rate-limit": [429, "too many requests, please slow down"],
  quota: [402, "payment required: insufficient credits, upgrade for higher limits"],
  "server-error": [500, "llama runner process has terminated: exit status 2"],
  unavailable: [503, "Service Unavailable"],
  overloaded: [503, "server busy, please try again. maximum pending requests exceeded"],
  loading: [503, "llm server loading model"],
  "context-overflow": [400, "prompt too long; exceeded max context length by 126018 tokens"],
};

export function ollamaFailure(kind: FailureKind, _model: string, retryAfter: Fault["retryAfter"]): WholeReply {
  const [status, error] = FAILURES[kind];
  return jsonReply(status, { error }, retryHeaders(retryAfter));
}
