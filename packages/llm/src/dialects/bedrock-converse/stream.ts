/**
 * A stream of frames, named by their event type. Blocks come one after another under an index; a text or reasoning block
 * begins with its first delta, a tool call with a start. `messageStop` says that the answer is complete, `metadata` after it
 * brings the figures. An exception is an event of its own name. Frames are padded by a field `p`, which says nothing.
 */
import type { Finish } from "../../completion.ts";
import { originOf, type ParseContext, type StreamParser, type WireEvent } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { StreamWriter } from "../stream-writer.ts";
import { errorWithin, streamException } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { invalidResponse } from "./response.ts";
import { applyDelta, beginBlock, endBlock, type OpenBlock } from "./stream-blocks.ts";
import { parseUsage } from "./usage.ts";
import { BEDROCK, unknownFields, withVendorData } from "./vendor-data.ts";

const STOP_FIELDS: ReadonlySet<string> = new Set(["stopReason", "p"]);
const METADATA_FIELDS: ReadonlySet<string> = new Set(["usage", "p"]);

type Handler = (event: JsonObject) => void;

export class BedrockStreamParser implements StreamParser {
  readonly #context: ParseContext;
  readonly #writer = new StreamWriter();
  readonly #blocks = new Map<string, OpenBlock>();
  readonly #bodyFields: Record<string, JsonValue | undefined> = {};
  #finish: Finish | undefined;

  readonly #handlers: ReadonlyMap<string | undefined, Handler> = new Map<string | undefined, Handler>([
    ["contentBlockDelta", (event) => this.#delta(event)],
    ["contentBlockStart", (event) => this.#blockStart(event)],
    ["contentBlockStop", (event) => this.#blockStop(keyOf(event))],
    ["messageStart", () => this.#ensureStarted()],
    ["messageStop", (event) => this.#messageStop(event)],
    ["metadata", (event) => this.#metadata(event)],
  ]);

  constructor(context: ParseContext) {
    this.#context = context;
  }

  push({ event: name, data }: WireEvent, out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    let event: unknown;
    try {
      event = data === "" ? {} : parseWireJson(data);
    } catch {
      this.#fail(`an event of the stream is not JSON: ${data.slice(0, 200)}`);
      return;
    }
    if (!isJsonObject(event)) this.#fail("an event of the stream is not an object");
    else this.#handle(name, event);
  }

  end(out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    if (this.#finish !== undefined) {
      const detail = "the stream ended without its metadata; what was used is unknown";
      this.#writer.warn({ type: "other", path: "usage", detail });
      this.#close(this.#finish);
      return;
    }
    const { provider, model } = this.#context;
    const detail = this.#writer.started ? "the stream ended without messageStop" : "the stream ended before it brought an answer";
    this.#writer.fail(new DragomanError({ code: "stream_truncated", detail, provider, model }));
  }

  #handle(name: string | undefined, event: JsonObject): void {
    const handler = this.#handlers.get(name);
    if (handler !== undefined) {
      handler(event);
      return;
    }
    if (name !== undefined && /(?:exception|error|failure)$/i.test(name)) {
      this.#writer.fail(streamException(name, event, this.#context));
      return;
    }
    const error = errorWithin(event, this.#context);
    if (error !== undefined) this.#writer.fail(error);
    else this.#warn(`an event of type ${name ?? "unnamed"} is not defined; it was left out`);
  }

  #ensureStarted(): void {
    if (!this.#writer.started) this.#writer.start("", originOf(BEDROCK, this.#context, undefined));
  }

  #blockStart(event: JsonObject): void {
    this.#ensureStarted();
    const key = keyOf(event);
    this.#blockStop(key);
    const block = beginBlock(key, isJsonObject(event.start) ? event.start : {}, this.#writer);
    if (block === undefined) this.#warn("a block of a kind that is not defined was left out");
    else this.#blocks.set(key, block);
  }

  #delta(event: JsonObject): void {
    this.#ensureStarted();
    const key = keyOf(event);
    const delta = isJsonObject(event.delta) ? event.delta : {};
    const block = this.#blocks.get(key) ?? impliedBlock(key, delta);
    if (block === undefined || !applyDelta(block, delta, this.#writer)) {
      this.#warn("a piece of content that is not defined, or whose block is not open, was left out");
      return;
    }
    this.#blocks.set(key, block);
  }

  #blockStop(key: string): void {
    const block = this.#blocks.get(key);
    if (block === undefined) return;
    this.#blocks.delete(key);
    endBlock(block, this.#writer);
  }

  #messageStop(event: JsonObject): void {
    this.#ensureStarted();
    for (const key of [...this.#blocks.keys()]) this.#blockStop(key);
    this.#keep(event, STOP_FIELDS);
    this.#finish ??= parseFinish(event.stopReason, event.additionalModelResponseFields);
  }

  #metadata(event: JsonObject): void {
    this.#ensureStarted();
    const usage = parseUsage(event.usage);
    if (Object.keys(usage).length > 0) this.#writer.reportUsage(usage);
    this.#keep(event, METADATA_FIELDS);
    if (this.#finish !== undefined) this.#close(this.#finish);
  }

  #keep(event: JsonObject, known: ReadonlySet<string>): void {
    Object.assign(this.#bodyFields, unknownFields(event, known));
  }

  #close(finish: Finish): void {
    const body = { ...this.#bodyFields };
    const completion = withVendorData(Object.keys(body).length === 0 ? {} : { body }).vendor;
    this.#writer.finish(finish, completion === undefined ? {} : { completion });
  }

  #warn(detail: string): void {
    this.#ensureStarted();
    this.#writer.warn({ type: "unknown-field", detail });
  }

  #fail(detail: string): void {
    this.#writer.fail(invalidResponse(detail, this.#context));
  }
}

function keyOf({ contentBlockIndex: index }: JsonObject): string {
  return typeof index === "number" || typeof index === "string" ? String(index) : "0";
}

/** Text and reasoning begin with their first delta. */
function impliedBlock(key: string, delta: JsonObject): OpenBlock | undefined {
  if (typeof delta.text === "string" || isJsonObject(delta.citation)) return { key, kind: "text", citations: [] };
  return isJsonObject(delta.reasoningContent) ? { key, kind: "reasoning", signature: "", redacted: [] } : undefined;
}
