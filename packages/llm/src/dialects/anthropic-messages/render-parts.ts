/** Canonical parts as blocks of this wire: one function per kind of part. What has no block is reported and left out. */
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  MediaSource,
  OpaquePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
  VendorData,
} from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { BETA_OF_FILES } from "./quirks.ts";
import { needBeta, type RenderState } from "./render-state.ts";
import { DIALECT } from "./vendor-data.ts";
import type {
  WireBlock,
  WireDocumentBlock,
  WireImageBlock,
  WireImageSource,
  WireRedactedThinkingBlock,
  WireTextBlock,
  WireThinkingBlock,
  WireToolResultBlock,
  WireToolUseBlock,
} from "./wire.ts";

export function renderUserPart(part: UserPart, path: string, state: RenderState): WireBlock | undefined {
  switch (part.type) {
    case "text":
      return textBlock(part, path, state);
    case "image":
      return imageBlock(part, path, state);
    case "file":
      return fileBlock(part, path, state);
    case "audio":
      return refuse(state, path, "Anthropic takes no audio; it was left out");
    case "opaque":
      return opaqueBlock(part, path, state);
  }
}

export function renderAssistantPart(part: AssistantPart, path: string, state: RenderState): WireBlock | undefined {
  switch (part.type) {
    case "text":
      return textBlock(part, path, state);
    case "reasoning":
      return reasoningBlock(part, path, state);
    case "tool-call":
      return toolUseBlock(part, path, state);
    case "refusal":
      warn(state, "lossy", path, "a refusal went over as text");
      return part.text === "" ? undefined : extendBlock({ type: "text", text: part.text }, part.vendor, state);
    case "opaque":
      return opaqueBlock(part, path, state);
    case "source":
      // Sources are read off the citations of the text before them, which go back with the text.
      return undefined;
    case "image":
    case "audio":
    case "file":
      return refuse(state, path, `an assistant's turn cannot hold ${part.type} parts; it was left out`);
  }
}

export function renderToolResult(part: ToolResultPart, path: string, state: RenderState): WireBlock {
  const block: WireToolResultBlock = {
    type: "tool_result",
    tool_use_id: part.toolCallId,
    ...resultContent(part.content, path, state),
    ...(part.isError === undefined ? {} : { is_error: part.isError }),
  };
  return extendBlock(block, part.vendor, state);
}

/** An empty text block is refused, but an empty string is not. */
function resultContent(
  content: readonly ToolResultContent[],
  path: string,
  state: RenderState,
): Pick<WireToolResultBlock, "content"> {
  if (content.length === 0) return {};
  if (content.every((part) => part.type === "text" && part.text === "")) return { content: "" };
  const blocks: WireBlock[] = [];
  for (const [index, part] of content.entries()) {
    const block = renderResultContent(part, `${path}.content[${index}]`, state);
    if (block !== undefined) blocks.push(block);
  }
  return { content: blocks };
}

function renderResultContent(part: ToolResultContent, path: string, state: RenderState): WireBlock | undefined {
  if (part.type !== "json") return renderUserPart(part, path, state);
  if (part.vendor?.[DIALECT]?.verbatim === true && isJsonObject(part.value)) return { ...part.value };
  warn(state, "lossy", path, "structured data went over as JSON text");
  return { type: "text", text: JSON.stringify(part.value) };
}

export function textBlock(part: TextPart, path: string, state: RenderState): WireBlock | undefined {
  if (part.text === "") {
    warn(state, "lossy", path, "empty text is refused; it was left out");
    return undefined;
  }
  const block: WireTextBlock = { type: "text", text: part.text };
  return extendBlock(block, part.vendor, state);
}

function imageBlock(part: ImagePart, path: string, state: RenderState): WireBlock | undefined {
  if (part.detail !== undefined && part.detail !== "auto") warn(state, "unsupported", `${path}.detail`, "it was left out");
  if (part.source.type === "data" && part.mediaType === undefined) {
    return refuse(state, path, "an image by value needs its media type; it was left out");
  }
  const block: WireImageBlock = { type: "image", source: mediaSource(part.source, part.mediaType ?? "", state) };
  return extendBlock(block, part.vendor, state);
}

