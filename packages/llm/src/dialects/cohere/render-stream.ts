/**
 * Stream events as this wire's, each named by its type. A text or thinking block is opened, filled and ended under its own
 * index, a plan comes without one, calls are counted for themselves. A failed stream ends with the words in `message-end`.
 */
import type { StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { JsonArray, JsonObject } from "../../json.ts";
import type { SourcePart } from "../../message.ts";
import type { FinishEvent, StreamEvent, WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { citationOf } from "./citations.ts";
import { renderErrorWords } from "./error.ts";
import { renderFinish } from "./finish.ts";
import { billedUnitsOf, blockOf, noRoom, refusalAsText } from "./render-response.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { vendorDataOf } from "./vendor-data.ts";

type TextStart = Extract<StreamEvent, { readonly type: "text-start" | "reasoning-start" | "refusal-start" }>;
type PartEnd = Extract<StreamEvent, { readonly type: "text-end" | "reasoning-end" | "refusal-end" | "tool-call-end" }>;
type TextDelta = Extract<StreamEvent, { readonly type: "text-delta" | "reasoning-delta" | "refusal-delta" }>;

const DONE = "data: [DONE]\n\n";

export class CohereStreamRenderer implements StreamRenderer {
  readonly contentType = "text/event-stream; charset=utf-8";
  readonly warnings: Warning[] = [];
  /** Parts that are a plan, and the wire's indexes of the others, by the part's index. */
  readonly #plans = new Set<number>();
  readonly #blocks = new Map<number, number>();
  readonly #calls = new Map<number, number>();
  /** Parts whose vendor data was told when they were opened. */
  readonly #described = new Set<number>();
  readonly #sources: SourcePart[] = [];
  #dialect = "";
  #hasContent = false;
  #done = false;

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
        return this.#delta(event);
      case "tool-call-delta":
        return named("tool-call-delta", this.#callIndex(event.index), {
          tool_calls: { function: { arguments: event.text } },
        });
      case "start":
        return this.#start(event);
      case "text-start":
      case "reasoning-start":
      case "refusal-start":
        return this.#blockStart(event);
      case "text-end":
      case "reasoning-end":
      case "refusal-end":
        this.#reportLateData(event);
        return this.#plans.has(event.index) ? "" : named("content-end", this.#blocks.get(event.index) ?? 0);
      case "tool-call-start":
        return this.#callStart(event);
      case "tool-call-end":
        this.#reportLateData(event);
        return named("tool-call-end", this.#callIndex(event.index));
      case "part":
        return this.#part(event.part, event.index);
      case "restart":
        return this.#restart(event);
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      case "usage":
      case "warning":
        return "";
    }
  }

  #start({ id, origin }: Extract<StreamEvent, { type: "start" }>): string {
    this.#dialect = origin.dialect;
    const message = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
    return framed({ id, type: "message-start", delta: { message } });
  }

  #blockStart(event: TextStart): string {
    this.#hasContent = true;
    if (event.vendor !== undefined) this.#described.add(event.index);
    const data = vendorDataOf(event);
    if (event.type === "text-start" && data.toolPlan === true) {
      this.#plans.add(event.index);
      return "";
    }
    if (event.type === "refusal-start") this.warnings.push(refusalAsText(`message.parts[${event.index}]`));
    const block = event.type === "reasoning-start" ? { type: "thinking", thinking: "" } : { type: "text", text: "" };
    return named("content-start", this.#openBlock(event.index), { content: { ...block, ...data.fields } });
  }

  #openBlock(index: number): number {
    const place = this.#blocks.size;
    this.#blocks.set(index, place);
    return place;
  }

  #delta({ type, index, text }: TextDelta): string {
    if (this.#plans.has(index)) return framed({ type: "tool-plan-delta", delta: { message: { tool_plan: text } } });
    const content = type === "reasoning-delta" ? { thinking: text } : { text };
    return named("content-delta", this.#blocks.get(index) ?? 0, { content });
  }

  #callStart(event: Extract<StreamEvent, { type: "tool-call-start" }>): string {
    this.#hasContent = true;
    if (event.vendor !== undefined) this.#described.add(event.index);
    const place = this.#calls.size;
    this.#calls.set(event.index, place);
    const target = { name: event.name, arguments: "" };
    const call = { id: event.id, type: "function", function: target, ...vendorDataOf(event).fields };
    return named("tool-call-start", place, { tool_calls: call });
  }

  /** A stream made of a finished answer tells vendor data at a part's end, when the wire has opened it already. */
  #reportLateData({ index, vendor }: PartEnd): void {
    if (vendor === undefined || this.#described.has(index)) return;
    const { toolPlan, fields } = vendorDataOf({ vendor });
    const path = `message.parts[${index}]`;
    if (toolPlan === true)
      this.warnings.push({ type: "lossy", path, detail: "the text was a plan, which was told too late; it went as content" });
    for (const field of Object.keys(fields ?? {})) {
      this.warnings.push({ type: "lossy", path, detail: `${field} was told too late for the stream; it was left out` });
    }
  }

  #callIndex(index: number): number {
    return this.#calls.get(index) ?? 0;
  }

  /** Sources wait for the end: the citations of the message, where there are any, say more. */
  #part(part: WholePart, index: number): string {
    if (part.type === "source") {
      this.#sources.push(part);
      return "";
    }
    const block = blockOf(part);
    if (block === undefined) {
      this.warnings.push(noRoom(part, `message.parts[${index}]`));
      return "";
    }
    this.#hasContent = true;
    const place = this.#openBlock(index);
    return named("content-start", place, { content: block }) + named("content-end", place);
  }

  /** The wire cannot take back what it said; it can begin anew only while nothing was said. */
  #restart({ reason, error }: Extract<StreamEvent, { type: "restart" }>): string {
    if (!this.#hasContent) {
      this.#sources.length = 0;
      return "";
    }
    const detail = `another model took over in mid-stream: ${reason}`;
    return this.#fail(error ?? new DragomanError({ code: "stream_truncated", detail }));
  }

  #finish(event: FinishEvent): string {
    this.#done = true;
    const finish = renderFinish(event.finish);
    if (finish.loss !== undefined) this.warnings.push({ type: "lossy", path: "finish", detail: finish.loss });
    this.warnings.push(...usageWarnings(event.usage));
    this.#reportBody(event);
    const usage = renderUsage(event.usage, billedUnitsOf(this.#dialect, event.usage));
    const delta = { finish_reason: finish.word, ...(usage === undefined ? {} : { usage }) };
    return this.#citations(event) + framed({ type: "message-end", delta }) + DONE;
  }

  #citations({ messageVendor }: FinishEvent): string {
    const own = messageVendor === undefined ? undefined : vendorDataOf({ vendor: messageVendor }).citations;
    const citations: JsonArray = own ?? this.#sources.map(citationOf);
    return citations
      .map((citation, index) => named("citation-start", index, { citations: citation }) + named("citation-end", index))
      .join("");
  }

  /** Log probabilities go with each piece of text on this wire; they are known here only when the text is out. */
  #reportBody({ vendor, messageVendor }: FinishEvent): void {
    const body = vendor === undefined ? undefined : vendorDataOf({ vendor }).body;
    const fields = messageVendor === undefined ? undefined : vendorDataOf({ vendor: messageVendor }).fields;
    for (const field of [...Object.keys(body ?? {}), ...Object.keys(fields ?? {})]) {
      this.warnings.push({ type: "lossy", path: field, detail: `${field} has no place at the end of a stream; it was left out` });
    }
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    const delta = { finish_reason: error.code === "timeout" ? "TIMEOUT" : "ERROR", usage: {}, error: renderErrorWords(error) };
    return framed({ type: "message-end", delta }) + DONE;
  }
}

function named(type: string, index: number, message?: JsonObject): string {
  return framed({ type, index, ...(message === undefined ? {} : { delta: { message } }) });
}

function framed(event: JsonObject & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
