/** Writes the events of one item of a streamed answer: its beginning, its deltas, and its end with the whole item. */
import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, SourcePart, VendorData } from "../../message.ts";
import type { WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { assistantItems, type ItemKind, type ItemRules } from "./assistant-items.ts";
import { madeItemId } from "./made-ids.ts";
import { answerRules } from "./render-response.ts";
import type { WireStreamEvents } from "./wire.ts";

export type FilledKind = "text" | "refusal" | "reasoning" | "tool-call";

/** A part of the answer on its way to become an item. */
export interface StreamedPart {
  readonly kind: FilledKind;
  readonly partIndex: number;
  readonly callId: string;
  readonly name: string;
  itemId: string;
  text: string;
  vendor: VendorData | undefined;
  readonly sources: SourcePart[];
  /** Place in `output`; undefined until its first event goes out. */
  outputIndex: number | undefined;
  isEnded: boolean;
}

const ITEM_KINDS: Readonly<Record<FilledKind, ItemKind>> = {
  text: "message",
  refusal: "message",
  reasoning: "reasoning",
  "tool-call": "function_call",
};

export class StreamItems {
  readonly warnings: Warning[] = [];
  readonly output: JsonValue[] = [];
  responseId = "";
  #outputs = 0;
  #sequence = 0;
  #wire = "";

  /** Whether an item has gone out, which cannot be taken back. */
  get hasOutput(): boolean {
    return this.#outputs > 0;
  }

  /** What was written since the last call. */
  take(): string {
    const wire = this.#wire;
    this.#wire = "";
    return wire;
  }

  emit<Type extends keyof WireStreamEvents>(type: Type, fields: WireStreamEvents[Type]): void {
    this.#wire += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence++, ...fields })}\n\n`;
  }

  /** `ownId` is the id under which its maker began it, where it is known. */
  create(kind: FilledKind, partIndex: number, callId: string, name: string, ownId: string | undefined): StreamedPart {
    const itemId = ownId ?? madeItemId(this.responseId, ITEM_KINDS[kind], partIndex);
    return {
      kind,
      partIndex,
      callId,
      name,
      itemId,
      text: "",
      vendor: undefined,
      sources: [],
      outputIndex: undefined,
      isEnded: false,
    };
  }

  begin(part: StreamedPart): void {
    const output_index = this.#outputs++;
    part.outputIndex = output_index;
    this.emit("response.output_item.added", { output_index, item: emptyItem(part) });
    if (part.kind !== "text" && part.kind !== "refusal") return;
    const place = { item_id: part.itemId, output_index, content_index: 0 };
    this.emit("response.content_part.added", { ...place, part: emptyContent(part.kind) });
  }

  delta(part: StreamedPart, delta: string, isFirst: boolean): void {
    const output_index = part.outputIndex ?? 0;
    const item_id = part.itemId;
    switch (part.kind) {
      case "text":
        this.emit("response.output_text.delta", { item_id, output_index, content_index: 0, delta, logprobs: [] });
        return;
      case "refusal":
        this.emit("response.refusal.delta", { item_id, output_index, content_index: 0, delta });
        return;
      case "tool-call":
        this.emit("response.function_call_arguments.delta", { item_id, output_index, delta });
        return;
      case "reasoning":
        if (isFirst) this.#summaryAdded({ item_id, output_index, summary_index: 0 });
        this.emit("response.reasoning_summary_text.delta", { item_id, output_index, summary_index: 0, delta });
    }
  }

  /** Ends an item that has gone out in deltas; the id under which it began stays. */
  finish(part: StreamedPart): void {
    const item = this.#underItsId(part, this.#wholeItem(part));
    if (part.kind === "reasoning" && part.text !== "") {
      this.#summaryDone({ item_id: part.itemId, output_index: part.outputIndex ?? 0, summary_index: 0 }, part.text);
    }
    this.#close(part, item);
  }

  #underItsId(part: StreamedPart, item: JsonObject): JsonObject {
    if (item.id === part.itemId) return item;
    const detail = `the id of this ${part.kind} came too late; the client got another`;
    this.warnings.push({ type: "lossy", path: `message.parts[${part.partIndex}]`, detail });
    return { ...item, id: part.itemId };
  }

  /** An item of which nothing has gone out yet, under its maker's id. */
  writeWhole(part: StreamedPart): void {
    const item = this.#wholeItem(part);
    if (typeof item.id === "string") part.itemId = item.id;
    this.begin(part);
    if (part.kind === "reasoning") this.#reasoningPieces(part, item);
    else if (part.text !== "") this.delta(part, part.text, true);
    this.#close(part, item);
  }

  /** A part that came in one piece. */
  writePart(whole: WholePart, partIndex: number): void {
    for (const item of assistantItems([whole], this.#rules(partIndex))) {
      const output_index = this.#outputs++;
      this.emit("response.output_item.added", { output_index, item });
      this.emit("response.output_item.done", { output_index, item });
      this.output[output_index] = item;
    }
  }

  #wholeItem(part: StreamedPart): JsonObject {
    return assistantItems([partOf(part), ...part.sources], this.#rules(part.partIndex))[0] ?? {};
  }

  /** Rules for one part alone, which then stands at place 0 of its list. */
  #rules(partIndex: number): ItemRules {
    const rules = answerRules(this.responseId, this.warnings);
    return {
      makeId: (kind) => madeItemId(this.responseId, kind, partIndex),
      foreign: (part) => rules.foreign(part, partIndex),
      warn: (_index, type, detail) => rules.warn(partIndex, type, detail),
    };
  }

  #close(part: StreamedPart, item: JsonObject): void {
    const output_index = part.outputIndex ?? 0;
    if (part.kind === "tool-call") {
      this.emit("response.function_call_arguments.done", {
        item_id: part.itemId,
        output_index,
        arguments: String(item.arguments),
      });
    } else if (part.kind !== "reasoning") {
      this.#closeContent(part, output_index, listOf(item.content)[0]);
    }
    this.emit("response.output_item.done", { output_index, item });
    this.output[output_index] = item;
  }

  #closeContent(part: StreamedPart, output_index: number, content: JsonValue | undefined): void {
    const whole = isJsonObject(content) ? content : {};
    const place = { item_id: part.itemId, output_index, content_index: 0 };
    if (part.kind === "refusal") {
      this.emit("response.refusal.done", { ...place, refusal: part.text });
    } else {
      for (const [annotation_index, annotation] of listOf(whole.annotations).filter(isJsonObject).entries()) {
        this.emit("response.output_text.annotation.added", { ...place, annotation_index, annotation });
      }
      this.emit("response.output_text.done", { ...place, text: part.text, logprobs: listOf(whole.logprobs) });
    }
    this.emit("response.content_part.done", { ...place, part: whole });
  }

  /** Summaries and thinking, each piece under its own index, as its maker had them. */
  #reasoningPieces(part: StreamedPart, item: JsonObject): void {
    const place = { item_id: part.itemId, output_index: part.outputIndex ?? 0 };
    for (const [summary_index, text] of textsOf(item.summary).entries()) {
      this.#summaryAdded({ ...place, summary_index });
      this.emit("response.reasoning_summary_text.delta", { ...place, summary_index, delta: text });
      this.#summaryDone({ ...place, summary_index }, text);
    }
    for (const [content_index, text] of textsOf(item.content).entries()) {
      this.emit("response.reasoning_text.delta", { ...place, content_index, delta: text });
      this.emit("response.reasoning_text.done", { ...place, content_index, text });
    }
  }

  #summaryAdded(place: SummaryPlace): void {
    this.emit("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
  }

  #summaryDone(place: SummaryPlace, text: string): void {
    this.emit("response.reasoning_summary_text.done", { ...place, text });
    this.emit("response.reasoning_summary_part.done", { ...place, part: { type: "summary_text", text } });
  }
}

