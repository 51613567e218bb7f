/**
 * An answer as it comes, for a client: each part is a step. A text's step stays open until the next part, as the sources
 * that follow it are its citations.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Origin, SourcePart, VendorData } from "../../message.ts";
import type { FinishEvent, StreamEvent } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { renderError } from "./client-error.ts";
import { namesOf, renderInteraction } from "./client-response.ts";
import { dataOf, objectsOf, textIn } from "./fields.ts";
import { renderMedia } from "./media.ts";
import { renderOpaque, renderSources, strayedSource } from "./steps.ts";

const GOODBYE = "event: done\ndata: [DONE]\n\n";

type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { readonly type: T }>;

/** A step that has begun: its place on the wire, and what the client was told of it besides its text. */
interface OpenStep {
  readonly index: number;
  readonly kind: "model_output" | "thought" | "function_call";
  vendor: VendorData | undefined;
}

export function createStreamRenderer(client: ClientContext): StreamRenderer {
  return new InteractionStream(client);
}

class InteractionStream implements StreamRenderer {
  readonly contentType = "text/event-stream";
  readonly warnings: Warning[] = [];
  readonly #client: ClientContext;
  readonly #open = new Map<number, OpenStep>();
  #text = "";
  #nextIndex = 0;
  #start: EventOf<"start"> | undefined;
  /** The text that has ended, whose step waits for its sources. */
  #ended: OpenStep | undefined;
  #sources: SourcePart[] = [];
  #isOver = false;

  constructor(client: ClientContext) {
    this.#client = client;
  }

  push(event: StreamEvent): string {
    this.#text = "";
    if (!this.#isOver) this.#read(event);
    return this.#text;
  }

  #read(event: StreamEvent): void {
    switch (event.type) {
      case "start":
        this.#begin(event);
        return;
      case "text-start":
      case "refusal-start":
        this.#startStep(event.index, "model_output", {}, event.vendor);
        return;
      case "reasoning-start":
        this.#startStep(event.index, "thought", {}, event.vendor);
        return;
      case "tool-call-start":
        this.#startStep(event.index, "function_call", { id: event.id, name: event.name, arguments: {} }, event.vendor);
        return;
      case "text-delta":
      case "refusal-delta":
        this.#delta(event.index, { type: "text", text: event.text });
        return;
      case "reasoning-delta":
        this.#delta(event.index, { type: "thought_summary", content: { type: "text", text: event.text } });
        return;
      case "tool-call-delta":
        this.#delta(event.index, { type: "arguments_delta", arguments: event.text });
        return;
      case "refusal-end":
        this.#warn({ type: "lossy", path: "message", detail: "the wire has no refusal; it was sent as text" });
        this.#endText(event.index, event.vendor);
        return;
      case "text-end":
        this.#endText(event.index, event.vendor);
        return;
      case "reasoning-end":
        this.#endThought(event.index, event.vendor);
        return;
      case "tool-call-end":
        this.#stop(event.index);
        return;
      case "part":
        this.#part(event);
        return;
      case "restart":
        this.#restart(event);
        return;
      case "finish":
        this.#finish(event);
        return;
      case "error":
        this.#fail(event.error);
        return;
      case "usage":
      case "warning":
        return;
    }
  }

  #begin(event: EventOf<"start">): void {
    const isFirst = this.#start === undefined;
    this.#start = event;
    if (!isFirst) return;
    const interaction = { id: event.id, status: "in_progress", object: "interaction", ...namesOf(this.#client) };
    this.#write("interaction.created", { interaction });
    this.#write("interaction.status_update", { interaction_id: event.id, status: "in_progress" });
  }

  // Steps

  #startStep(place: number, kind: OpenStep["kind"], fields: JsonObject, vendor: VendorData | undefined): void {
    this.#settleText();
    const step: OpenStep = { index: this.#nextIndex++, kind, vendor };
    this.#open.set(place, step);
    this.#write("step.start", { index: step.index, step: { ...fields, type: kind } });
  }

  #delta(place: number, delta: JsonObject): void {
    const step = this.#open.get(place);
    if (step !== undefined) this.#write("step.delta", { index: step.index, delta });
  }

  #endText(place: number, vendor: VendorData | undefined): void {
    this.#settleText();
    const step = this.#open.get(place);
    if (step === undefined) return;
    this.#open.delete(place);
    step.vendor = vendor ?? step.vendor;
    this.#ended = step;
  }

  /** The text's citations, now that all are known: the vendor's own, else what the sources say. */
  #settleText(): void {
    const step = this.#ended;
    const sources = this.#sources;
    this.#ended = undefined;
    this.#sources = [];
    if (step === undefined) return;
    const own = objectsOf(dataOf(step.vendor).annotations);
    const annotations = own.length > 0 ? own : renderSources(sources, "message", this.warnings);
    if (annotations.length > 0) {
      this.#write("step.delta", { index: step.index, delta: { type: "text_annotation_delta", annotations } });
    }
    this.#write("step.stop", { index: step.index });
  }

  #endThought(place: number, vendor: VendorData | undefined): void {
    const data = dataOf(vendor ?? this.#open.get(place)?.vendor);
    for (const content of objectsOf(data.summary)) {
      if (content.type !== "text") this.#delta(place, { type: "thought_summary", content });
    }
    if (data.signature !== undefined) this.#delta(place, { type: "thought_signature", signature: textIn(data.signature) });
    this.#stop(place);
  }

  #stop(place: number): void {
    const step = this.#open.get(place);
    this.#open.delete(place);
    if (step !== undefined) this.#write("step.stop", { index: step.index });
  }

  #part({ part }: EventOf<"part">): void {
    if (part.type === "source") {
      if (this.#ended === undefined) this.#warn(strayedSource(part, "message"));
      else this.#sources.push(part);
      return;
    }
    this.#settleText();
    if (part.type === "opaque") {
      const step = renderOpaque(part, "message", this.warnings);
      if (step !== undefined) this.#whole(step, undefined);
    } else this.#whole({ type: "model_output" }, renderMedia(part, "message", this.warnings));
  }

  #whole(step: JsonObject, delta: JsonObject | undefined): void {
    const index = this.#nextIndex++;
    this.#write("step.start", { index, step });
    if (delta !== undefined) this.#write("step.delta", { index, delta });
    this.#write("step.stop", { index });
  }

  // Ends

  /** What a client has read cannot be taken back: the stream ends there. Before the first step nothing was said. */
  #restart({ reason }: EventOf<"restart">): void {
    if (this.#nextIndex === 0) return;
    const detail = `another model took over in mid-stream: ${reason}`;
    this.#fail(new DragomanError({ code: "stream_truncated", detail }));
  }

  #stopAll(): void {
    this.#settleText();
    for (const place of [...this.#open.keys()]) this.#stop(place);
  }

  #finish(event: FinishEvent): void {
    this.#stopAll();
    this.#isOver = true;
    const { finish, usage, vendor, messageVendor } = event;
    const { id = "", origin, createdAt }: { id?: string; origin?: Origin; createdAt?: number } = this.#start ?? {};
    const answer = { id, origin, createdAt, finish, usage, vendor, messageVendor };
    this.#write("interaction.completed", { interaction: renderInteraction(answer, this.#client, this.warnings) });
    this.#text += GOODBYE;
  }

  #fail(error: DragomanError): void {
    this.#stopAll();
    this.#isOver = true;
    this.#write("error", renderError(error).body);
    this.#text += GOODBYE;
  }

  #warn(warning: Warning): void {
    this.warnings.push(warning);
  }

  #write(type: string, data: JsonObject): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ ...data, event_type: type })}\n\n`;
  }
}
