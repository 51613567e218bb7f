/**
 * A client's `input` as messages. It is a text, a block, a list of blocks, a list of steps, or (before June 2026) a list of
 * turns with roles; results of tools stand as steps of their own, or as blocks of the user's.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, Message, ToolResultContent, ToolResultPart, UserPart } from "../../message.ts";
import { at, checkedList, checkedObject, optionalBoolean, optionalString, refused, requiredString } from "./checked-fields.ts";
import { sourcesOf, summaryText } from "./citations.ts";
import { fieldsBeyond, objectsOf } from "./fields.ts";
import { parseMedia } from "./media.ts";
import { CONTENT_TYPES } from "./step-readers.ts";
import { GEMINI_INTERACTIONS, vendorDataOf } from "./vendor-data.ts";

export function parseInput(input: JsonValue | undefined): readonly Message[] {
  const conversation = new Conversation();
  if (input === undefined || input === null) throw refused("input", "is required");
  if (typeof input === "string") conversation.user([{ type: "text", text: input }]);
  else if (Array.isArray(input)) {
    for (const [index, item] of input.entries()) readItem(item, `input[${index}]`, conversation);
  } else readItem(input, "input", conversation);
  return conversation.messages;
}

/** Collects parts; what follows of one role becomes one message. */
class Conversation {
  readonly messages: Message[] = [];

  user(parts: readonly UserPart[]): void {
    const last = this.messages.at(-1);
    if (last?.role === "user") this.messages[this.messages.length - 1] = { ...last, parts: [...last.parts, ...parts] };
    else this.messages.push({ role: "user", parts });
  }

  assistant(parts: readonly AssistantPart[]): void {
    const last = this.messages.at(-1);
    if (last?.role === "assistant") this.messages[this.messages.length - 1] = { ...last, parts: [...last.parts, ...parts] };
    else this.messages.push({ role: "assistant", parts });
  }

  tool(part: ToolResultPart): void {
    const last = this.messages.at(-1);
    if (last?.role === "tool") this.messages[this.messages.length - 1] = { ...last, parts: [...last.parts, part] };
    else this.messages.push({ role: "tool", parts: [part] });
  }
}

/** Who says a block; a step that is none of the two stands for itself. */
type Speaker = "user" | "model" | "step";

function readItem(value: unknown, path: string, conversation: Conversation): void {
  if (typeof value === "string") {
    conversation.user([{ type: "text", text: value }]);
    return;
  }
  const item = checkedObject(value, path);
  const role = optionalString(item, "role", path);
  const type = optionalString(item, "type", path);
  const content = at(path, "content");
  if (type === undefined && role !== undefined) readContent(item.content, speakerOf(role, path), content, conversation);
  else if (type === "user_input") readContent(item.content ?? [], "user", content, conversation);
  else if (type === "model_output") readContent(item.content ?? [], "model", content, conversation);
  else if (CONTENT_TYPES.has(type)) readBlock(item, "user", path, conversation);
  else readBlock(item, "step", path, conversation);
}

function speakerOf(role: string, path: string): Speaker {
  if (role === "user" || role === "model") return role;
  throw refused(at(path, "role"), "must be user or model");
}

/** A text, a block, or a list of both. */
function readContent(content: unknown, speaker: Speaker, path: string, conversation: Conversation): void {
  const isList = Array.isArray(content);
  const blocks = isList || typeof content === "string" || isJsonObject(content) ? [content].flat() : checkedList(content, path);
  for (const [index, block] of blocks.entries()) {
    const place = isList ? `${path}[${index}]` : path;
    const known = typeof block === "string" ? { type: "text", text: block } : checkedObject(block, place);
    readBlock(known, speaker, place, conversation);
  }
}

/** Blocks and steps alike: the older form has both in one list. */
function readBlock(block: JsonObject, speaker: Speaker, path: string, conversation: Conversation): void {
  const type = requiredString(block, "type", path);
  if (type === "function_result") conversation.tool(parseResult(block, path));
  else if (type === "function_call") conversation.assistant([parseCall(block, path)]);
  else if (type === "thought") conversation.assistant([parseThought(block)]);
  else if (type === "text") readText(block, speaker, path, conversation);
  else readOther(block, type, speaker, path, conversation);
}