type SummaryPlace = { readonly item_id: string; readonly output_index: number; readonly summary_index: number };

function partOf(part: StreamedPart): AssistantPart {
  const vendor = part.vendor === undefined ? {} : { vendor: part.vendor };
  if (part.kind === "tool-call") return { ...toolCallPart(part.callId, part.name, part.text), ...vendor };
  return { type: part.kind, text: part.text, ...vendor };
}

function emptyItem(part: StreamedPart): JsonObject {
  const id = part.itemId;
  if (part.kind === "reasoning") return { id, type: "reasoning", summary: [] };
  if (part.kind !== "tool-call") return { id, type: "message", status: "in_progress", role: "assistant", content: [] };
  return { id, type: "function_call", status: "in_progress", arguments: "", call_id: part.callId, name: part.name };
}

function emptyContent(kind: "text" | "refusal"): JsonObject {
  return kind === "refusal" ? { type: "refusal", refusal: "" } : { type: "output_text", text: "", annotations: [] };
}

function listOf(value: JsonValue | undefined): JsonArray {
  return Array.isArray(value) ? value : [];
}

function textsOf(pieces: JsonValue | undefined): readonly string[] {
  return listOf(pieces).flatMap((piece) => (isJsonObject(piece) && typeof piece.text === "string" ? [piece.text] : []));
}
