/**
 * A stream of events, named by the `type` of their data. Content, plan and calls come as parts of their own; citations come
 * in between and are told at the end. `message-end` is the end; the `[DONE]` after it says nothing more.
 */
import { originOf, type ParseContext, type StreamParser, type WireEvent } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { StreamWriter } from "../stream-writer.ts";
import { sourcesOf } from "./citations.ts";
import { errorAtEnd, errorWithin, invalidResponse } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { argumentsText, CALL_FIELDS, generatedCallId, MESSAGE_FIELDS, opaquePart, textOf } from "./response.ts";
import { parseUsage } from "./usage.ts";
import { COHERE, otherFieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

type Fields = Record<string, JsonValue>;
type Handler = (event: JsonObject, message: JsonObject, key: string) => void;

const PLAN = "plan";
const PLAN_DATA = withVendorData({ toolPlan: true }).vendor;
const END_FIELDS: ReadonlySet<string> = new Set(["finish_reason", "usage", "error"]);

export class CohereStreamParser implements StreamParser {
  readonly #context: ParseContext;
  readonly #writer = new StreamWriter();
  readonly #citations: JsonValue[] = [];
  readonly #logprobs: JsonValue[] = [];
  readonly #bodyFields: Fields = {};
  #messageFields: JsonObject = {};
  #id = "";
  #callCount = 0;

  readonly #handlers: ReadonlyMap<unknown, Handler> = new Map<unknown, Handler>([
    ["content-delta", (_event, message, key) => this.#contentDelta(message.content, `content:${key}`)],
    ["tool-plan-delta", (_event, message) => this.#planDelta(textOf(message.tool_plan))],
    ["tool-call-delta", (_event, message, key) => this.#callDelta(message.tool_calls, `call:${key}`)],
    ["content-start", (_event, message, key) => this.#contentStart(message.content, `content:${key}`)],
    ["content-end", (_event, _message, key) => this.#writer.end(`content:${key}`)],
    ["tool-call-start", (_event, message, key) => this.#callStart(message.tool_calls, `call:${key}`)],
    ["tool-call-end", (_event, _message, key) => this.#writer.end(`call:${key}`)],
    ["citation-start", (_event, message) => this.#citation(message.citations)],
    ["citation-end", () => {}],
    ["message-start", (event, message) => this.#start(event, message)],
    ["message-end", (event) => this.#finish(isJsonObject(event.delta) ? event.delta : {})],
    ["debug", (event) => this.#keep("prompt", event.prompt)],
  ]);

  constructor(context: ParseContext) {
    this.#context = context;
  }

  push({ event: name, data }: WireEvent, out: StreamEvent[]): void {
    if (this.#writer.done || data === "" || data.trim() === "[DONE]") return;
    this.#writer.into(out);
    let event: unknown;
    try {
      event = parseWireJson(data);
    } catch {
      this.#fail(`an event of the stream is not JSON: ${data.slice(0, 200)}`);
      return;
    }
    if (!isJsonObject(event)) {
      this.#fail("an event of the stream is not an object");
      return;
    }
    this.#handle(event, event.type ?? name);
  }

  end(out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    const { provider, model } = this.#context;
    const detail = this.#writer.started ? "the stream ended without message-end" : "the stream ended before it brought an answer";
    this.#writer.fail(new DragomanError({ code: "stream_truncated", detail, provider, model }));
  }

  #handle(event: JsonObject, type: JsonValue | undefined): void {
    const handler = this.#handlers.get(type);
    if (handler === undefined) {
      const error = errorWithin(event, this.#context);
      if (error !== undefined) this.#writer.fail(error);
      else this.#unread(`an event of type ${JSON.stringify(type)} is not defined; it was left out`);
      return;
    }
    if (type !== "message-start") this.#ensureStarted();
    if (isJsonObject(event.logprobs)) this.#logprobs.push(event.logprobs);
    const message = isJsonObject(event.delta) && isJsonObject(event.delta.message) ? event.delta.message : {};
    handler(event, message, typeof event.index === "number" ? String(event.index) : "0");
  }

  #start(event: JsonObject, message: JsonObject): void {
    this.#id = textOf(event.id);
    this.#messageFields = unknownFields(message, MESSAGE_FIELDS) ?? {};
    this.#ensureStarted();
  }

  #ensureStarted(): void {
    if (!this.#writer.started) this.#writer.start(this.#id, originOf(COHERE, this.#context, undefined));
  }

  #contentStart(content: JsonValue | undefined, key: string): void {
    if (!isJsonObject(content)) return;
    this.#writer.end(key);
    if (content.type === "thinking") this.#writer.delta("reasoning", key, textOf(content.thinking));
    else if (content.type === "text" || content.type === undefined) this.#writer.delta("text", key, textOf(content.text));
    else this.#writer.part(opaquePart(content));
  }

  #contentDelta(content: JsonValue | undefined, key: string): void {
    if (!isJsonObject(content)) return;
    if (typeof content.thinking === "string" && content.thinking !== "") this.#writer.delta("reasoning", key, content.thinking);
    if (typeof content.text === "string" && content.text !== "") this.#writer.delta("text", key, content.text);
    if (typeof content.text === "string" || typeof content.thinking === "string") return;
    this.#unread("a piece of content that is neither text nor thinking was left out");
  }

  #planDelta(text: string): void {
    if (text !== "") this.#writer.delta("text", PLAN, text, PLAN_DATA);
  }

  /** The call stands alone under `tool_calls`. */
  #callStart(calls: JsonValue | undefined, key: string): void {
    const call = oneOf(calls);
    if (call === undefined) return;
    const target = isJsonObject(call.function) ? call.function : {};
    this.#writer.end(PLAN);
    this.#writer.end(key);
    const id = textOf(call.id) || generatedCallId(this.#id, this.#callCount);
    this.#callCount += 1;
    this.#writer.toolCall(key, id, textOf(target.name), withVendorData(otherFieldsData(call, CALL_FIELDS)).vendor);
    this.#writer.toolCallDelta(key, argumentsText(target.arguments));
  }

  #callDelta(calls: JsonValue | undefined, key: string): void {
    const call = oneOf(calls);
    const text = isJsonObject(call?.function) ? argumentsText(call.function.arguments) : "";
    if (text === "") return;
    if (this.#writer.isOpen(key)) this.#writer.toolCallDelta(key, text);
    else this.#fail("the stream brought arguments of a tool call that is not open");
  }

  #citation(citations: JsonValue | undefined): void {
    if (Array.isArray(citations)) this.#citations.push(...citations);
    else if (isJsonObject(citations)) this.#citations.push(citations);
  }

  #keep(field: string, value: JsonValue | undefined): void {
    if (value !== undefined && value !== null) this.#bodyFields[field] = value;
  }

  #finish(delta: JsonObject): void {
    const usage = parseUsage(delta.usage);
    if (Object.keys(usage).length > 0) this.#writer.reportUsage(usage);
    const failure = errorAtEnd(delta.error, delta.finish_reason, this.#context);
    if (failure !== undefined) {
      this.#writer.fail(failure);
      return;
    }
    this.#writer.endAll();
    for (const source of sourcesOf(this.#citations)) this.#writer.part(source);
    for (const [field, value] of Object.entries(unknownFields(delta, END_FIELDS) ?? {})) this.#keep(field, value);
    if (this.#logprobs.length > 0) this.#bodyFields.logprobs = this.#logprobs;
    const message = withVendorData({
      ...(Object.keys(this.#messageFields).length === 0 ? {} : { fields: this.#messageFields }),
      ...(this.#citations.length === 0 ? {} : { citations: this.#citations }),
    }).vendor;
    const completion = withVendorData(Object.keys(this.#bodyFields).length === 0 ? {} : { body: this.#bodyFields }).vendor;
    this.#writer.finish(parseFinish(delta.finish_reason), {
      ...(message === undefined ? {} : { message }),
      ...(completion === undefined ? {} : { completion }),
    });
  }

  #unread(detail: string): void {
    this.#ensureStarted();
    this.#writer.warn({ type: "unknown-field", detail });
  }

  #fail(detail: string): void {
    this.#writer.fail(invalidResponse(detail, this.#context));
  }
}

function oneOf(value: JsonValue | undefined): JsonObject | undefined {
  const one = Array.isArray(value) ? value[0] : value;
  return isJsonObject(one) ? one : undefined;
}
