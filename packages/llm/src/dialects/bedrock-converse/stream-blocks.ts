/** The blocks of a stream while they are open, and what their deltas do. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { sourceOf } from "./citations.ts";
import { isServerTool, opaquePart, signatureData, TOOL_USE_FIELDS } from "./parse-blocks.ts";
import { fromWireName } from "./tool-names.ts";
import { otherFieldsData, textOf, withVendorData } from "./vendor-data.ts";

export type OpenBlock =
  | { readonly key: string; readonly kind: "text"; readonly citations: JsonObject[] }
  | { readonly key: string; readonly kind: "reasoning"; signature: string; readonly redacted: string[] }
  | { readonly key: string; readonly kind: "tool-call" }
  /** A call of a tool that Bedrock runs itself: whole at its end. */
  | { readonly key: string; readonly kind: "server-call"; readonly toolUse: JsonObject; input: string }
  | { readonly key: string; readonly kind: "server-result"; readonly toolResult: JsonObject; readonly content: JsonValue[] };

/** Undefined for a kind of block that the wire does not define. */
export function beginBlock(key: string, start: JsonObject, writer: StreamWriter): OpenBlock | undefined {
  const { toolUse, toolResult } = start;
  if (isJsonObject(toolResult)) return { key, kind: "server-result", toolResult, content: [] };
  if (!isJsonObject(toolUse)) return undefined;
  if (isServerTool(toolUse)) return { key, kind: "server-call", toolUse, input: "" };
  const { vendor } = withVendorData(otherFieldsData(toolUse, TOOL_USE_FIELDS));
  writer.toolCall(key, textOf(toolUse.toolUseId), fromWireName(textOf(toolUse.name)), vendor);
  return { key, kind: "tool-call" };
}

/** False for a delta that says nothing to this block. */
export function applyDelta(block: OpenBlock, delta: JsonObject, writer: StreamWriter): boolean {
  switch (block.kind) {
    case "text":
      return textDelta(block, delta, writer);
    case "reasoning":
      return reasoningDelta(block, delta.reasoningContent, writer);
    case "tool-call":
      return inputDelta(delta.toolUse, (piece) => writer.toolCallDelta(block.key, piece));
    case "server-call":
      return inputDelta(delta.toolUse, (piece) => {
        block.input += piece;
      });
    case "server-result":
      if (!Array.isArray(delta.toolResult)) return false;
      block.content.push(...delta.toolResult);
      return true;
  }
}

type TextBlock = Extract<OpenBlock, { readonly kind: "text" }>;
type ReasoningBlock = Extract<OpenBlock, { readonly kind: "reasoning" }>;

/** A citation may come before the text that it is of; the text's part stands first all the same. */
function textDelta({ key, citations }: TextBlock, { text, citation }: JsonObject, writer: StreamWriter): boolean {
  if (typeof text === "string") writer.delta("text", key, text);
  if (isJsonObject(citation)) {
    if (!writer.isOpen(key)) writer.delta("text", key, "");
    citations.push(citation);
    writer.part(sourceOf(citation));
  }
  return typeof text === "string" || isJsonObject(citation);
}

function reasoningDelta(block: ReasoningBlock, content: JsonValue | undefined, writer: StreamWriter): boolean {
  if (!isJsonObject(content)) return false;
  const { text, signature, redactedContent } = content;
  writer.delta("reasoning", block.key, textOf(text));
  block.signature += textOf(signature);
  if (typeof redactedContent === "string") block.redacted.push(redactedContent);
  return true;
}

function inputDelta(toolUse: JsonValue | undefined, take: (piece: string) => void): boolean {
  if (!isJsonObject(toolUse)) return false;
  take(textOf(toolUse.input));
  return true;
}

export function endBlock(block: OpenBlock, writer: StreamWriter): void {
  switch (block.kind) {
    case "text":
      endWith(block.key, withVendorData(block.citations.length === 0 ? {} : { citations: block.citations }), writer);
      break;
    case "reasoning":
      endWith(block.key, reasoningData(block), writer);
      break;
    case "tool-call":
      writer.end(block.key);
      break;
    case "server-call":
      writer.part(opaquePart({ toolUse: { ...block.toolUse, input: parseInput(block.input) } }));
      break;
    case "server-result":
      writer.part(opaquePart({ toolResult: { ...block.toolResult, content: block.content } }));
  }
}

function endWith(key: string, { vendor }: ReturnType<typeof withVendorData>, writer: StreamWriter): void {
  if (vendor !== undefined) writer.vendor(key, vendor);
  writer.end(key);
}

function reasoningData({ signature, redacted }: ReasoningBlock): ReturnType<typeof withVendorData> {
  return redacted.length === 0 ? signatureData(signature) : withVendorData({ redactedContent: joinedBase64(redacted) });
}

/** Pieces are each encoded by themselves. */
function joinedBase64(pieces: readonly string[]): string {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).toString("base64");
}

/** Input that is not JSON stays as the text that it is. */
function parseInput(text: string): JsonValue {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
