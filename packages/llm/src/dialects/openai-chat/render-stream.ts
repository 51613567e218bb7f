/**
 * Stream events as `chat.completion.chunk` events. What is the same in every chunk is written once, so that a text delta
 * costs one `JSON.stringify` of its text. A failed stream ends with an `{ error }` event and without `[DONE]`, so that no
 * client takes it for complete.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";
import type { FinishEvent, StreamEvent, WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { renderErrorObject } from "./error.ts";
import { renderFinish } from "./finish.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { annotationOf, noRoom, renderFinishFields, renderMedia, tellsSources } from "./render-response.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { vendorDataOf } from "./vendor-data.ts";

type EndEvent = Extract<StreamEvent, { type: "text-end" | "reasoning-end" | "tool-call-end" | "refusal-end" }>;

export class OpenAIChatStreamRenderer implements StreamRenderer {
  readonly contentType = "text/event-stream; charset=utf-8";
  readonly warnings: Warning[] = [];
  readonly #client: ClientContext;
  readonly #quirks: ResolvedQuirks;
  readonly #reasoningPrefix: string;
  readonly #isLegacy: boolean;
  readonly #includeUsage: boolean;
  /** Place of a call among the calls, by the index of its part. */
  readonly #calls = new Map<number, number>();
  readonly #sources: SourcePart[] = [];
  #head = "";
  #tail = "";
  #hasAnnotations = false;
  #hasRefusal = false;
  #hasContent = false;
  #done = false;

  constructor(client: ClientContext, quirks: ResolvedQuirks) {
    this.#client = client;
    this.#quirks = quirks;
    this.#reasoningPrefix = `{"${quirks.reasoningRendered}":`;
    this.#isLegacy = client.echo.functions === true;
    this.#includeUsage = client.echo.includeUsage === true;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "text-delta":
        this.#hasContent = true;
        return this.#raw(`{"content":${JSON.stringify(event.text)}}`);
      case "reasoning-delta":
        this.#hasContent = true;
        return this.#raw(`${this.#reasoningPrefix}${JSON.stringify(event.text)}}`);
      case "refusal-delta":
        this.#hasRefusal = true;
        return this.#raw(`{"refusal":${JSON.stringify(event.text)}}`);
      case "tool-call-delta":
        return this.#arguments(event.index, event.text);
      case "tool-call-start":
        return this.#callStart(event.index, event.id, event.name);
      case "start":
        return this.#start(event);
      case "text-end":
      case "reasoning-end":
      case "refusal-end":
      case "tool-call-end":
        return this.#end(event);
      case "part":
        return this.#part(event.part, event.index);
      case "restart":
        return this.#restart(event);
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      case "text-start":
      case "reasoning-start":
      case "refusal-start":
      case "usage":
      case "warning":
        return "";
    }
  }

  #start(event: Extract<StreamEvent, { type: "start" }>): string {
    const model = this.#client.model === "" ? event.origin.model : this.#client.model;
    const chunk = { id: event.id, object: "chat.completion.chunk", created: event.createdAt ?? 0, model };
    this.#head = `data: ${JSON.stringify(chunk).slice(0, -1)},"choices":[{"index":0,"delta":`;
    this.#tail = `,"logprobs":null,"finish_reason":null}]${this.#includeUsage ? ',"usage":null' : ""}}\n\n`;
    return this.#raw('{"role":"assistant","content":""}');
  }

  /** A chunk around a delta that is JSON already. */
  #raw(delta: string): string {
    return this.#head + delta + this.#tail;
  }

  #delta(delta: JsonObject): string {
    this.#hasContent = true;
    return this.#raw(JSON.stringify(delta));
  }

  #callStart(index: number, id: string, name: string): string {
    const place = this.#calls.size;
    this.#calls.set(index, place);
    if (!this.#isLegacy) {
      return this.#delta({ tool_calls: [{ index: place, id, type: "function", function: { name, arguments: "" } }] });
    }
    if (place === 0) return this.#delta({ function_call: { name, arguments: "" } });
    const detail = "the client's functions take one call; a further one was left out";
    this.warnings.push({ type: "lossy", path: `message.parts[${index}]`, detail });
    return "";
  }

  #arguments(index: number, text: string): string {
    const place = this.#calls.get(index) ?? 0;
    const piece = JSON.stringify(text);
    if (!this.#isLegacy) return this.#raw(`{"tool_calls":[{"index":${place},"function":{"arguments":${piece}}}]}`);
    return place === 0 ? this.#raw(`{"function_call":{"arguments":${piece}}}`) : "";
  }

  #end(event: EndEvent): string {
    if (event.vendor === undefined) return "";
    const { annotations, reasoningDetails, fields } = vendorDataOf({ vendor: event.vendor });
    if (event.type === "text-end" && annotations !== undefined) {
      this.#hasAnnotations = true;
      return this.#delta({ annotations });
    }
    if (event.type === "reasoning-end" && reasoningDetails !== undefined)
      return this.#delta({ reasoning_details: reasoningDetails });
    if (event.type !== "tool-call-end" || fields === undefined || this.#isLegacy) return "";
    return this.#delta({ tool_calls: [{ index: this.#calls.get(event.index) ?? 0, ...fields }] });
  }

  /** Sources wait for the end: the citations of the text, where there are any, say more. */
  #part(part: WholePart, index: number): string {
    if (part.type === "source") {
      this.#sources.push(part);
      return "";
    }
    const rendered = renderMedia(part);
    if (rendered === undefined) {
      this.warnings.push(noRoom(part, `message.parts[${index}]`));
      return "";
    }
    if (rendered.kind === "image") return this.#delta({ images: [rendered.value] });
    if (rendered.kind === "audio") return this.#delta({ audio: rendered.value });
    const place = this.#calls.size;
    this.#calls.set(index, place);
    return this.#delta({ tool_calls: [{ index: place, ...rendered.value }] });
  }

  /** The wire cannot take back what it said; it can begin anew only while nothing was said. */
  #restart(event: Extract<StreamEvent, { type: "restart" }>): string {
    if (!this.#hasContent && !this.#hasRefusal) {
      this.#head = "";
      this.#sources.length = 0;
      return "";
    }
    const detail = `another model took over in mid-stream: ${event.reason}`;
    return this.#fail(event.error ?? new DragomanError({ code: "stream_truncated", detail }));
  }

  #finish(event: FinishEvent): string {
    this.#done = true;
    const { word, loss } = renderFinish(event.finish, this.#hasRefusal, this.#isLegacy);
    if (loss !== undefined) this.warnings.push({ type: "lossy", path: "finish", detail: loss });
    const data = vendorDataOf(event);
    const annotations = this.#hasAnnotations || tellsSources(event) ? [] : this.#sources.map(annotationOf);
    const delta: Record<string, JsonValue> = {
      ...(annotations.length === 0 ? {} : { annotations }),
      ...vendorDataOf({ ...(event.messageVendor === undefined ? {} : { vendor: event.messageVendor }) }).fields,
      ...data.message,
    };
    const choice = { index: 0, delta, logprobs: null, finish_reason: word, ...renderFinishFields(event, word), ...data.choice };
    const last = this.#chunk(
      [choice, ...otherChoiceDeltas(data.otherChoices)],
      data.body,
      this.#includeUsage ? { usage: null } : {},
    );
    return `${last}${this.#usageChunk(event)}data: [DONE]\n\n`;
  }

  /** Only for a client that asked for it, as OpenAI does; without figures where they are unknown. */
  #usageChunk(event: FinishEvent): string {
    if (!this.#includeUsage) return "";
    const usage = renderUsage(event.usage, this.#quirks);
    this.warnings.push(...usageWarnings(event.usage));
    return usage === undefined ? "" : this.#chunk([], undefined, { usage });
  }

  #chunk(choices: readonly JsonValue[], body: JsonObject | undefined, more: JsonObject): string {
    const head = this.#head.slice(0, this.#head.indexOf(',"choices":['));
    const rest = JSON.stringify({ choices, ...more, ...body });
    return `${head},${rest.slice(1)}\n\n`;
  }

  #fail(error: DragomanError): string {
    this.#done = true;
    return `data: ${JSON.stringify({ error: renderErrorObject(error) })}\n\n`;
  }
}

/** Further choices were collected whole; they go out in one piece. */
function otherChoiceDeltas(choices: readonly JsonValue[] = []): readonly JsonValue[] {
  return choices.map((choice) => {
    if (typeof choice !== "object" || choice === null || !("message" in choice)) return choice;
    const { message, ...rest } = choice;
    return { ...rest, delta: message ?? {} };
  });
}