function fileBlock(part: FilePart, path: string, state: RenderState): WireBlock | undefined {
  const source = documentSource(part, path, state);
  if (source === undefined) return undefined;
  const block: WireDocumentBlock = { type: "document", source, ...(part.name === undefined ? {} : { title: part.name }) };
  return extendBlock(block, part.vendor, state);
}

/** PDFs go over as they are; text as text, whatever kind it is. */
function documentSource(part: FilePart, path: string, state: RenderState): WireDocumentBlock["source"] | undefined {
  if (part.source.type !== "data" || part.mediaType === "application/pdf") return mediaSource(part.source, part.mediaType, state);
  const isText = part.mediaType.startsWith("text/") || part.mediaType === "application/json";
  if (!isText) return refuse(state, path, `documents are PDF or text, not ${part.mediaType}; it was left out`);
  if (part.mediaType !== "text/plain") warn(state, "lossy", `${path}.mediaType`, `${part.mediaType} went over as text/plain`);
  return { type: "text", media_type: "text/plain", data: Buffer.from(part.source.data, "base64").toString("utf8") };
}

function mediaSource(source: MediaSource, mediaType: string, state: RenderState): WireImageSource {
  if (source.type === "url") return { type: "url", url: source.url };
  if (source.type === "data") return { type: "base64", media_type: mediaType, data: source.data };
  needBeta(state.betas, BETA_OF_FILES);
  return { type: "file", file_id: source.id };
}

/** Signed thinking goes back byte for byte, also where its text is empty. */
function reasoningBlock(part: ReasoningPart, path: string, state: RenderState): WireBlock | undefined {
  const data = part.vendor?.[DIALECT];
  if (typeof data?.data === "string") {
    const block: WireRedactedThinkingBlock = { type: "redacted_thinking", data: data.data };
    return extendBlock(block, part.vendor, state);
  }
  if (typeof data?.signature === "string") {
    const block: WireThinkingBlock = { type: "thinking", thinking: part.text, signature: data.signature };
    return extendBlock(block, part.vendor, state);
  }
  if (state.quirks.unsignedThinking === "send") return extendBlock({ type: "thinking", thinking: part.text }, part.vendor, state);
  warn(state, "handoff", path, "thinking without Anthropic's signature is refused; it was left out");
  return undefined;
}

function toolUseBlock(part: ToolCallPart, path: string, state: RenderState): WireBlock {
  const block: WireToolUseBlock = { type: "tool_use", id: part.id, name: part.name, input: toolInput(part, path, state) };
  return extendBlock(block, part.vendor, state);
}

function toolInput(part: ToolCallPart, path: string, state: RenderState): JsonObject {
  if (part.invalid !== undefined) {
    warn(state, "lossy", `${path}.arguments`, "arguments that are not JSON cannot be sent; an empty object was");
    return {};
  }
  if (isJsonObject(part.arguments)) return part.arguments;
  warn(state, "lossy", `${path}.arguments`, "arguments must be an object; they went over under the key value");
  return { value: part.arguments };
}

function opaqueBlock(part: OpaquePart, path: string, state: RenderState): WireBlock | undefined {
  if (part.dialect === DIALECT) return { ...part.value, type: part.kind };
  warn(state, "handoff", path, `a ${part.kind} block of ${part.dialect} means nothing to Anthropic; it was left out`);
  return undefined;
}

/** The block with the fields of its vendor data. Canonical fields stand over them. */
export function extendBlock(block: object, vendor: VendorData | undefined, state: RenderState): WireBlock {
  const extended: WireBlock = { ...block };
  const data = vendor?.[DIALECT];
  if (!isJsonObject(data)) return extended;
  for (const key in data) {
    if (key in extended || key === "verbatim") continue;
    if (key === "cache_control" && state.quirks.cacheControl === false) continue;
    extended[key] = data[key];
  }
  return extended;
}

function warn(state: RenderState, type: Warning["type"], path: string, detail: string): void {
  state.warnings.push({ type, path, detail });
}

function refuse(state: RenderState, path: string, detail: string): undefined {
  warn(state, "unsupported", path, detail);
  return undefined;
}
