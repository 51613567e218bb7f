/**
 * The content blocks of one stream while they are open. How a block begins, what a delta does to it and how it ends is
 * looked up by the block's type and the delta's type. A block without a canonical form is put together whole and goes out
 * as one opaque part when it ends.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { sourceOf } from "./citations.ts";
import {
  opaquePart,
  REDACTED_FIELDS,
  TEXT_FIELDS,
  THINKING_FIELDS,
  TOOL_USE_FIELDS,
  withoutEmptyCitations,
  withoutEmptySignature,
  withoutPlainCaller,
} from "./parse-blocks.ts";
import { type AnthropicVendorData, DIALECT, otherBlockFields } from "./vendor-data.ts";

export interface OpenBlock {
  /** The part's key at the writer. */
  readonly key: string;
  readonly type: JsonValue | undefined;
  /** The block as it began; deltas of opaque blocks are added to it. */
  readonly fields: Record<string, JsonValue | undefined>;
  /** Pieces of a tool's input, for blocks that go out whole. */
  input: string;
  hasInput: boolean;
  /** Citations that came by delta. */
  readonly citations: JsonObject[];
}

interface BlockHandler {
  readonly begin: (block: OpenBlock, writer: StreamWriter) => void;
  readonly end: (block: OpenBlock, writer: StreamWriter) => void;
}

const TEXT: BlockHandler = {
  begin: (block, writer) => {
    writer.delta("text", block.key, stringOf(block.fields.text));
    const { citations } = block.fields;
    if (!Array.isArray(citations)) return;
    for (const citation of citations) if (isJsonObject(citation)) writer.part(sourceOf(citation));
  },
  end: (block, writer) => endWith(block, otherBlockFields(withoutEmptyCitations(block.fields), TEXT_FIELDS), writer),
};

const THINKING: BlockHandler = {
  begin: (block, writer) => writer.delta("reasoning", block.key, stringOf(block.fields.thinking)),
  end: (block, writer) => endWith(block, otherBlockFields(withoutEmptySignature(block.fields), THINKING_FIELDS), writer),
};

const REDACTED_THINKING: BlockHandler = {
  begin: (block, writer) => writer.delta("reasoning", block.key, ""),
  end: (block, writer) => endWith(block, otherBlockFields(block.fields, REDACTED_FIELDS), writer),
};

const TOOL_USE: BlockHandler = {
  begin: (block, writer) => writer.toolCall(block.key, stringOf(block.fields.id), stringOf(block.fields.name)),
  end: (block, writer) => {
    // Some servers send the whole input with the block's beginning and no deltas.
    if (!block.hasInput && hasEntries(block.fields.input)) writer.toolCallDelta(block.key, JSON.stringify(block.fields.input));
    endWith(block, otherBlockFields(withoutPlainCaller(block.fields), TOOL_USE_FIELDS), writer);
  },
};

const OPAQUE: BlockHandler = {
  begin: () => {},
  end: (block, writer) => {
    if (block.hasInput) block.fields.input = parseInput(block.input);
    writer.part(opaquePart(block.fields));
  },
};

const BLOCK_HANDLERS: ReadonlyMap<unknown, BlockHandler> = new Map<unknown, BlockHandler>([
  ["text", TEXT],
  ["thinking", THINKING],
  ["redacted_thinking", REDACTED_THINKING],
  ["tool_use", TOOL_USE],
]);

export function beginBlock(key: string, content: JsonObject, writer: StreamWriter): OpenBlock {
  const block: OpenBlock = { key, type: content.type, fields: { ...content }, input: "", hasInput: false, citations: [] };
  handlerOf(block).begin(block, writer);
  return block;
}

export function endBlock(block: OpenBlock, writer: StreamWriter): void {
  if (block.citations.length > 0) {
    const { citations } = block.fields;
    block.fields.citations = [...(Array.isArray(citations) ? citations : []), ...block.citations];
  }
  handlerOf(block).end(block, writer);
}

function handlerOf(block: OpenBlock): BlockHandler {
  return BLOCK_HANDLERS.get(block.type) ?? OPAQUE;
}

function endWith(block: OpenBlock, data: AnthropicVendorData | undefined, writer: StreamWriter): void {
  if (data !== undefined) writer.vendor(block.key, { [DIALECT]: data });
  writer.end(block.key);
}

// Deltas

type DeltaHandler = (block: OpenBlock, delta: JsonObject, writer: StreamWriter) => void;

const DELTA_HANDLERS: ReadonlyMap<unknown, DeltaHandler> = new Map<unknown, DeltaHandler>([
  [
    "text_delta",
    (block, delta, writer) => {
      if (block.type === "text") writer.delta("text", block.key, stringOf(delta.text));
      else addFields(block, delta);
    },
  ],
  [
    "thinking_delta",
    (block, delta, writer) => {
      if (block.type === "thinking") writer.delta("reasoning", block.key, stringOf(delta.thinking));
      else addFields(block, delta);
    },
  ],
  [
    "input_json_delta",
    (block, delta, writer) => {
      const piece = stringOf(delta.partial_json);
      if (piece === "") return;
      block.hasInput = true;
      if (block.type === "tool_use") writer.toolCallDelta(block.key, piece);
      else block.input += piece;
    },
  ],
  [
    "signature_delta",
    (block, delta) => {
      block.fields.signature = stringOf(delta.signature);
    },
  ],
  [
    "citations_delta",
    (block, delta, writer) => {
      const { citation } = delta;
      if (!isJsonObject(citation)) return;
      block.citations.push(citation);
      if (block.type === "text") writer.part(sourceOf(citation));
    },
  ],
]);

export function applyDelta(block: OpenBlock, delta: JsonObject, writer: StreamWriter): void {
  const handler = DELTA_HANDLERS.get(delta.type);
  if (handler !== undefined) handler(block, delta, writer);
  else if (!BLOCK_HANDLERS.has(block.type)) addFields(block, delta);
}

/** The block that a delta belongs to, for servers that leave `content_block_start` out. */
export function blockImpliedBy(delta: JsonObject): JsonObject | undefined {
  if (delta.type === "text_delta") return { type: "text", text: "" };
  if (delta.type === "thinking_delta" || delta.type === "signature_delta") return { type: "thinking", thinking: "" };
  return undefined;
}

/** A delta of an opaque block: text grows, everything else is replaced. */
function addFields(block: OpenBlock, delta: JsonObject): void {
  for (const [field, value] of Object.entries(delta)) {
    if (field === "type" || value === null || value === undefined) continue;
    const known = block.fields[field];
    block.fields[field] = typeof known === "string" && typeof value === "string" ? known + value : value;
  }
}

/** Input that is not JSON stays as the text that it is. */
function parseInput(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function hasEntries(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length > 0;
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
