/**
 * Blocks of this wire as canonical parts: a table from the block's type to its reader, shared by answers and by the history
 * in clients' requests. Readers are lenient; `check-block.ts` is strict for clients. A block without a reader becomes an
 * opaque part and goes back as it came.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type {
  AssistantPart,
  MediaSource,
  OpaquePart,
  TextPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from "../../message.ts";
import { sourcesOf } from "./citations.ts";
import { DIALECT, otherBlockFields, withVendorData } from "./vendor-data.ts";

// Assistant turns

type AssistantReader = (block: JsonObject, parts: AssistantPart[]) => void;

const ASSISTANT_READERS: ReadonlyMap<unknown, AssistantReader> = new Map<unknown, AssistantReader>([
  ["text", readText],
  ["thinking", readThinking],
  ["redacted_thinking", readRedactedThinking],
  ["tool_use", readToolUse],
]);

/** Appends the parts of one block: its own, and the sources of its citations. */
export function parseAssistantBlock(block: JsonObject, parts: AssistantPart[]): void {
  const reader = ASSISTANT_READERS.get(block.type);
  if (reader === undefined) parts.push(opaquePart(block));
  else reader(block, parts);
}

export const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
export const THINKING_FIELDS: ReadonlySet<string> = new Set(["type", "thinking"]);
export const REDACTED_FIELDS: ReadonlySet<string> = new Set(["type"]);
export const TOOL_USE_FIELDS: ReadonlySet<string> = new Set(["type", "id", "name", "input"]);

function readText(block: JsonObject, parts: AssistantPart[]): void {
  parts.push(textPart(block), ...sourcesOf(block.citations));
}

function textPart(block: JsonObject): TextPart {
  const part: TextPart = { type: "text", text: textOf(block.text) };
  return withVendorData(part, otherBlockFields(withoutEmptyCitations(block), TEXT_FIELDS));
}

/** A stream opens every text with an empty list; a finished answer leaves it out. Both mean none. */
export function withoutEmptyCitations(block: JsonObject): JsonObject {
  if (!Array.isArray(block.citations) || block.citations.length > 0) return block;
  const { citations: _none, ...rest } = block;
  return rest;
}

function readThinking(block: JsonObject, parts: AssistantPart[]): void {
  const part: AssistantPart = { type: "reasoning", text: textOf(block.thinking) };
  parts.push(withVendorData(part, otherBlockFields(withoutEmptySignature(block), THINKING_FIELDS)));
}

/** An empty signature signs nothing. */
export function withoutEmptySignature(block: JsonObject): JsonObject {
  if (block.signature !== "") return block;
  const { signature: _none, ...rest } = block;
  return rest;
}

function readRedactedThinking(block: JsonObject, parts: AssistantPart[]): void {
  const part: AssistantPart = { type: "reasoning", text: "" };
  parts.push(withVendorData(part, otherBlockFields(block, REDACTED_FIELDS)));
}

/** Made by the model itself: what every call is that says nothing. */
export const PLAIN_CALLER = { type: "direct" } as const;

/** An answer's call without the caller that says nothing, so that old answers, new ones and streams read alike. */
export function withoutPlainCaller(block: JsonObject): JsonObject {
  if (block.type !== "tool_use" || !isJsonObject(block.caller) || block.caller.type !== PLAIN_CALLER.type) return block;
  const { caller: _plain, ...rest } = block;
  return rest;
}

function readToolUse(block: JsonObject, parts: AssistantPart[]): void {
  const part: AssistantPart = {
    type: "tool-call",
    id: textOf(block.id),
    name: textOf(block.name),
    arguments: block.input ?? {},
  };
  parts.push(withVendorData(part, otherBlockFields(block, TOOL_USE_FIELDS)));
}

export function opaquePart(block: JsonObject): OpaquePart {
  return { type: "opaque", dialect: DIALECT, kind: textOf(block.type), value: block };
}

// User turns

type UserReader = (block: JsonObject) => UserPart | undefined;

const USER_READERS: ReadonlyMap<unknown, UserReader> = new Map<unknown, UserReader>([
  ["text", textPart],
  ["image", readImage],
  ["document", readDocument],
]);

export function parseUserBlock(block: JsonObject): UserPart {
  return USER_READERS.get(block.type)?.(block) ?? opaquePart(block);
}

const MEDIA_FIELDS: ReadonlySet<string> = new Set(["type", "source"]);
const DOCUMENT_FIELDS: ReadonlySet<string> = new Set(["type", "source", "title"]);

/** Name of the keeper of a client's files: this wire does not say it. */
const FILE_PROVIDER = "anthropic";

function readImage(block: JsonObject): UserPart | undefined {
  const source = isJsonObject(block.source) ? mediaSource(block.source) : undefined;
  if (source === undefined) return undefined;
  const mediaType = mediaTypeOf(block.source);
  const part: UserPart = { type: "image", source, ...(mediaType === undefined ? {} : { mediaType }) };
  return withVendorData(part, otherBlockFields(block, MEDIA_FIELDS));
}

function readDocument(block: JsonObject): UserPart | undefined {
  const { source: wire, title } = block;
  if (!isJsonObject(wire)) return undefined;
  const source = wire.type === "text" ? plainText(wire) : mediaSource(wire);
  if (source === undefined) return undefined;
  // A URL can only be a PDF; what a file id stands for, the wire does not say.
  const fallback = source.type === "url" ? "application/pdf" : "application/octet-stream";
  const part: UserPart = {
    type: "file",
    source,
    mediaType: mediaTypeOf(wire) ?? fallback,
    ...(typeof title === "string" ? { name: title } : {}),
  };
  return withVendorData(part, otherBlockFields(block, DOCUMENT_FIELDS));
}

/** Undefined for a source without canonical form, as a document made of blocks. */
function mediaSource(source: JsonObject): MediaSource | undefined {
  const { type, data, url, file_id } = source;
  if (type === "base64" && typeof data === "string") return { type: "data", data };
  if (type === "url" && typeof url === "string") return { type: "url", url };
  if (type === "file" && typeof file_id === "string") return { type: "reference", provider: FILE_PROVIDER, id: file_id };
  return undefined;
}

function plainText(source: JsonObject): MediaSource | undefined {
  if (typeof source.data !== "string") return undefined;
  return { type: "data", data: Buffer.from(source.data, "utf8").toString("base64") };
}

function mediaTypeOf(source: JsonValue | undefined): string | undefined {
  const mediaType = isJsonObject(source) ? source.media_type : undefined;
  return typeof mediaType === "string" ? mediaType : undefined;
}

// Results of tools

const TOOL_RESULT_FIELDS: ReadonlySet<string> = new Set(["type", "tool_use_id", "content", "is_error"]);

export function parseToolResult(block: JsonObject, toolName: string | undefined): ToolResultPart {
  const part: ToolResultPart = {
    type: "tool-result",
    toolCallId: textOf(block.tool_use_id),
    ...(toolName === undefined ? {} : { toolName }),
    content: resultContent(block.content),
    ...(typeof block.is_error === "boolean" ? { isError: block.is_error } : {}),
  };
  return withVendorData(part, otherBlockFields(block, TOOL_RESULT_FIELDS));
}

function resultContent(content: JsonValue | undefined): readonly ToolResultContent[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isJsonObject).map(resultBlock);
}

/** A block without canonical form stays whole as JSON, marked so that it goes back as a block and not as text. */
function resultBlock(block: JsonObject): ToolResultContent {
  const part = parseUserBlock(block);
  if (part.type !== "opaque") return part;
  return withVendorData<ToolResultContent>({ type: "json", value: block }, { verbatim: true });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
