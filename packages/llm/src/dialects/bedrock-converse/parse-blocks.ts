/**
 * Blocks of this wire as canonical parts: a table from the block's member to its reader, shared by answers and by the
 * history in clients' requests. A block without a reader becomes an opaque part and goes back as it came.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type {
  AssistantPart,
  MediaSource,
  OpaquePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from "../../message.ts";
import { sourcesOf } from "./citations.ts";
import { type MediaKind, mediaTypeOf } from "./media-formats.ts";
import { fromWireName } from "./tool-names.ts";
import { BEDROCK, otherFieldsData, S3, textOf, withVendorData } from "./vendor-data.ts";

// Assistant turns

/** The parts of one block: its own, and the sources of its citations. */
export function parseAssistantBlock(block: JsonObject): readonly AssistantPart[] {
  if (typeof block.text === "string")
    return [{ type: "text", text: block.text, ...withVendorData(otherFieldsData(block, TEXT_FIELDS)) }];
  if (isJsonObject(block.toolUse) && !isServerTool(block.toolUse)) return [toolCallPart(block.toolUse)];
  if (isJsonObject(block.reasoningContent)) return [reasoningPart(block.reasoningContent)];
  if (isJsonObject(block.citationsContent)) return citedParts(block.citationsContent);
  return [opaquePart(block)];
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["text"]);
export const TOOL_USE_FIELDS: ReadonlySet<string> = new Set(["toolUseId", "name", "input", "type"]);

/** A tool that Bedrock itself runs, as Nova's code interpreter. Any other type says nothing. */
export function isServerTool(toolUse: JsonObject): boolean {
  return toolUse.type === "server_tool_use";
}

function toolCallPart(toolUse: JsonObject): ToolCallPart {
  return {
    type: "tool-call",
    id: textOf(toolUse.toolUseId),
    name: fromWireName(textOf(toolUse.name)),
    arguments: toolUse.input ?? {},
    ...withVendorData(otherFieldsData(toolUse, TOOL_USE_FIELDS)),
  };
}

function reasoningPart(content: JsonObject): ReasoningPart {
  const { redactedContent, reasoningText } = content;
  if (typeof redactedContent === "string") return { type: "reasoning", text: "", ...withVendorData({ redactedContent }) };
  const spoken = isJsonObject(reasoningText) ? reasoningText : {};
  return { type: "reasoning", text: textOf(spoken.text), ...signatureData(textOf(spoken.signature)) };
}

/** An empty signature signs nothing. */
export function signatureData(signature: string): ReturnType<typeof withVendorData> {
  return withVendorData(signature === "" ? {} : { signature });
}

const CITED_FIELDS: ReadonlySet<string> = new Set(["content", "citations"]);

function citedParts(content: JsonObject): readonly AssistantPart[] {
  const pieces = Array.isArray(content.content)
    ? content.content.map((piece: JsonValue) => (isJsonObject(piece) ? textOf(piece.text) : ""))
    : [];
  const citations = Array.isArray(content.citations) ? content.citations : [];
  const several = pieces.length > 1 ? { pieces } : {};
  const vendor = withVendorData({ citations, ...several, ...otherFieldsData(content, CITED_FIELDS) });
  const text: TextPart = { type: "text", text: pieces.join(""), ...vendor };
  return [text, ...sourcesOf(citations)];
}

export function opaquePart(block: JsonObject): OpaquePart {
  return { type: "opaque", dialect: BEDROCK, kind: Object.keys(block)[0] ?? "unknown", value: block };
}

// User turns

export function parseUserBlock(block: JsonObject): UserPart {
  if (typeof block.text === "string")
    return { type: "text", text: block.text, ...withVendorData(otherFieldsData(block, TEXT_FIELDS)) };
  for (const kind of MEDIA_KINDS) {
    const media = block[kind];
    const part = isJsonObject(media) ? mediaPart(kind, media) : undefined;
    if (part !== undefined) return part;
  }
  return opaquePart(block);
}

const MEDIA_KINDS = ["image", "document", "video", "audio"] as const satisfies readonly MediaKind[];
const MEDIA_FIELDS: ReadonlySet<string> = new Set(["format", "name", "source"]);

/** Undefined for media without canonical form: a format that is new to us, a document made of blocks. */
function mediaPart(kind: MediaKind, media: JsonObject): UserPart | undefined {
  const mediaType = mediaTypeOf(kind, media.format);
  const read = isJsonObject(media.source) ? mediaSource(media.source) : undefined;
  if (mediaType === undefined || read === undefined) return undefined;
  const { source, bucketOwner, plainText } = read;
  const vendor = withVendorData({
    ...(bucketOwner === undefined ? {} : { bucketOwner }),
    ...(plainText === undefined ? {} : { plainText }),
    ...otherFieldsData(media, MEDIA_FIELDS),
  });
  if (kind === "image") return { type: "image", mediaType, source, ...vendor };
  if (kind === "audio") return { type: "audio", mediaType, source, ...vendor };
  return { type: "file", mediaType, source, ...(typeof media.name === "string" ? { name: media.name } : {}), ...vendor };
}

interface ReadSource {
  readonly source: MediaSource;
  readonly bucketOwner?: string;
  readonly plainText?: boolean;
}

function mediaSource({ bytes, text, s3Location }: JsonObject): ReadSource | undefined {
  if (typeof bytes === "string") return { source: { type: "data", data: bytes } };
  if (typeof text === "string") {
    return { source: { type: "data", data: Buffer.from(text, "utf8").toString("base64") }, plainText: true };
  }
  if (!isJsonObject(s3Location) || typeof s3Location.uri !== "string") return undefined;
  const { uri, bucketOwner } = s3Location;
  return {
    source: { type: "reference", provider: S3, id: uri },
    ...(typeof bucketOwner === "string" ? { bucketOwner } : {}),
  };
}

// Results of tools

const RESULT_FIELDS: ReadonlySet<string> = new Set(["toolUseId", "content", "status"]);

export function parseToolResult(result: JsonObject, toolName: string | undefined): ToolResultPart {
  const content = Array.isArray(result.content) ? result.content.filter(isJsonObject) : [];
  return {
    type: "tool-result",
    toolCallId: textOf(result.toolUseId),
    ...(toolName === undefined ? {} : { toolName }),
    content: content.map(resultContent),
    ...(result.status === "error" ? { isError: true } : result.status === "success" ? { isError: false } : {}),
    ...withVendorData(otherFieldsData(result, RESULT_FIELDS)),
  };
}

/** A block without canonical form stays whole as JSON, marked so that it goes back as a block. */
function resultContent(block: JsonObject): ToolResultContent {
  if (block.json !== undefined && block.json !== null) return { type: "json", value: block.json };
  const part = parseUserBlock(block);
  return part.type === "opaque" ? { type: "json", value: block, ...withVendorData({ verbatim: true }) } : part;
}
