/**
 * Writes one stream for a client: `message_start`, the blocks one after another, `message_delta` with why it ended and the
 * cumulative usage, `message_stop`. Other vendors open several parts at once; clients of this wire expect one block at a
 * time, so a part that begins while another is open waits for its turn. A stream that fails ends with `event: error`.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import type { StreamEvent } from "../../stream.ts";
import { mergeUsage, type Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { renderErrorBody } from "./error.ts";
import { opaqueBlock, toolUseStart, warnOfForeignData } from "./render-answer.ts";
import { lostSourcesDetail, stopDetails, stopReason, unknownUsage } from "./render-response.ts";
import { renderUsage } from "./usage.ts";
import { DIALECT } from "./vendor-data.ts";

export function renderStream(client: ClientContext): StreamRenderer {
  return new AnthropicStreamRenderer(client);
}

type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { readonly type: T }>;
type PartEvent = Extract<StreamEvent, { readonly index: number }>;

class AnthropicStreamRenderer implements StreamRenderer {
  readonly contentType = "text/event-stream; charset=utf-8";
  readonly warnings: Warning[] = [];
  readonly #model: string;
  #start: EventOf<"start"> | undefined;
  #startSent = false;
  #done = false;
  #usage: Usage = {};
  /** The part whose block is open, and the number of that block on the wire. */
  #active: number | undefined;
  #block = -1;
  #waiting: PartEvent[] = [];
  /** True while an open reasoning part may still turn out to be redacted, which shows at its end. */
  #undecided = false;
  /** Sources that came, less those that citations carried. */
  #uncited = 0;

  constructor(client: ClientContext) {
    this.#model = client.model;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "start":
        return this.#begin(event);
      case "usage":
        this.#usage = mergeUsage(this.#usage, event.usage);
        return this.#sendStart();
      case "warning":
        return "";
      case "restart":
        return this.#restart(event);
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      default:
        return this.#sendStart() + this.#part(event);
    }
  }

  // The message

  /** Anthropic reports the input with the beginning; its start waits for that report, which follows at once. */
  #begin(event: EventOf<"start">): string {
    this.#start = event;
    return event.origin.dialect === DIALECT ? "" : this.#sendStart();
  }

  #sendStart(): string {
    if (this.#startSent || this.#start === undefined) return "";
    this.#startSent = true;
    return frame("message_start", {
      message: {
        id: this.#start.id,
        type: "message",
        role: "assistant",
        model: this.#model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        // Counts so far: the wire demands both, and the cumulative ones come with message_delta.
        usage: { input_tokens: 0, output_tokens: 0, ...this.#renderUsage() },
      },
    });
  }

  #renderUsage(): JsonObject {
    return renderUsage(this.#usage, this.#start?.origin.dialect === DIALECT);
  }

  #finish(event: EventOf<"finish">): string {
    this.#usage = mergeUsage(this.#usage, event.usage);
    let text = this.#sendStart() + this.#closeAll();
    this.#done = true;
    this.warnings.push(...unknownUsage(this.#usage));
    if (this.#uncited > 0) this.#lossy("message.parts", lostSourcesDetail(this.#uncited));
    const { context_management, ...fields } = event.vendor?.[DIALECT] ?? {};
    const delta = {
      stop_reason: stopReason(event.finish, this.warnings),
      stop_sequence: event.finish.stopSequence ?? null,
      ...stopDetails(event.finish),
      ...fields,
    };
    const managed = context_management === undefined ? {} : { context_management };
    text += frame("message_delta", { delta, usage: this.#renderUsage(), ...managed });
    return text + frame("message_stop", {});
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    return `event: error\ndata: ${JSON.stringify(renderErrorBody(error))}\n\n`;
  }

  /** Nothing of the answer was sent: nobody notices. Otherwise it cannot be taken back on this wire. */
  #restart(event: EventOf<"restart">): string {
    if (this.#block < 0 && this.#active === undefined) {
      this.#usage = {};
      this.#uncited = 0;
      return "";
    }
    const detail = `the answer broke off and another model would have to begin again: ${event.reason}`;
    return this.#fail(event.error ?? new DragomanError({ code: "overloaded", detail }));
  }

  // Parts, one block at a time

  #part(event: PartEvent): string {
    if (event.type === "part" && event.part.type === "source") {
      this.#uncited += 1;
      return "";
    }
    if (this.#active !== undefined && this.#active !== event.index) {
      this.#waiting.push(event);
      return "";
    }
    const text = this.#writePart(event);
    return this.#active === undefined && this.#waiting.length > 0 ? text + this.#writeWaiting() : text;
  }

  #writeWaiting(): string {
    const events = this.#waiting;
    this.#waiting = [];
    let text = "";
    for (const event of events) text += this.#part(event);
    return text;
  }

  #closeAll(): string {
    let text = "";
    while (this.#active !== undefined) {
      if (this.#undecided) text += this.#openThinking();
      text += this.#close() + this.#writeWaiting();
    }
    return text;
  }

  #writePart(event: PartEvent): string {
    switch (event.type) {
      case "text-delta":
      case "refusal-delta":
        return this.#delta(`"type":"text_delta","text":${JSON.stringify(event.text)}`);
      case "tool-call-delta":
        return this.#delta(`"type":"input_json_delta","partial_json":${JSON.stringify(event.text)}`);
      case "reasoning-delta":
        return this.#openThinking() + this.#delta(`"type":"thinking_delta","thinking":${JSON.stringify(event.text)}`);
      case "text-start":
        return this.#open(event.index, { type: "text", text: "" });
      case "refusal-start":
        this.#lossy(`message.parts[${event.index}]`, "a refusal went over as text");
        return this.#open(event.index, { type: "text", text: "" });
      case "reasoning-start":
        this.#active = event.index;
        this.#undecided = true;
        return "";
      case "tool-call-start":
        return this.#open(event.index, toolUseStart(event));
      case "text-end":
        this.#warnOfLateFields(event, ["citations"]);
        return this.#citations(event.vendor) + this.#close();
      case "refusal-end":
        return this.#close();
      case "reasoning-end":
        return this.#endReasoning(event);
      case "tool-call-end":
        this.#warnOfLateFields(event, []);
        return this.#close();
      case "part":
        return this.#wholePart(event);
    }
  }

  #endReasoning(event: EventOf<"reasoning-end">): string {
    const data = event.vendor?.[DIALECT];
    warnOfForeignData(event.vendor, `message.parts[${event.index}]`, this.warnings);
    if (this.#undecided && data?.data !== undefined) {
      return this.#open(event.index, { type: "redacted_thinking", data: data.data }) + this.#close();
    }
    this.#warnOfLateFields(event, ["signature"]);
    const opened = this.#openThinking();
    const signature = typeof data?.signature === "string" ? data.signature : "";
    const signed = signature === "" ? "" : this.#delta(`"type":"signature_delta","signature":${JSON.stringify(signature)}`);
    return opened + signed + this.#close();
  }

  #openThinking(): string {
    if (!this.#undecided || this.#active === undefined) return "";
    return this.#open(this.#active, { type: "thinking", thinking: "", signature: "" });
  }

  #citations(vendor: VendorData | undefined): string {
    const citations = vendor?.[DIALECT]?.citations;
    if (!Array.isArray(citations)) return "";
    this.#uncited -= citations.filter(isJsonObject).length;
    return citations.map((citation) => this.#delta(`"type":"citations_delta","citation":${JSON.stringify(citation)}`)).join("");
  }

  #wholePart(event: EventOf<"part">): string {
    const path = `message.parts[${event.index}]`;
    if (event.part.type !== "opaque") {
      this.#lossy(path, `an answer of Anthropic cannot hold ${event.part.type} parts; it was left out`);
      return "";
    }
    const block = opaqueBlock(event.part, path, this.warnings);
    return block === undefined ? "" : this.#open(event.index, block) + this.#close();
  }

  /** On this wire a block's own fields stand at its beginning, which has gone out by the time that they are known. */
  #warnOfLateFields(event: EventOf<"tool-call-end" | "text-end" | "reasoning-end">, told: readonly string[]): void {
    for (const field of Object.keys(event.vendor?.[DIALECT] ?? {})) {
      if (told.includes(field)) continue;
      this.#lossy(`message.parts[${event.index}]`, `${field} came after the block had begun; it was left out`);
    }
  }

  // Blocks

  #open(index: number, block: JsonObject): string {
    this.#active = index;
    this.#undecided = false;
    this.#block += 1;
    return frame("content_block_start", { index: this.#block, content_block: block });
  }

  /** Deltas are most of a stream, so their frame is written out. `fields` is JSON without its braces. */
  #delta(fields: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#block},"delta":{${fields}}}\n\n`;
  }

  #close(): string {
    this.#active = undefined;
    return frame("content_block_stop", { index: this.#block });
  }

  #lossy(path: string, detail: string): void {
    this.warnings.push({ type: "lossy", path, detail });
  }
}

function frame(type: string, fields: { readonly [field: string]: JsonValue | undefined }): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
