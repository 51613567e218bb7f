/**
 * StreamEvent -> the events of a streamed response. Each part becomes one item, in the order in which the parts began. A
 * text's item stays open until the next event that is not one of its sources, as those belong into it.
 *
 * Reasoning and calls of this same wire keep the id under which they began: a client may send them back, and encrypted
 * reasoning is bound to the id of its item. Where the start did not tell it, they are held back until they are whole, and
 * what began later waits for them.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import type { DragomanError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { SourcePart, VendorData } from "../../message.ts";
import type { FinishEvent, StreamEvent, WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { errorObject } from "./error.ts";
import { finishedResponse, type ResponseHead, responseObject } from "./render-response.ts";
import { type FilledKind, type StreamedPart, StreamItems } from "./stream-items.ts";
import { OPENAI_RESPONSES, ownVendor } from "./vendor-data.ts";

export function renderStream(client: ClientContext): StreamRenderer {
  return new ResponseStreamRenderer(client);
}

interface WaitingPart {
  readonly whole: WholePart;
  readonly partIndex: number;
}

class ResponseStreamRenderer implements StreamRenderer {
  readonly contentType = "text/event-stream";
  readonly #client: ClientContext;
  readonly #items = new StreamItems();
  readonly #open = new Map<number, StreamedPart>();
  /** Parts of which nothing has gone out yet, in the order in which they began. */
  #waiting: (StreamedPart | WaitingPart)[] = [];
  /** Of those: the ones that must not begin before their id is known. */
  readonly #heldBack = new Set<StreamedPart | WaitingPart>();
  /** A text that has ended, and may still get sources. */
  #ended: StreamedPart | undefined;
  #head: ResponseHead | undefined;
  #isOwnWire = false;
  #done = false;

  constructor(client: ClientContext) {
    this.#client = client;
  }

  get warnings(): readonly Warning[] {
    return this.#items.warnings;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    this.#read(event);
    return this.#items.take();
  }

  #read(event: StreamEvent): void {
    switch (event.type) {
      case "text-delta":
      case "refusal-delta":
      case "reasoning-delta":
      case "tool-call-delta":
        this.#delta(event.index, event.text);
        return;
      case "part":
        this.#part(event.index, event.part);
        return;
      case "start":
        this.#start(event.id, event.createdAt, event.origin.dialect);
        return;
      case "text-start":
        this.#begin("text", event.index, event.vendor);
        return;
      case "refusal-start":
        this.#begin("refusal", event.index, event.vendor);
        return;
      case "reasoning-start":
        this.#begin("reasoning", event.index, event.vendor);
        return;
      case "tool-call-start":
        this.#begin("tool-call", event.index, event.vendor, event.id, event.name);
        return;
      case "text-end":
      case "refusal-end":
      case "reasoning-end":
      case "tool-call-end":
        this.#end(event.index, event.vendor);
        return;
      case "restart":
        this.#restart(event.error);
        return;
      case "finish":
        this.#finish(event);
        return;
      case "error":
        this.#fail(errorObject(event.error));
        return;
      case "usage":
      case "warning":
        // Usage goes out with the end; warnings are told beside the stream.
        return;
    }
  }

  #start(id: string, createdAt: number | undefined, dialect: string): void {
    this.#isOwnWire = dialect === OPENAI_RESPONSES;
    if (this.#head !== undefined) return;
    this.#head = { id, createdAt, client: this.#client };
    this.#items.responseId = id;
    const response = responseObject(this.#head, "in_progress");
    this.#items.emit("response.created", { response });
    this.#items.emit("response.in_progress", { response });
  }

  #begin(kind: FilledKind, partIndex: number, vendor: VendorData | undefined, callId = "", name = ""): void {
    this.#closeEnded();
    const id = ownVendor(vendor === undefined ? {} : { vendor }).item?.id;
    const ownId = typeof id === "string" ? id : undefined;
    const part = this.#items.create(kind, partIndex, callId, name, ownId);
    this.#open.set(partIndex, part);
    if (ownId === undefined && this.#isBoundToId(part)) this.#heldBack.add(part);
    if (this.#waiting.length > 0 || this.#heldBack.has(part)) this.#waiting.push(part);
    else this.#items.begin(part);
  }

  /** Parts of this same wire that a client may send back only under the id that their maker gave them. */
  #isBoundToId(part: StreamedPart): boolean {
    return this.#isOwnWire && (part.kind === "reasoning" || part.kind === "tool-call");
  }

  #delta(partIndex: number, text: string): void {
    if (this.#ended !== undefined) this.#closeEnded();
    const part = this.#open.get(partIndex);
    if (part === undefined || text === "") return;
    const isFirst = part.text === "";
    part.text += text;
    if (part.outputIndex !== undefined) this.#items.delta(part, text, isFirst);
  }

  #end(partIndex: number, vendor: VendorData | undefined): void {
    const part = this.#open.get(partIndex);
    if (part === undefined) return;
    this.#closeEnded();
    this.#open.delete(partIndex);
    part.vendor = vendor;
    if (part.kind === "text") this.#ended = part;
    else this.#close(part);
  }

  #closeEnded(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended !== undefined) this.#close(ended);
  }

  #close(part: StreamedPart): void {
    part.isEnded = true;
    if (part.outputIndex === undefined) this.#writeWaiting();
    else this.#items.finish(part);
  }

  /** Writes what waits, up to the first part that is still held back. */
  #writeWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if ("whole" in next) this.#items.writePart(next.whole, next.partIndex);
      else if (next.isEnded) this.#items.writeWhole(next);
      else if (this.#heldBack.has(next)) return;
      else this.#catchUp(next);
      this.#waiting.shift();
    }
  }

  #catchUp(part: StreamedPart): void {
    this.#items.begin(part);
    if (part.text !== "") this.#items.delta(part, part.text, true);
  }

  #part(partIndex: number, part: WholePart): void {
    if (part.type === "source" && this.#cite(part)) return;
    this.#closeEnded();
    if (this.#waiting.length > 0) this.#waiting.push({ whole: part, partIndex });
    else this.#items.writePart(part, partIndex);
  }

  /** A source belongs to the text that has just ended, or to the one that is being written. */
  #cite(source: SourcePart): boolean {
    const text = this.#ended ?? [...this.#open.values()].findLast((part) => part.kind === "text");
    text?.sources.push(source);
    return text !== undefined;
  }

  // The end

  /** What has gone out cannot be taken back. */
  #restart(error: DragomanError | undefined): void {
    this.#closeEnded();
    if (!this.#items.hasOutput) {
      this.#open.clear();
      this.#waiting = [];
      return;
    }
    const message = "another model took over after a part of the answer had been sent";
    this.#fail(
      error === undefined ? { message, type: "server_error", param: null, code: "stream_truncated" } : errorObject(error),
    );
  }

  #finish(event: FinishEvent): void {
    this.#closeEnded();
    this.#done = true;
    const head = this.#head ?? { id: "", createdAt: undefined, client: this.#client };
    const response = finishedResponse(head, this.#items.output, event, this.#items.warnings);
    this.#items.emit(response.status === "incomplete" ? "response.incomplete" : "response.completed", { response });
  }

  /** `error` is what clients of OpenAI throw; `response.failed` is what its documentation ends a stream with. */
  #fail(error: JsonObject): void {
    this.#closeEnded();
    this.#done = true;
    const code = typeof error.code === "string" ? error.code : null;
    const message = String(error.message);
    this.#items.emit("error", { code, message, param: typeof error.param === "string" ? error.param : null, error });
    if (this.#head === undefined) return;
    const response = {
      ...responseObject(this.#head, "failed"),
      output: this.#items.output.filter((item) => item !== undefined),
      error: { code: code ?? "server_error", message },
    };
    this.#items.emit("response.failed", { response });
  }
}
