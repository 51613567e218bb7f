/**
 * Answer content that is a list of parts instead of a string, as some servers behind this wire send it: text, thinking, and
 * references to what was read. The parts keep their order; neighbours of one kind are one part, however they were cut.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";
import type { AssistantPart, SourcePart } from "../../message.ts";
import { type OpenAIChatVendorData, objectsIn, withVendorData } from "./vendor-data.ts";

export type ContentPiece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly chunk: JsonObject }
  | { readonly type: "source"; readonly part: SourcePart }
  /** A part that holds neither, by its type. */
  | { readonly type: "unread"; readonly kind: string };

export function contentPieces(content: JsonArray): readonly ContentPiece[] {
  const pieces: ContentPiece[] = [];
  for (const part of objectsIn(content)) {
    if (part.type === "thinking" || part.type === "reasoning") pieces.push({ type: "thinking", chunk: part });
    else if (part.type === "reference")
      pieces.push(...referencedSources(part).map((source) => ({ type: "source", part: source }) as const));
    else if (typeof part.text === "string") pieces.push({ type: "text", text: part.text });
    else pieces.push({ type: "unread", kind: typeof part.type === "string" ? part.type : "none" });
  }
  return pieces;
}

/** Mistral's `reference` names documents by ids that the caller gave them. */
function referencedSources(part: JsonObject): readonly SourcePart[] {
  const ids = Array.isArray(part.reference_ids) ? part.reference_ids : [];
  return ids
    .filter((id) => typeof id === "number" || typeof id === "string")
    .map((id) => ({ type: "source", documentId: String(id), ...withVendorData({ referenceId: id }) }));
}

/** One reasoning part while its chunks come in: Mistral's `thinking` is a list, Databricks' `summary` another. */
export class Thinking {
  text = "";
  readonly #entries: Record<string, JsonValue>[] = [];
  #signature: string | undefined;
  #hasMore = false;
  #isClosed = false;

  /** Takes a further chunk; returns the text that it adds. */
  add(chunk: JsonObject): string {
    const list = chunk.type === "thinking" ? chunk.thinking : chunk.summary;
    const before = this.text.length;
    if (typeof list === "string") this.#addText(list);
    for (const entry of objectsIn(list)) this.#addEntry(entry);
    if (typeof chunk.signature === "string" && chunk.signature !== "") this.#signature = chunk.signature;
    if (chunk.closed === true) this.#isClosed = true;
    return this.text.slice(before);
  }

  /** A chunk that is closed or signed is the last of its part. */
  get isWhole(): boolean {
    return this.#isClosed || this.#signature !== undefined;
  }

  get isEmpty(): boolean {
    return this.text === "" && this.data === undefined;
  }

  /** What goes back with the text: the signature, and the list where it holds more than text. */
  get data(): OpenAIChatVendorData | undefined {
    if (this.#signature === undefined && !this.#hasMore) return undefined;
    return {
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(this.#hasMore ? { thinking: this.#entries } : {}),
    };
  }

  /** An entry without text is a reference to a document or a tool. */
  #addEntry(entry: JsonObject): void {
    if (typeof entry.text === "string") {
      this.#addText(entry.text);
      return;
    }
    this.#hasMore = true;
    this.#entries.push(Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, value ?? null])));
  }

  #addText(text: string): void {
    if (text === "") return;
    this.text += text;
    const last = this.#entries.at(-1);
    if (last?.type === "text") last.text = `${String(last.text)}${text}`;
    else this.#entries.push({ type: "text", text });
  }
}

export interface ContentParts {
  readonly parts: readonly AssistantPart[];
  /** Types of the parts that hold nothing known. */
  readonly unread: readonly string[];
}

/** The parts of a whole content. */
export function contentPartsOf(content: JsonArray): ContentParts {
  const parts: AssistantPart[] = [];
  const unread: string[] = [];
  let text = "";
  let thinking: Thinking | undefined;
  const flush = (): void => {
    if (text !== "") parts.push({ type: "text", text });
    if (thinking !== undefined) parts.push({ type: "reasoning", text: thinking.text, ...withVendorData(thinking.data) });
    text = "";
    thinking = undefined;
  };
  for (const piece of contentPieces(content)) {
    if (piece.type === "unread") {
      unread.push(piece.kind);
    } else if (piece.type === "source") {
      flush();
      parts.push(piece.part);
    } else if (piece.type === "text") {
      if (text === "" && piece.text !== "") flush();
      text += piece.text;
    } else {
      const open: Thinking = thinking ?? new Thinking();
      open.add(piece.chunk);
      if (open.isEmpty) continue;
      if (thinking === undefined) flush();
      thinking = open;
      if (open.isWhole) flush();
    }
  }
  flush();
  return { parts, unread };
}
