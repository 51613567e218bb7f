/** What one line of an answer says, chat or generate alike. A whole answer is one line that is done. */

import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { ImagePart, ToolCallPart } from "../../message.ts";
import { parseImage } from "./image-data.ts";
import { generatedToolCallId } from "./tool-call-id.ts";
import { METRIC_FIELDS, parseEngineTiming } from "./usage.ts";
import { type OllamaVendorData, unknownFields, withOllamaData } from "./vendor-data.ts";
import type { AnswerForm } from "./wire.ts";

export interface AnswerLine {
  readonly text: string;
  readonly thinking: string;
  readonly images: readonly ImagePart[];
  readonly toolCalls: readonly JsonObject[];
}

/** Undefined when the line is none of this form: a chat line has a message, a line of generate a response. */
export function readAnswerLine(line: JsonObject, form: AnswerForm): AnswerLine | undefined {
  if (form === "generate") {
    const hasAnswer = typeof line.response === "string" || typeof line.image === "string";
    return hasAnswer || line.done === true
      ? readFields(line, line.response, imagesIn(typeof line.image === "string" ? [line.image] : undefined))
      : undefined;
  }
  const { message } = line;
  if (isJsonObject(message)) return readFields(message, message.content, imagesIn(message.images));
  return line.done === true ? { text: "", thinking: "", images: [], toolCalls: [] } : undefined;
}

function readFields(holder: JsonObject, text: JsonValue | undefined, images: readonly ImagePart[]): AnswerLine {
  return {
    text: textOf(text),
    thinking: textOf(holder.thinking),
    images,
    toolCalls: Array.isArray(holder.tool_calls) ? holder.tool_calls.filter(isJsonObject) : [],
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function imagesIn(value: JsonValue | undefined): readonly ImagePart[] {
  if (!Array.isArray(value)) return [];
  return value.filter((image: JsonValue) => typeof image === "string" && image !== "").map((image) => parseImage(String(image)));
}

/** A call as it stands on the wire. `index` is its place among the calls of the answer, for an id that is missing. */
export function readToolCall(call: JsonObject, index: number): ToolCallPart {
  const body = isJsonObject(call.function) ? call.function : {};
  const name = textOf(body.name);
  const given = textOf(call.id);
  const id = given === "" ? generatedToolCallId(index, name) : given;
  const data = { ...(given === "" ? { idGenerated: true } : {}), ...unknownCallFields(call) };
  return { ...argumentsPart(id, name, body.arguments), ...withOllamaData(data) };
}

const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function"]);
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["index", "name", "arguments"]);

/** What a call says that the wire does not define. Servers of other makers send `type: "function"`, which says nothing. */
export function unknownCallFields(call: JsonObject): Pick<OllamaVendorData, "call" | "function"> {
  const fields = unknownFields(call, CALL_FIELDS);
  const inner = isJsonObject(call.function) ? unknownFields(call.function, FUNCTION_FIELDS) : undefined;
  return { ...(fields === undefined ? {} : { call: fields }), ...(inner === undefined ? {} : { function: inner }) };
}

/** Arguments are an object by definition; text, which some models' parsers leave, is read as JSON. */
export function argumentsPart(id: string, name: string, value: JsonValue | undefined): ToolCallPart {
  if (typeof value === "string") return toolCallPart(id, name, value);
  return { type: "tool-call", id, name, arguments: value ?? {} };
}

const READ_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "created_at",
  "message",
  "response",
  "thinking",
  "tool_calls",
  "image",
  "done",
  "done_reason",
  "context",
  "logprobs",
  "error",
  ...METRIC_FIELDS,
]);

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content", "thinking", "images", "tool_calls"]);

/** Collects what goes into a completion's vendor data, over the lines of an answer. */
export class AnswerVendorData {
  readonly #message: Record<string, JsonValue> = {};
  readonly #logprobs: JsonValue[] = [];
  readonly #others: Record<string, JsonValue> = {};
  #context: JsonArray | undefined;

  add(line: JsonObject): void {
    if (Array.isArray(line.logprobs)) this.#logprobs.push(...line.logprobs);
    if (isJsonObject(line.message)) this.#addMessage(line.message);
    if (Array.isArray(line.context)) this.#context = line.context;
    for (const field in line) {
      const value = line[field];
      if (value !== undefined && value !== null && !READ_FIELDS.has(field)) this.#others[field] = value;
    }
  }

  #addMessage(message: JsonObject): void {
    for (const field in message) {
      const value = message[field];
      if (value !== undefined && value !== null && !MESSAGE_FIELDS.has(field)) this.#message[field] = value;
    }
  }

  /** `last` is the line that is done. */
  finish(last: JsonObject): OllamaVendorData {
    const engine = parseEngineTiming(last);
    return {
      ...(engine === undefined ? {} : { engine }),
      ...(this.#logprobs.length === 0 ? {} : { logprobs: this.#logprobs }),
      ...(this.#context === undefined ? {} : { context: this.#context }),
      ...(Object.keys(this.#message).length === 0 ? {} : { message: this.#message }),
      ...(Object.keys(this.#others).length === 0 ? {} : { answer: this.#others }),
    };
  }
}

/** The wire gives an answer no id; its time, to the nanosecond, serves. */
export function answerIdOf(line: JsonObject): string {
  return typeof line.created_at === "string" ? `ollama-${line.created_at}` : "";
}

/** Seconds since 1970. Undefined for Go's zero time, with which the wire says that it does not know. */
export function secondsOf(time: JsonValue | undefined): number | undefined {
  const seconds = typeof time === "string" ? Math.floor(Date.parse(time) / 1000) : Number.NaN;
  return seconds >= 0 ? seconds : undefined;
}
