/**
 * One item of the wire as parts of an assistant message. Used for answers, for their streams, and for the assistant's
 * share of a client's input, so that the three cannot disagree. Reading is lenient: gateways send null for empty.
 */
import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, OpaquePart, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from "../../message.ts";
import { sourcesOf } from "./citations.ts";
import { expandParallelCall } from "./parallel-call.ts";
import { fieldsBesides, OPENAI_RESPONSES, vendorOf } from "./vendor-data.ts";

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["type", "role", "content"]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["type", "call_id", "name", "arguments"]);
const REASONING_FIELDS: ReadonlySet<string> = new Set(["type"]);
const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
const REFUSAL_FIELDS: ReadonlySet<string> = new Set(["type", "refusal"]);
/** Fields that are only there to be empty: nothing is lost without them, and they are written again where demanded. */
const EMPTY_FIELDS: ReadonlySet<string> = new Set(["annotations", "logprobs"]);

export function partsOfItem(item: JsonObject): readonly AssistantPart[] {
  switch (item.type) {
    case "message":
      return messageParts(item);
    case "reasoning":
      return [reasoningPart(item)];
    case "function_call":
      return expandParallelCall(item)?.map(callPart) ?? [callPart(item)];
    default:
      return [opaquePart(item)];
  }
}

/** A block that only this wire knows. */
export function opaquePart(item: JsonObject): OpaquePart {
  return { type: "opaque", dialect: OPENAI_RESPONSES, kind: typeof item.type === "string" ? item.type : "unknown", value: item };
}

/** The content parts of a message item; a string is one text, null is none. */
export function contentsOf(item: JsonObject): readonly JsonObject[] {
  if (typeof item.content === "string") return [{ type: "output_text", text: item.content }];
  return Array.isArray(item.content) ? item.content.filter(isJsonObject) : [];
}

function messageParts(item: JsonObject): readonly AssistantPart[] {
  const contents = contentsOf(item);
  const fields = fieldsBesides(item, MESSAGE_FIELDS);
  // An empty message may be the partner that a reasoning item must have, so it is kept.
  if (contents.length === 0) return [opaquePart({ ...item, content: [] })];
  const parts: AssistantPart[] = [];
  let continues = false;
  for (const content of contents) {
    const place = continues ? { continues } : fields === undefined ? {} : { item: fields };
    if (typeof content.text === "string") {
      parts.push(textPart(content.text, content, place), ...sourcesOf(content.annotations));
      continues = true;
    } else if (typeof content.refusal === "string") {
      parts.push(refusalPart(content.refusal, content, place));
      continues = true;
    } else {
      parts.push(opaquePart({ type: "message", role: "assistant", content: [content] }));
      continues = false;
    }
  }
  return parts;
}

type Place = { readonly continues: true } | { readonly item?: JsonObject } | { readonly continues?: boolean };

function textPart(text: string, content: JsonObject, place: Place): TextPart {
  const fields = contentFields(content, TEXT_FIELDS, "output_text");
  return { type: "text", text, ...vendorOf({ ...place, ...(fields === undefined ? {} : { content: fields }) }) };
}

function refusalPart(text: string, content: JsonObject, place: Place): RefusalPart {
  const fields = contentFields(content, REFUSAL_FIELDS, "refusal");
  return { type: "refusal", text, ...vendorOf({ ...place, ...(fields === undefined ? {} : { content: fields }) }) };
}

/** The content's other fields; its type too, where it is not the usual one. */
function contentFields(content: JsonObject, besides: ReadonlySet<string>, usualType: string): JsonObject | undefined {
  let fields: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(content)) {
    if (value === undefined || value === null) continue;
    if (besides.has(key) && !(key === "type" && value !== usualType)) continue;
    if (EMPTY_FIELDS.has(key) && Array.isArray(value) && value.length === 0) continue;
    fields ??= {};
    fields[key] = value;
  }
  return fields;
}

/** Keeps the whole item: the encrypted thinking, and where one summary ends and the next begins. */
function reasoningPart(item: JsonObject): ReasoningPart {
  const fields = fieldsBesides(item, REASONING_FIELDS);
  return { type: "reasoning", text: reasoningText(item), ...vendorOf(fields === undefined ? {} : { item: fields }) };
}

/** The thinking itself where the server shows it, else its summaries; pieces are parted by a blank line. */
export function reasoningText(item: JsonObject, from?: "content" | "summary"): string {
  if (from !== undefined) return joinTexts(item[from]);
  return joinTexts(item.content) || joinTexts(item.summary);
}

function joinTexts(pieces: JsonValue | undefined): string {
  if (typeof pieces === "string") return pieces;
  if (!Array.isArray(pieces)) return "";
  const texts: string[] = [];
  for (const piece of pieces) {
    if (isJsonObject(piece) && typeof piece.text === "string" && piece.text !== "") texts.push(piece.text);
  }
  return texts.join("\n\n");
}

function callPart(item: JsonObject): ToolCallPart {
  const fields = fieldsBesides(item, CALL_FIELDS);
  const call = toolCallPart(callIdOf(item), typeof item.name === "string" ? item.name : "", argumentsTextOf(item));
  return { ...call, ...vendorOf(fields === undefined ? {} : { item: fields }) };
}

/** The id that pairs a call with its result; the item's own id where a server leaves it out. */
export function callIdOf(item: JsonObject): string {
  if (typeof item.call_id === "string" && item.call_id !== "") return item.call_id;
  return typeof item.id === "string" ? item.id : "";
}

/** Arguments are a string of JSON; some servers send the object. */
export function argumentsTextOf(item: JsonObject): string {
  const value = item.arguments;
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