function readOther(block: JsonObject, type: string, speaker: Speaker, path: string, conversation: Conversation): void {
  const media = parseMedia(block);
  if (media === undefined && CONTENT_TYPES.has(type)) throw refused(path, `a block of type ${type} must have data or uri`);
  const part = media ?? ({ type: "opaque", dialect: GEMINI_INTERACTIONS, kind: type, value: stepOf(block, speaker) } as const);
  if (speaker === "user") conversation.user([part]);
  else conversation.assistant([part]);
}

/** A block that is new is kept as the step that it would be alone. */
function stepOf(block: JsonObject, speaker: Speaker): JsonObject {
  if (speaker === "step") return block;
  return { type: speaker === "user" ? "user_input" : "model_output", content: [block] };
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);

function readText(block: JsonObject, speaker: Speaker, path: string, conversation: Conversation): void {
  const vendor = vendorDataOf(fieldsBeyond(block, TEXT_FIELDS));
  const text = requiredString(block, "text", path);
  const part = { type: "text", text, ...(vendor === undefined ? {} : { vendor }) } as const;
  if (speaker === "user") conversation.user([part]);
  else conversation.assistant([part, ...sourcesOf(objectsOf(block.annotations))]);
}

const THOUGHT_FIELDS: ReadonlySet<string> = new Set(["type", "summary"]);

function parseThought(step: JsonObject): AssistantPart {
  const summary = objectsOf(step.summary);
  const hasMore = summary.some(({ type }) => type !== "text");
  const vendor = vendorDataOf({ ...fieldsBeyond(step, THOUGHT_FIELDS), ...(hasMore ? { summary } : {}) });
  return { type: "reasoning", text: summaryText(summary), ...(vendor === undefined ? {} : { vendor }) };
}

const CALL_FIELDS: ReadonlySet<string> = new Set(["type", "id", "name", "arguments"]);

function parseCall(step: JsonObject, path: string): AssistantPart {
  const vendor = vendorDataOf(fieldsBeyond(step, CALL_FIELDS));
  return {
    type: "tool-call",
    id: requiredString(step, "id", path),
    name: requiredString(step, "name", path),
    arguments: checkedObject(step.arguments ?? {}, at(path, "arguments")),
    ...(vendor === undefined ? {} : { vendor }),
  };
}

const RESULT_FIELDS: ReadonlySet<string> = new Set(["type", "call_id", "name", "result", "is_error"]);

function parseResult(step: JsonObject, path: string): ToolResultPart {
  const vendor = vendorDataOf(fieldsBeyond(step, RESULT_FIELDS));
  const name = optionalString(step, "name", path);
  const isError = optionalBoolean(step, "is_error", path);
  return {
    type: "tool-result",
    toolCallId: requiredString(step, "call_id", path),
    ...(name === undefined ? {} : { toolName: name }),
    content: parseResultContent(step.result),
    ...(isError === true ? { isError } : {}),
    ...(vendor === undefined ? {} : { vendor }),
  };
}

function parseResultContent(result: JsonValue | undefined): readonly ToolResultContent[] {
  if (result === undefined || result === null) return [];
  if (typeof result === "string") return [{ type: "text", text: result }];
  if (!Array.isArray(result)) return [{ type: "json", value: result }];
  const blocks = result.map(parseResultBlock);
  const known = blocks.filter((block) => block !== undefined);
  // A list of anything else is a value of the tool's own.
  return known.length === blocks.length ? known : [{ type: "json", value: result }];
}

function parseResultBlock(block: JsonValue): ToolResultContent | undefined {
  if (!isJsonObject(block)) return undefined;
  if (block.type !== "text" || typeof block.text !== "string") return parseMedia(block);
  const vendor = vendorDataOf(fieldsBeyond(block, TEXT_FIELDS));
  return { type: "text", text: block.text, ...(vendor === undefined ? {} : { vendor }) };
}
