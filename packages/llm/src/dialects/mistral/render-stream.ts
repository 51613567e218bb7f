/**
 * Stream events as Mistral's `chat.completion.chunk` events. They differ from OpenAI's in what clients rely on: thinking is
 * content, a tool call comes in one piece, usage stands in the chunk with the finish reason. What is the same in every chunk
 * is written once, so that a text delta costs one `JSON.stringify` of its text.
 */
import type { ClientContext, StreamRenderer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import type { FinishEvent, StreamEvent, WholePart } from "../../stream.ts";
import type { Warning } from "../../warning.ts";
import { renderFinish } from "../openai-chat/finish.ts";
import { resolveQuirks } from "../openai-chat/quirks.ts";
import { noRoom, renderFinishFields } from "../openai-chat/render-response.ts";
import { renderUsage, usageWarnings } from "../openai-chat/usage.ts";
import { renderErrorBody } from "./error.ts";
import { mistralData } from "./names.ts";
import { MISTRAL_QUIRKS } from "./quirks.ts";

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly place: number;
  text: string;
}

const QUIRKS = resolveQuirks(MISTRAL_QUIRKS);
const THINKING_HEAD = '{"content":[{"type":"thinking","thinking":[{"type":"text","text":';
const THINKING_TAIL = "}]}]}";

export class MistralStreamRenderer implements StreamRenderer {
  readonly contentType = "text/event-stream; charset=utf-8";
  readonly warnings: Warning[] = [];
  readonly #client: ClientContext;
  /** By the index of their part. */
  readonly #calls = new Map<number, OpenCall>();
  #head = "";
  #callCount = 0;
  #hasContent = false;
  #hasRefusal = false;
  #done = false;

  constructor(client: ClientContext) {
    this.#client = client;
  }

  push(event: StreamEvent): string {
    if (this.#done) return "";
    switch (event.type) {
      case "text-delta":
        return this.#raw(`{"content":${JSON.stringify(event.text)}}`);
      case "reasoning-delta":
        return this.#raw(THINKING_HEAD + JSON.stringify(event.text) + THINKING_TAIL);
      case "refusal-delta":
        return this.#refusal(event.index, event.text);
      case "reasoning-end":
        return this.#endThinking(event.index, event.vendor);
      case "tool-call-start":
        this.#calls.set(event.index, { id: event.id, name: event.name, place: this.#callCount++, text: "" });
        return "";
      case "tool-call-delta":
        this.#addArguments(event.index, event.text);
        return "";
      case "tool-call-end":
        return this.#endCall(event.index, event.vendor);
      case "part":
        return this.#part(event.part, event.index);
      case "start":
        return this.#start(event);
      case "restart":
        return this.#restart(event);
      case "finish":
        return this.#finish(event);
      case "error":
        return this.#fail(event.error);
      case "text-start":
      case "text-end":
      case "reasoning-start":
      case "refusal-start":
      case "refusal-end":
      case "usage":
      case "warning":
        return "";
    }
  }

  #start(event: Extract<StreamEvent, { type: "start" }>): string {
    const model = this.#client.model === "" ? event.origin.model : this.#client.model;
    const chunk = { id: event.id, object: "chat.completion.chunk", created: event.createdAt ?? 0, model };
    this.#head = `data: ${JSON.stringify(chunk).slice(0, -1)},"choices":[`;
    return `${this.#head}{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`;
  }

  /** A chunk around a delta that is JSON already. */
  #raw(delta: string): string {
    this.#hasContent = true;
    return `${this.#head}{"index":0,"delta":${delta},"finish_reason":null}]}\n\n`;
  }

  #delta(delta: JsonObject): string {
    return this.#raw(JSON.stringify(delta));
  }

  #refusal(index: number, text: string): string {
    if (!this.#hasRefusal) {
      const detail = "the wire has no refusals; it went as text";
      this.warnings.push({ type: "lossy", path: `message.parts[${index}]`, detail });
    }
    this.#hasRefusal = true;
    return this.#raw(`{"content":${JSON.stringify(text)}}`);
  }

  /** What is not text comes with the end; the texts went out already. */
  #endThinking(index: number, vendor: VendorData | undefined): string {
    const { thinking = [], signature } = mistralData(vendor === undefined ? {} : { vendor });
    const others = thinking.filter((entry) => !isText(entry));
    if (others.length > 0 && isText(thinking.at(-1))) {
      const detail = "what thinking refers to was told after its text, not within it";
      this.warnings.push({ type: "lossy", path: `message.parts[${index}]`, detail });
    }
    const chunk = { type: "thinking", thinking: others, closed: true, ...(signature === undefined ? {} : { signature }) };
    return this.#delta({ content: [chunk] });
  }

  #addArguments(index: number, text: string): void {
    const call = this.#calls.get(index);
    if (call !== undefined) call.text += text;
  }

  #endCall(index: number, vendor: VendorData | undefined): string {
    const call = this.#calls.get(index);
    if (call === undefined) return "";
    this.#calls.delete(index);
    const { id, name, place, text } = call;
    const { fields } = mistralData(vendor === undefined ? {} : { vendor });
    const target = { name, arguments: text === "" ? "{}" : text };
    return this.#delta({ tool_calls: [{ id, type: "function", function: target, index: place, ...fields }] });
  }

  #part(part: WholePart, index: number): string {
    const id = part.type === "source" ? mistralData(part).referenceId : undefined;
    if (id !== undefined) return this.#delta({ content: [{ type: "reference", reference_ids: [id] }] });
    this.warnings.push(noRoom(part, `message.parts[${index}]`));
    return "";
  }

  /** The wire cannot take back what it said; it can begin anew only while nothing was said. */
  #restart(event: Extract<StreamEvent, { type: "restart" }>): string {
    if (!this.#hasContent) {
      this.#calls.clear();
      this.#callCount = 0;
      return "";
    }
    const detail = `another model took over in mid-stream: ${event.reason}`;
    return this.#fail(event.error ?? new DragomanError({ code: "stream_truncated", detail }));
  }

  #finish(event: FinishEvent): string {
    this.#done = true;
    const { word, loss } = renderFinish(event.finish, false, false);
    if (loss !== undefined) this.warnings.push({ type: "lossy", path: "finish", detail: loss });
    const { body, choice, message, otherChoices = [] } = mistralData(event);
    const usage = renderUsage(event.usage, QUIRKS);
    this.warnings.push(...usageWarnings(event.usage));
    const first: JsonObject = {
      index: 0,
      delta: { content: "", ...message },
      finish_reason: word,
      ...renderFinishFields(event, word),
      ...choice,
    };
    const rest = JSON.stringify([first, ...otherChoices.map(asDelta)]).slice(1);
    const told = JSON.stringify({ ...(usage === undefined ? {} : { usage }), ...body });
    return `${this.#head}${rest}${told === "{}" ? "" : `,${told.slice(1, -1)}`}}\n\ndata: [DONE]\n\n`;
  }

  /** Without `[DONE]`, so that no client takes the stream for complete. */
  #fail(error: DragomanError): string {
    this.#done = true;
    return `data: ${JSON.stringify(renderErrorBody(error))}\n\n`;
  }
}

function isText(entry: JsonValue | undefined): boolean {
  return isJsonObject(entry) && entry.type === "text";
}

/** Further choices were collected whole; they go out in one piece. */
function asDelta(choice: JsonValue): JsonValue {
  if (!isJsonObject(choice)) return choice;
  const { message, ...rest } = choice;
  return { ...rest, delta: message ?? {} };
}
