/**
 * Writes one stream for a client, in frames: `messageStart`, the blocks one after another, `messageStop`, `metadata`. Other
 * vendors open several parts at once; clients of this wire expect one block at a time, so a part that begins while another
 * is open waits for its turn. A stream that fails ends with an exception.
 */
import type { StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { OpaquePart } from "../../message.ts";
import type { StreamEvent } from "../../stream.ts";
import { mergeUsage, type Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { renderException } from "./error.ts";
import { renderEvent, renderExceptionFrame } from "./event-frame.ts";
import { renderStopSequence } from "./finish.ts";
import { lossy, lostSourcesWarning, opaqueBlock, toolUseStart, warnOfForeignData } from "./render-answer.ts";
import { renderMetrics, stopReason } from "./render-response.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { vendorDataOf } from "./vendor-data.ts";

type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { readonly type: T }>;
type PartEvent = Extract<StreamEvent, { readonly index: number }>;

export class BedrockStreamRenderer implements StreamRenderer {
  readonly contentType = "application/vnd.amazon.eventstream";
  readonly warnings: Warning[] = [];
  #startSent = false;
  #done = false;
  #usage: Usage = {};
  /** The part whose block is open, and the number of that block on the wire. */
  #active: number | undefined;
  #block = -1;
  #isEmpty = true;
  #waiting: PartEvent[] = [];
  /** Sources that came, less those that citations carried. */
  #uncited = 0;

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "start":
        return this.#sendStart();
      case "usage":
        this.#usage = mergeUsage(this.#usage, event.usage);
        return "";
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

  #sendStart(): string {
    if (this.#startSent) return "";
    this.#startSent = true;
    return renderEvent("messageStart", { role: "assistant" });
  }

  #finish(event: EventOf<"finish">): string {
    this.#usage = mergeUsage(this.#usage, event.usage);
    let text = this.#sendStart();
    while (this.#active !== undefined) text += this.#close() + this.#writeWaiting();
    this.#done = true;
    this.warnings.push(...usageWarnings(this.#usage));
    if (this.#uncited > 0) this.warnings.push(lostSourcesWarning(this.#uncited));
    const { additionalModelResponseFields: fields, ...body } = vendorDataOf(event).body ?? {};
    const stop = {
      stopReason: stopReason(event.finish, this.warnings),
      ...renderStopSequence(event.finish),
      ...(fields === undefined ? {} : { additionalModelResponseFields: fields }),
    };
    const metadata = { usage: renderUsage(this.#usage), ...renderMetrics(event.timing), ...body };
    return text + renderEvent("messageStop", stop) + renderEvent("metadata", metadata);
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    const { name, body } = renderException(error);
    return renderExceptionFrame(name, body);
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

  /** What waited goes through the same door again, so that again one part is taken and the others wait. */
  #writeWaiting(): string {
    const events = this.#waiting;
    this.#waiting = [];
    let text = "";
    for (const event of events) text += this.#part(event);
    return text;
  }

  #writePart(event: PartEvent): string {
    switch (event.type) {
      case "text-delta":
      case "refusal-delta":
        return this.#delta({ text: event.text });
      case "tool-call-delta":
        return this.#delta({ toolUse: { input: event.text } });
      case "reasoning-delta":
        return this.#delta({ reasoningContent: { text: event.text } });
      case "text-start":
      case "reasoning-start":
        return this.#open(event.index);
      case "refusal-start":
        this.warnings.push(lossy(`message.parts[${event.index}]`, "a refusal went over as text"));
        return this.#open(event.index);
      case "tool-call-start": {
        const toolUse = { ...toolUseStart(event), ...vendorDataOf(event).fields };
        return this.#open(event.index) + this.#start({ toolUse });
      }
      case "text-end":
        return this.#endText(event);
      case "refusal-end":
        return this.#filled({ text: "" }) + this.#close();
      case "reasoning-end":
        return this.#endReasoning(event);
      case "tool-call-end":
        return this.#close();
      case "part":
        return this.#wholePart(event);
    }
  }

  #endText(event: EventOf<"text-end">): string {
    const { citations = [], pieces, fields } = vendorDataOf(event);
    const path = `message.parts[${event.index}]`;
    if (pieces !== undefined) this.warnings.push(lossy(path, "a stream does not tell the pieces of a cited text apart"));
    if (fields !== undefined)
      this.warnings.push(lossy(path, "further fields of a text have no place in a stream; they were left out"));
    const cited = citations.filter(isJsonObject);
    this.#uncited -= cited.length;
    return this.#filled({ text: "" }) + cited.map((citation) => this.#delta({ citation })).join("") + this.#close();
  }

  #endReasoning(event: EventOf<"reasoning-end">): string {
    warnOfForeignData(event.vendor, `message.parts[${event.index}]`, this.warnings);
    const { signature, redactedContent } = vendorDataOf(event);
    if (redactedContent !== undefined) return this.#delta({ reasoningContent: { redactedContent } }) + this.#close();
    const signed = signature === undefined ? "" : this.#delta({ reasoningContent: { signature } });
    return signed + this.#filled({ reasoningContent: { text: "" } }) + this.#close();
  }

  #wholePart(event: EventOf<"part">): string {
    const path = `message.parts[${event.index}]`;
    if (event.part.type === "opaque") return this.#opaquePart(event.index, event.part, path);
    this.warnings.push(lossy(path, `an answer of Bedrock cannot hold ${event.part.type} parts; it was left out`));
    return "";
  }

  /** Calls and results of Bedrock's own tools have a form in a stream; other blocks have none. */
  #opaquePart(index: number, part: OpaquePart, path: string): string {
    const block = opaqueBlock(part, path, this.warnings);
    if (block === undefined) return "";
    if (isJsonObject(block.toolUse)) {
      const { input, ...toolUse } = block.toolUse;
      const text = typeof input === "string" ? input : JSON.stringify(input ?? {});
      return this.#open(index) + this.#start({ toolUse }) + this.#delta({ toolUse: { input: text } }) + this.#close();
    }
    if (isJsonObject(block.toolResult)) {
      const { content, ...toolResult } = block.toolResult;
      const list: JsonValue = Array.isArray(content) ? content : [];
      return this.#open(index) + this.#start({ toolResult }) + this.#delta({ toolResult: list }) + this.#close();
    }
    this.warnings.push(lossy(path, `a ${part.kind} block has no form in a stream; it was left out`));
    return "";
  }

  // Blocks

  #open(index: number): string {
    this.#active = index;
    this.#isEmpty = true;
    this.#block += 1;
    return "";
  }

  #start(start: JsonObject): string {
    this.#isEmpty = false;
    return renderEvent("contentBlockStart", { contentBlockIndex: this.#block, start });
  }

  #delta(delta: JsonObject): string {
    this.#isEmpty = false;
    return renderEvent("contentBlockDelta", { contentBlockIndex: this.#block, delta });
  }

  /** A block without a start exists by its deltas only. */
  #filled(delta: JsonObject): string {
    return this.#isEmpty ? this.#delta(delta) : "";
  }

  #close(): string {
    this.#active = undefined;
    return renderEvent("contentBlockStop", { contentBlockIndex: this.#block });
  }
}
