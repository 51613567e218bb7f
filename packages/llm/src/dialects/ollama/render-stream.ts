/** Stream events as JSON lines for a client. A tool call goes out whole at its end; the last line says that it is done. */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { toolCallPart } from "../../fold.ts";
import type { JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import type { FinishEvent, StreamEvent, WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { type LineContent, renderLine } from "./answer-line.ts";
import { renderErrorBody } from "./error.ts";
import { renderToolCall } from "./render-messages.ts";
import { leftOut, messageFields, refusalAsText, renderAnswerImage, renderEnd } from "./render-response.ts";
import type { AnswerForm } from "./wire.ts";

interface OpenCall {
  readonly id: string;
  readonly name: string;
  text: string;
}

export class OllamaStreamRenderer implements StreamRenderer {
  readonly contentType = "application/x-ndjson";
  readonly warnings: Warning[] = [];
  readonly #model: string;
  readonly #form: AnswerForm;
  readonly #open = new Map<number, OpenCall>();
  #createdAt: number | undefined;
  #calls = 0;
  #images = 0;
  #hasSent = false;
  #done = false;

  constructor(client: ClientContext, form: AnswerForm) {
    this.#model = client.model;
    this.#form = form;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "start":
        this.#createdAt = event.createdAt;
        return "";
      case "text-delta":
      case "refusal-delta":
        return this.#line({ text: event.text });
      case "reasoning-delta":
        return this.#line({ thinking: event.text });
      case "refusal-start":
        this.warnings.push(refusalAsText(`message.parts[${event.index}]`));
        return "";
      case "tool-call-start":
        this.#open.set(event.index, { id: event.id, name: event.name, text: "" });
        return "";
      case "tool-call-delta":
        this.#append(event.index, event.text);
        return "";
      case "tool-call-end":
        return this.#toolCall(event.index, event.vendor);
      case "part":
        return this.#part(event.part, `message.parts[${event.index}]`);
      case "restart":
        return this.#restart(event.reason);
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      default:
        return "";
    }
  }

  #line(content: LineContent, rest: JsonObject = { done: false }): string {
    this.#hasSent = true;
    const head = { model: this.#model, createdAt: this.#createdAt };
    return `${JSON.stringify(renderLine(this.#form, head, content, rest))}\n`;
  }

  #append(index: number, text: string): void {
    const call = this.#open.get(index);
    if (call !== undefined) call.text += text;
  }

  #toolCall(index: number, vendor: VendorData | undefined): string {
    const open = this.#open.get(index);
    if (open === undefined) return "";
    this.#open.delete(index);
    const part = { ...toolCallPart(open.id, open.name, open.text), ...(vendor === undefined ? {} : { vendor }) };
    const call = renderToolCall({ warnings: this.warnings }, part, `message.parts[${index}]`, this.#calls++);
    return this.#line({ toolCalls: [call] });
  }

  #part(part: WholePart, path: string): string {
    if (part.type !== "image") {
      this.warnings.push(leftOut(part.type, path));
      return "";
    }
    const image = renderAnswerImage(part, path, this.#form, this.#images, this.warnings);
    if (image === undefined) return "";
    this.#images += 1;
    return this.#line({ images: [image] });
  }

  /** What has gone out cannot be taken back: then the stream ends with an error. */
  #restart(reason: string): string {
    this.#open.clear();
    if (!this.#hasSent) return "";
    return this.#fail(
      new DragomanError({
        code: "stream_truncated",
        detail: `the answer was begun anew by another model, which this wire cannot say: ${reason}`,
      }),
    );
  }

  #finish(event: FinishEvent): string {
    this.#done = true;
    return this.#line(messageFields(event), renderEnd(event, this.#form, this.warnings));
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    return `${JSON.stringify(renderErrorBody(error))}\n`;
  }
}
