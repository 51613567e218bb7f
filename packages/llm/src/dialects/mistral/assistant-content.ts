/**
 * What an assistant says, in Mistral's content chunks: text, thinking, references, in their order. The codec inside knows
 * neither thinking nor references as content, so this file alone writes and reads them, in requests and in answers.
 */
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, ReasoningPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { contentPartsOf } from "../openai-chat/content-text.ts";
import { unknownFields } from "../openai-chat/vendor-data.ts";
import { invalidField, readArray, readObject, readString } from "../wire-reader.ts";
import { MISTRAL, mistralData, partOutside } from "./names.ts";

export interface ContentRendering {
  /** Path of the message, as in `messages[2]`. */
  readonly path: string;
  /** False for a model that does not think: it is not shown thoughts. */
  readonly takesThinking: boolean;
  readonly warnings: Warning[];
}

/** A single plain text as a string; nothing as an empty one. Parts that are no content are the codec's inside. */
export function renderAssistantContent(parts: readonly AssistantPart[], rendering: ContentRendering): string | JsonArray {
  const chunks: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const path = `${rendering.path}.parts[${index}]`;
    const chunk = renderPart(part, { ...rendering, path });
    if (chunk !== undefined) joinReferences(chunks, chunk);
  }
  const [first] = chunks;
  if (first === undefined) return "";
  const isPlain = chunks.length === 1 && first.type === "text" && Object.keys(first).length === 2;
  return isPlain && typeof first.text === "string" ? first.text : chunks;
}

/** Whether a part stands in the content, and not beside it. */
export function isContent(part: AssistantPart): boolean {
  if (part.type === "opaque") return part.dialect === MISTRAL;
  return part.type === "text" || part.type === "reasoning" || part.type === "source" || part.type === "refusal";
}

function renderPart(part: AssistantPart, rendering: ContentRendering): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return { type: "text", text: wellFormed(part.text, rendering), ...mistralData(part).fields };
    case "refusal":
      warn(rendering, "lossy", "the wire has no refusals; it went as text");
      return { type: "text", text: wellFormed(part.text, rendering) };
    case "reasoning":
      return renderThinking(part, rendering);
    case "source": {
      const id = mistralData(part).referenceId;
      if (id !== undefined) return { type: "reference", reference_ids: [id] };
      warn(rendering, "lossy", "the wire names sources only by the caller's own ids; it was left out");
      return undefined;
    }
    case "opaque":
      return part.dialect === MISTRAL ? part.value : undefined;
    default:
      return undefined;
  }
}

function renderThinking(part: ReasoningPart, rendering: ContentRendering): JsonObject | undefined {
  const { thinking, signature, fields } = mistralData(part);
  if (part.text === "" && thinking === undefined && signature === undefined) return undefined;
  if (!rendering.takesThinking) {
    warn(rendering, "unsupported", "the model does not think; earlier reasoning was left out");
    return undefined;
  }
  const entries = thinking ?? (part.text === "" ? [] : [{ type: "text", text: wellFormed(part.text, rendering) }]);
  return { type: "thinking", thinking: entries, ...(signature === undefined ? {} : { signature }), ...fields };
}

function joinReferences(chunks: JsonObject[], chunk: JsonObject): void {
  const last = chunks.at(-1);
  const before = last?.type === "reference" && chunk.type === "reference" ? last.reference_ids : undefined;
  if (!Array.isArray(before) || !Array.isArray(chunk.reference_ids)) chunks.push(chunk);
  else chunks[chunks.length - 1] = { ...last, reference_ids: [...before, ...chunk.reference_ids] };
}

/** Several servers refuse JSON with half of a surrogate pair. */
function wellFormed(text: string, rendering: ContentRendering): string {
  if (text.isWellFormed()) return text;
  warn(rendering, "lossy", "half of a surrogate pair was replaced by U+FFFD");
  return text.toWellFormed();
}

function warn({ warnings, path }: ContentRendering, type: Warning["type"], detail: string): void {
  warnings.push({ type, path, detail });
}

// From a client's history

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
const THINKING_FIELDS: ReadonlySet<string> = new Set(["type", "thinking", "signature"]);

/** The content of a client's assistant message. Throws `invalid_request` with the field's path. */
export function parseAssistantContent(
  content: JsonValue | undefined,
  path: string,
  warnings: Warning[],
): readonly AssistantPart[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, path).flatMap((item, index) => {
    const place = `${path}[${index}]`;
    return parseChunk(readObject(item, place), place, warnings);
  });
}

function parseChunk(chunk: JsonObject, path: string, warnings: Warning[]): readonly AssistantPart[] {
  const type = readString(chunk.type ?? "text", `${path}.type`);
  switch (type) {
    case "text":
      return [{ type, text: readString(chunk.text, `${path}.text`), ...withFields({}, unknownFields(chunk, TEXT_FIELDS)) }];
    case "thinking":
      return parseThinking(chunk, path);
    case "reference":
      readArray(chunk.reference_ids, `${path}.reference_ids`);
      return contentPartsOf([chunk]).parts.map(partOutside);
    case "image_url":
    case "document_url":
    case "file":
    case "input_audio":
      return [{ type: "opaque", dialect: MISTRAL, kind: type, value: chunk }];
    default: {
      const detail = `a content chunk of type ${type} is not defined; it was passed on as it is`;
      warnings.push({ type: "unknown-field", path, detail });
      return [{ type: "opaque", dialect: MISTRAL, kind: type, value: chunk }];
    }
  }
}

/** `closed` says what is so anyway; a thought that is still open is the beginning of one to go on with. */
function parseThinking(chunk: JsonObject, path: string): readonly AssistantPart[] {
  for (const [index, entry] of readArray(chunk.thinking, `${path}.thinking`).entries()) {
    if (!isJsonObject(entry)) throw invalidField(`${path}.thinking[${index}]`, "an entry of thinking must be an object");
  }
  const { closed, ...rest } = unknownFields(chunk, THINKING_FIELDS) ?? {};
  const fields = closed === false ? { ...rest, closed } : rest;
  const [part] = contentPartsOf([chunk]).parts;
  const read: ReasoningPart = part?.type === "reasoning" ? part : { type: "reasoning", text: "" };
  const data = partOutside(read).vendor?.[MISTRAL] ?? {};
  return [{ type: "reasoning", text: read.text, ...withFields(data, fields) }];
}

function withFields(data: object, fields: JsonObject | undefined) {
  const all = fields === undefined || Object.keys(fields).length === 0 ? data : { ...data, fields };
  return Object.keys(all).length === 0 ? {} : { vendor: { [MISTRAL]: all } };
}
