/** An assistant's message of a client's history: usually an earlier answer, copied with all its fields. */
import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonArray, type JsonObject } from "../../json.ts";
import type { AssistantMessage, AssistantPart } from "../../message.ts";
import { invalidField, optional, readArray, readObject, readString } from "../wire-reader.ts";
import { customCallPart } from "./answer-parts.ts";
import type { CallsSoFar } from "./calls-so-far.ts";
import { parseText } from "./parse-text.ts";
import type { Parsing } from "./parsing.ts";
import { reasoningTextOf } from "./reasoning-details.ts";
import { argumentsText, isCustomCall } from "./response.ts";
import { fieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

const FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "tool_calls",
  "function_call",
  "reasoning_content",
  "reasoning",
  "reasoning_text",
  "reasoning_details",
  "audio",
  // What clients' libraries add for themselves.
  "parsed",
]);

const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "index", "function", "custom"]);

export function parseAssistant(message: JsonObject, path: string, parsing: Parsing, calls: CallsSoFar): AssistantMessage {
  const parts: AssistantPart[] = [];
  pushReasoning(message, parts);
  pushContent(message, path, parts);
  if (typeof message.refusal === "string" && message.refusal !== "") parts.push({ type: "refusal", text: message.refusal });
  pushCalls(message, path, parts);
  pushLegacyCall(message, path, calls, parts);
  pushAudio(message, path, parsing, parts);
  const others = unknownFields(message, FIELDS);
  return { role: "assistant", parts, ...withVendorData(fieldsData(withoutEmptyLists(others))) };
}

function pushReasoning(message: JsonObject, parts: AssistantPart[]): void {
  const text = reasoningTextOf(message);
  const details: JsonArray = Array.isArray(message.reasoning_details) ? message.reasoning_details : [];
  if (text === "" && details.length === 0) return;
  parts.push({ type: "reasoning", text, ...withVendorData(details.length === 0 ? undefined : { reasoningDetails: details }) });
}

function pushContent(message: JsonObject, path: string, parts: AssistantPart[]): void {
  const { content } = message;
  if (content === null || content === undefined || content === "") return;
  if (typeof content === "string") {
    parts.push({ type: "text", text: content });
    return;
  }
  for (const [index, item] of readArray(content, `${path}.content`).entries()) {
    const place = `${path}.content[${index}]`;
    parts.push(parseAnswerPart(readObject(item, place), place));
  }
}

function parseAnswerPart(part: JsonObject, path: string): AssistantPart {
  return part.type === "refusal" ? { type: "refusal", text: readString(part.refusal, `${path}.refusal`) } : parseText(part, path);
}

function pushCalls(message: JsonObject, path: string, parts: AssistantPart[]): void {
  const calls = optional(message.tool_calls, `${path}.tool_calls`, readArray) ?? [];
  for (const [index, item] of calls.entries()) {
    const place = `${path}.tool_calls[${index}]`;
    const call = readObject(item, place);
    if (isCustomCall(call)) {
      parts.push(customCallPart(call));
      continue;
    }
    const target = readObject(call.function, `${place}.function`);
    const id = readString(call.id, `${place}.id`);
    const name = readString(target.name, `${place}.function.name`);
    const vendor = withVendorData(fieldsData(unknownFields(call, CALL_FIELDS)));
    parts.push({ ...toolCallPart(id, name, argumentsText(target)), ...vendor });
  }
}

function pushLegacyCall(message: JsonObject, path: string, calls: CallsSoFar, parts: AssistantPart[]): void {
  const call = message.function_call;
  if (!isJsonObject(call) || call.name === "") return;
  const name = readString(call.name, `${path}.function_call.name`);
  parts.push(toolCallPart(calls.call(name), name, argumentsText(call)));
}

function pushAudio(message: JsonObject, path: string, parsing: Parsing, parts: AssistantPart[]): void {
  if (message.audio === null || message.audio === undefined) return;
  const id = readString(readObject(message.audio, `${path}.audio`).id, `${path}.audio.id`);
  if (id === "") throw invalidField(`${path}.audio.id`, "the id is empty");
  const source = { type: "reference" as const, provider: parsing.quirks.fileProvider, id };
  parts.push({ type: "audio", source, mediaType: "audio/*" });
}

/** `annotations: []` is what an answer without citations holds. */
function withoutEmptyLists(fields: JsonObject | undefined): JsonObject | undefined {
  if (fields === undefined) return undefined;
  const kept = Object.entries(fields).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
