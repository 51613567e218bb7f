/** A client's messages as canonical ones, with ids for the calls and results that the wire left without. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, ImagePart, Message, ToolCallPart, ToolResultContent } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { optional, otherFields, readArray, readInteger, readObject, readOneOf, readString } from "../wire-reader.ts";
import { argumentsPart, unknownCallFields } from "./answer.ts";
import { parseImage } from "./image-data.ts";
import { generatedToolCallId } from "./tool-call-id.ts";
import { type OllamaVendorData, withOllamaData } from "./vendor-data.ts";

export interface ParsedMessages {
  readonly messages: readonly Message[];
  readonly warnings: readonly Warning[];
}

interface Reading {
  readonly messages: Message[];
  readonly warnings: Warning[];
  /** Calls of the last assistant turn that have no result yet, in order. */
  unanswered: ToolCallPart[];
  /** Calls and orphaned results so far, for ids that are unique within the conversation. */
  numbered: number;
}

export function parseMessages(values: readonly JsonValue[]): ParsedMessages {
  const reading: Reading = { messages: [], warnings: [], unanswered: [], numbered: 0 };
  for (const [index, value] of values.entries()) {
    const path = `messages[${index}]`;
    reading.messages.push(readMessage(readObject(value, path), path, reading));
  }
  return reading;
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "thinking",
  "images",
  "tool_calls",
  "tool_name",
  "tool_call_id",
]);

function readMessage(message: JsonObject, path: string, reading: Reading): Message {
  const role = readOneOf(message.role, ["system", "user", "assistant", "tool"], `${path}.role`);
  for (const field of Object.keys(otherFields(message, MESSAGE_FIELDS) ?? {})) {
    const detail = "Ollama does not define it; it was left out";
    reading.warnings.push({ type: "unknown-field", path: `${path}.${field}`, detail });
  }
  const text = optional(message.content, `${path}.content`, readString) ?? "";
  const texts = text === "" ? [] : [{ type: "text", text } as const];
  const images = readImages(message.images, `${path}.images`);
  switch (role) {
    case "system":
      return { role, parts: texts };
    case "user":
      return { role, parts: [...texts, ...images] };
    case "assistant":
      return { role, parts: readAssistant(message, texts, images, path, reading) };
    case "tool":
      return readToolMessage(message, [...texts, ...images], path, reading);
  }
}

export function readImages(value: unknown, path: string): readonly ImagePart[] {
  return (optional(value, path, readArray) ?? []).map((image, index) => parseImage(readString(image, `${path}[${index}]`)));
}

function readAssistant(
  message: JsonObject,
  texts: readonly AssistantPart[],
  images: readonly ImagePart[],
  path: string,
  reading: Reading,
): readonly AssistantPart[] {
  const thinking = optional(message.thinking, `${path}.thinking`, readString) ?? "";
  const calls = (optional(message.tool_calls, `${path}.tool_calls`, readArray) ?? []).map((call, index) =>
    readCall(call, `${path}.tool_calls[${index}]`, reading),
  );
  reading.unanswered = [...calls];
  return [...(thinking === "" ? [] : [{ type: "reasoning", text: thinking } as const]), ...texts, ...images, ...calls];
}

function readCall(value: JsonValue, path: string, reading: Reading): ToolCallPart {
  const call = readObject(value, path);
  const body = readObject(call.function, `${path}.function`);
  const name = readString(body.name, `${path}.function.name`);
  const index = optional(body.index, `${path}.function.index`, readInteger);
  const given = optional(call.id, `${path}.id`, readString) ?? "";
  const id = given === "" ? generatedToolCallId(reading.numbered, name) : given;
  reading.numbered += 1;
  const unknown = unknownCallFields(call);
  for (const field of Object.keys(unknown.call ?? {})) reading.warnings.push(passedOn(`${path}.${field}`));
  for (const field of Object.keys(unknown.function ?? {})) reading.warnings.push(passedOn(`${path}.function.${field}`));
  return {
    ...argumentsPart(id, name, readArguments(body.arguments, `${path}.function.arguments`)),
    ...generatedOr(given, { ...(index === undefined ? {} : { index }), ...unknown }),
  };
}

function passedOn(path: string): Warning {
  return { type: "unknown-field", path, detail: "Ollama does not define it; passed on unread" };
}

/** An object; text, as clients of other wires send it, is read as JSON. */
function readArguments(value: JsonValue | undefined, path: string): JsonValue {
  if (value === undefined || value === null) return {};
  return typeof value === "string" || isJsonObject(value) ? value : readObject(value, path);
}

/** A result without an id belongs to the first open call of its name, or else to the first open call. */
function readToolMessage(message: JsonObject, content: readonly ToolResultContent[], path: string, reading: Reading): Message {
  const toolName = optional(message.tool_name, `${path}.tool_name`, readString);
  const given = optional(message.tool_call_id, `${path}.tool_call_id`, readString) ?? "";
  const call =
    reading.unanswered.find((open) => (given === "" ? open.name === toolName : open.id === given)) ??
    (given === "" && toolName === undefined ? reading.unanswered[0] : undefined);
  reading.unanswered = reading.unanswered.filter((open) => open !== call);
  const toolCallId = given === "" ? (call?.id ?? generatedToolCallId(reading.numbered++, toolName ?? "")) : given;
  const part = { type: "tool-result", toolCallId, ...(toolName === undefined ? {} : { toolName }), content } as const;
  return { role: "tool", parts: [{ ...part, ...generatedOr(given, {}) }] };
}

function generatedOr(given: string, data: OllamaVendorData): ReturnType<typeof withOllamaData> {
  return withOllamaData(given === "" ? { ...data, idGenerated: true } : data);
}
