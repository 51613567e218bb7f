/**
 * Stream events -> chunks, each a GenerateContentResponse. A tool call goes out whole, once its arguments are complete.
 *
 * A signature comes with the end of its part but belongs beside the part's words. So the first piece of a part is held
 * until the next event shows whether it was the whole part; only answers of Gemini are signed, others never wait.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { toolCallPart } from "../../fold.ts";
import type { SourcePart, VendorData } from "../../message.ts";
import type { FinishEvent, StreamEvent } from "../../stream.ts";
import { mergeUsage, type Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import {
  type AnswerHead,
  candidateFields,
  isBlockedPrompt,
  renderAnswerPart,
  reportForeign,
  reportUsageLoss,
} from "./answer-body.ts";
import { AnswerChunks } from "./answer-chunks.ts";
import { renderError } from "./error.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { createReporter, type Report } from "./report.ts";
import { geminiData } from "./vendor-data.ts";
import type { WirePart } from "./wire.ts";

type SpokenKind = "text" | "reasoning" | "refusal";
type EventOf<Type extends StreamEvent["type"]> = Extract<StreamEvent, { readonly type: Type }>;

interface OpenCall {
  readonly id: string;
  readonly name: string;
  text: string;
}

export function createStreamRenderer(client: ClientContext, quirks: ResolvedQuirks): StreamRenderer {
  return new GeminiStreamRenderer(client, quirks);
}

class GeminiStreamRenderer implements StreamRenderer {
  readonly contentType: string;
  readonly warnings: readonly Warning[];
  readonly #report: Report;
  readonly #quirks: ResolvedQuirks;
  readonly #chunks: AnswerChunks;
  readonly #calls = new Map<number, OpenCall>();
  readonly #spoken = new Set<number>();
  #sources: SourcePart[] = [];
  #head: AnswerHead;
  #usage: Usage = {};
  #held: { readonly index: number; readonly part: WirePart } | undefined;
  /** The part whose words went out last, unsigned: the client goes on with it unless told otherwise. */
  #run: { readonly index: number; readonly thought: boolean } | undefined;
  #partCount = 0;
  #callCount = 0;
  #done = false;

  constructor(client: ClientContext, quirks: ResolvedQuirks) {
    const { report, warnings } = createReporter();
    this.#chunks = new AnswerChunks(client.echo.alt === "sse");
    this.#quirks = quirks;
    this.#report = report;
    this.#head = { id: "", origin: { dialect: "unknown", provider: "unknown", model: client.model } };
    this.contentType = this.#chunks.contentType;
    this.warnings = warnings;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "start":
        this.#head = { id: event.id, origin: event.origin, createdAt: event.createdAt };
        return "";
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
        return this.#delta(event);
      case "text-end":
      case "reasoning-end":
      case "refusal-end":
        return this.#endSpoken(event);
      case "restart":
        return this.#restart(event);
      default:
        return this.#flush() + this.#afterFlush(event);
    }
  }

  /** Events that show that the held piece was not the whole of its part. */
  #afterFlush(event: StreamEvent): string {
    switch (event.type) {
      case "tool-call-start":
        this.#calls.set(event.index, { id: event.id, name: event.name, text: "" });
        return "";
      case "tool-call-delta":
        this.#growCall(event);
        return "";
      case "tool-call-end":
        return this.#endCall(event);
      case "part":
        return this.#wholePart(event);
      case "usage":
        this.#usage = mergeUsage(this.#usage, event.usage);
        return "";
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      default:
        return "";
    }
  }

  #delta({ type, index, text }: EventOf<`${SpokenKind}-delta`>): string {
    const part: WirePart = type === "reasoning-delta" ? { text, thought: true } : { text };
    const flushed = this.#flush();
    if (this.#head.origin.dialect !== "gemini" || this.#spoken.has(index)) return flushed + this.#words(index, part);
    this.#held = { index, part };
    return flushed;
  }

  #flush(): string {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? "" : this.#words(held.index, held.part);
  }

  /** Words of a part, unsigned. A new part of the same kind is set off by an empty one, which ends the client's run. */
  #words(index: number, part: WirePart): string {
    const thought = part.thought === true;
    const run = this.#run;
    const setOff = run !== undefined && run.index !== index && run.thought === thought;
    if (run?.index !== index && this.#spoken.has(index)) {
      this.#report("lossy", `message.parts[${index}]`, "parts came interleaved; Gemini's wire shows them in pieces");
    }
    this.#run = { index, thought };
    this.#spoken.add(index);
    return this.#send(setOff ? [{ ...part, text: "" }, part] : [part]);
  }

  #whole(part: WirePart): string {
    this.#run = undefined;
    return this.#send([part]);
  }

  #send(parts: readonly WirePart[]): string {
    this.#partCount++;
    return this.#chunks.answer(this.#head, this.#usage, parts, { index: 0 });
  }

  #endSpoken({ type, index, vendor }: EventOf<`${SpokenKind}-end`>): string {
    const path = `message.parts[${index}]`;
    if (type === "refusal-end") this.#report("lossy", path, "Gemini has no refusals; it was sent as text");
    if (vendor?.gemini !== undefined) return this.#endSigned(type === "reasoning-end" ? "reasoning" : "text", index, vendor);
    reportForeign(vendor, path, this.#report);
    return this.#flush();
  }

  /** The words and their signature in one part. Where words went out before, the signature follows on an empty part. */
  #endSigned(type: "text" | "reasoning", index: number, vendor: VendorData): string {
    const own = this.#held?.index === index ? this.#held.part : undefined;
    if (own !== undefined) this.#held = undefined;
    const flushed = this.#flush();
    const part = { type, text: own?.text ?? "", vendor };
    const rendered = renderAnswerPart(part, `message.parts[${index}]`, this.#quirks, this.#report);
    return rendered === undefined ? flushed : flushed + this.#whole(rendered);
  }

  #growCall({ index, text }: EventOf<"tool-call-delta">): void {
    const call = this.#calls.get(index);
    if (call !== undefined) call.text += text;
  }

  #endCall({ index, vendor }: EventOf<"tool-call-end">): string {
    const call = this.#calls.get(index);
    if (call === undefined) return "";
    this.#calls.delete(index);
    this.#callCount++;
    const part = { ...toolCallPart(call.id, call.name, call.text), ...(vendor === undefined ? {} : { vendor }) };
    const rendered = renderAnswerPart(part, `message.parts[${index}]`, this.#quirks, this.#report);
    return rendered === undefined ? "" : this.#whole(rendered);
  }

  #wholePart({ part, index }: EventOf<"part">): string {
    if (part.type === "source") {
      this.#sources.push(part);
      return "";
    }
    const rendered = renderAnswerPart(part, `message.parts[${index}]`, this.#quirks, this.#report);
    return rendered === undefined ? "" : this.#whole(rendered);
  }

  #finish(event: FinishEvent): string {
    this.#done = true;
    this.#usage = mergeUsage(this.#usage, event.usage);
    reportUsageLoss(this.#usage, this.#report);
    reportForeign(event.messageVendor, "message", this.#report);
    const data = geminiData(event);
    const feedback = data.promptFeedback === undefined ? {} : { promptFeedback: data.promptFeedback };
    const extra = { ...feedback, ...data.response };
    if (isBlockedPrompt(event.finish, this.#partCount, data)) {
      return this.#chunks.bare(this.#head, this.#usage, extra) + this.#chunks.end();
    }
    const candidate = candidateFields(event.finish, this.#sources, this.#callCount > 0, data.candidate, this.#report);
    const last = this.#chunks.answer(this.#head, this.#usage, [{ text: "" }], candidate, extra);
    const others = (data.otherCandidates ?? []).map((other) => this.#chunks.bare(this.#head, {}, { candidates: [other] }));
    return last + others.join("") + this.#chunks.end();
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    return this.#chunks.frame(renderError(error).body) + this.#chunks.end();
  }

  /** What was said cannot be taken back on this wire. */
  #restart({ reason, error }: EventOf<"restart">): string {
    this.#calls.clear();
    this.#sources = [];
    this.#held = undefined;
    this.#usage = {};
    if (this.#partCount === 0) return "";
    const detail = `the answer was begun anew: ${reason}`;
    return this.#fail(error ?? new DragomanError({ code: "stream_truncated", detail }));
  }
}
