/** Canonical parts as blocks of this wire. What has no block is reported and left out. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type {
  AssistantPart,
  OpaquePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from "../../message.ts";
import { renderMedia } from "./render-media.ts";
import { lossy, type Rendering, unsupported, wellFormed } from "./rendering.ts";
import { toWireName } from "./tool-names.ts";
import { BEDROCK, vendorDataOf } from "./vendor-data.ts";

export function renderUserPart(rendering: Rendering, part: UserPart, path: string): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return renderText(rendering, part, path);
    case "image":
    case "audio":
    case "file":
      return renderMedia(rendering, part, path);
    case "opaque":
      return renderOpaque(rendering, part, path);
  }
}

export function renderAssistantPart(rendering: Rendering, part: AssistantPart, path: string): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return renderText(rendering, part, path);
    case "reasoning":
      return renderReasoning(rendering, part, path);
    case "tool-call":
      return { toolUse: renderToolUse(rendering, part, path) };
    case "opaque":
      return renderOpaque(rendering, part, path);
    case "refusal":
      lossy(rendering, path, "the wire has no refusals; it went as text");
      return renderText(rendering, { type: "text", text: part.text }, path);
    case "source":
      // Derived from the citations of the text before it, which go back themselves.
      return undefined;
    case "image":
    case "audio":
    case "file":
      return unsupported(rendering, path, `an assistant's message has no place for a ${part.type}; it was left out`);
  }
}

/** Blank text is refused: "The text field in the ContentBlock object is blank". */
export function renderText(rendering: Rendering, part: TextPart, path: string): JsonObject | undefined {
  if (part.text.trim() === "") {
    lossy(rendering, path, "blank text is refused; it was left out");
    return undefined;
  }
  const { citations, pieces, fields } = vendorDataOf(part);
  const text = wellFormed(rendering, part.text, path);
  if (citations === undefined) return { text, ...fields };
  return { citationsContent: { content: (pieces ?? [text]).map((piece) => ({ text: piece })), citations, ...fields } };
}

/** Only Anthropic's models sign their reasoning, and only what is signed may go back. */
function renderReasoning(rendering: Rendering, part: ReasoningPart, path: string): JsonObject | undefined {
  const { signature, redactedContent } = vendorDataOf(part);
  if (!rendering.family.replaysReasoning) {
    lossy(rendering, path, `${rendering.request.model} reads no reasoning back; it was left out`);
    return undefined;
  }
  if (redactedContent !== undefined) return { reasoningContent: { redactedContent } };
  if (signature !== undefined) return { reasoningContent: { reasoningText: { text: part.text, signature } } };
  rendering.warnings.push({ type: "handoff", path, detail: "reasoning without a signature is refused; it was left out" });
  return undefined;
}

function renderToolUse(rendering: Rendering, part: ToolCallPart, path: string): JsonObject {
  return {
    toolUseId: rendering.callId(part.id),
    name: toWireName(part.name),
    input: toolInput(rendering, part, path),
    ...vendorDataOf(part).fields,
  };
}

function toolInput(rendering: Rendering, part: ToolCallPart, path: string): JsonObject {
  if (part.invalid !== undefined) {
    lossy(rendering, `${path}.arguments`, "arguments that are not JSON cannot be sent; an empty object was");
    return {};
  }
  if (isJsonObject(part.arguments)) return part.arguments;
  lossy(rendering, `${path}.arguments`, "arguments must be an object; they went over under the key value");
  return { value: part.arguments };
}

function renderOpaque(rendering: Rendering, part: OpaquePart, path: string): JsonObject | undefined {
  if (part.dialect === BEDROCK) return part.value;
  return unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
}

// Results of tools

/** Models are told in words that a tool had nothing to say: an empty result is refused. */
const NO_OUTPUT = "(no tool output)";

export function renderToolResult(rendering: Rendering, part: ToolResultPart, path: string): JsonObject {
  const content: JsonObject[] = [];
  for (const [index, item] of part.content.entries()) {
    const block = renderResultContent(rendering, item, `${path}.content[${index}]`);
    if (block !== undefined) content.push(block);
  }
  if (content.length === 0) {
    lossy(rendering, `${path}.content`, `an empty result went as ${JSON.stringify(NO_OUTPUT)}`);
    content.push({ text: NO_OUTPUT });
  }
  const toolUseId = rendering.callId(part.toolCallId);
  return { toolResult: { toolUseId, content, ...resultStatus(rendering, part, path), ...vendorDataOf(part).fields } };
}

function resultStatus(rendering: Rendering, { isError }: ToolResultPart, path: string): { readonly status?: string } {
  if (isError === undefined) return {};
  if (rendering.family.resultStatus) return { status: isError ? "error" : "success" };
  if (isError) lossy(rendering, `${path}.isError`, `${rendering.request.model} cannot be told that a tool failed`);
  return {};
}

function renderResultContent(rendering: Rendering, part: ToolResultContent, path: string): JsonObject | undefined {
  if (part.type === "audio") return unsupported(rendering, path, "a tool result has no place for sound; it was left out");
  if (part.type !== "json") return renderUserPart(rendering, part, path);
  if (isJsonObject(part.value)) return vendorDataOf(part).verbatim === true ? part.value : { json: part.value };
  lossy(rendering, path, "structured data that is no object went as JSON text");
  return { text: JSON.stringify(part.value) };
}
