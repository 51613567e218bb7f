/**
 * Reads one stream of `POST /messages`. Events are looked up by type; those that are unknown, as pings are, mean nothing
 * here. Usage comes in two reports, of which the later is cumulative and may leave figures out or send them as null. The
 * stream is complete only with `message_stop`.
 */
import type { ParseContext, StreamParser, WireEvent } from "../../dialect.ts";
import { originOf } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { StreamWriter } from "../stream-writer.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { parseFinish } from "./finish.ts";
import { completionFields, invalidResponse } from "./response.ts";
import { applyDelta, beginBlock, blockImpliedBy, endBlock, type OpenBlock } from "./stream-blocks.ts";
import { mergeReports, parseUsage } from "./usage.ts";
import { DIALECT } from "./vendor-data.ts";

export function parseStream(context: ParseContext): StreamParser {
  return new AnthropicStreamParser(context);
}

class AnthropicStreamParser implements StreamParser {
  readonly context: ParseContext;
  readonly writer = new StreamWriter();
  /** Open blocks by their index on the wire. */
  readonly blocks = new Map<string, OpenBlock>();
  usage: JsonObject = {};
  /** Fields of the message as they become known: why it ended, its container. */
  message: JsonObject = {};

  constructor(context: ParseContext) {
    this.context = context;
  }

  push(event: WireEvent, out: StreamEvent[]): void {
    const { writer } = this;
    // Proxies keep a connection open with an event that is empty.
    if (writer.done || event.event === "ping" || event.data === "[DONE]" || event.data === "") return;
    writer.into(out);
    let body: unknown;
    try {
      body = parseWireJson(event.data);
    } catch (cause) {
      writer.fail(invalidResponse("an event of the stream is not JSON", this.context, cause));
      return;
    }
    if (!isJsonObject(body)) return;
    // A few proxies name the event outside of the data only.
    const handler = EVENT_HANDLERS.get(body.type ?? event.event);
    if (handler !== undefined) handler(this, body);
    else if (event.event === "error" || isError(body)) failWith(this, body);
  }

  end(out: StreamEvent[]): void {
    if (this.writer.done) return;
    this.writer.into(out);
    endBlocks(this);
    const { provider, model } = this.context;
    const detail = "the stream ended before message_stop";
    this.writer.fail(new DragomanError({ code: "stream_truncated", detail, provider, model }));
  }
}

type EventHandler = (parser: AnthropicStreamParser, event: JsonObject) => void;

const EVENT_HANDLERS: ReadonlyMap<unknown, EventHandler> = new Map<unknown, EventHandler>([
  ["message_start", startMessage],
  ["content_block_start", startBlock],
  ["content_block_delta", changeBlock],
  ["content_block_stop", stopBlock],
  ["message_delta", changeMessage],
  ["message_stop", stopMessage],
  ["error", failWith],
]);

/** Some proxies send it twice; only the first one counts. */
function startMessage(parser: AnthropicStreamParser, event: JsonObject): void {
  const { writer } = parser;
  const message = isJsonObject(event.message) ? event.message : {};
  if (writer.started) return;
  writer.start(typeof message.id === "string" ? message.id : "", originOf(DIALECT, parser.context, message.model));
  addToMessage(parser, completionFields(message));
  reportUsage(parser, message.usage);
  if (!Array.isArray(message.content)) return;
  for (const [index, content] of message.content.entries()) {
    if (isJsonObject(content)) endBlock(beginBlock(`start:${index}`, content, writer), writer);
  }
}

function startBlock(parser: AnthropicStreamParser, event: JsonObject): void {
  if (!isJsonObject(event.content_block)) return;
  ensureStarted(parser);
  stopBlock(parser, event);
  const key = keyOf(event.index);
  parser.blocks.set(key, beginBlock(key, event.content_block, parser.writer));
}

function changeBlock(parser: AnthropicStreamParser, event: JsonObject): void {
  const { delta } = event;
  if (!isJsonObject(delta)) return;
  const key = keyOf(event.index);
  const block = parser.blocks.get(key) ?? impliedBlock(parser, key, delta);
  if (block !== undefined) applyDelta(block, delta, parser.writer);
}

/** The wire says a number; whatever else stands there still names its block. */
function keyOf(index: JsonValue | undefined): string {
  return typeof index === "number" ? String(index) : (JSON.stringify(index) ?? "");
}

function impliedBlock(parser: AnthropicStreamParser, key: string, delta: JsonObject): OpenBlock | undefined {
  const content = blockImpliedBy(delta);
  if (content === undefined) return undefined;
  ensureStarted(parser);
  const block = beginBlock(key, content, parser.writer);
  parser.blocks.set(key, block);
  return block;
}

function stopBlock(parser: AnthropicStreamParser, event: JsonObject): void {
  const key = keyOf(event.index);
  const block = parser.blocks.get(key);
  if (block === undefined) return;
  parser.blocks.delete(key);
  endBlock(block, parser.writer);
}

function changeMessage(parser: AnthropicStreamParser, event: JsonObject): void {
  const { type: _type, delta, usage, ...others } = event;
  ensureStarted(parser);
  if (isJsonObject(delta)) addToMessage(parser, delta);
  addToMessage(parser, others);
  reportUsage(parser, usage);
}

function stopMessage(parser: AnthropicStreamParser): void {
  ensureStarted(parser);
  endBlocks(parser);
  const { stop_reason, stop_sequence, stop_details } = parser.message;
  const fields = completionFields(parser.message);
  parser.writer.finish(
    parseFinish(stop_reason, stop_sequence, stop_details),
    fields === undefined ? {} : { completion: { [DIALECT]: fields } },
  );
}

function isError(body: JsonObject): boolean {
  return body.type === undefined && body.error !== undefined && body.error !== null;
}

/** An error after the answer began, inside HTTP 200. */
function failWith(parser: AnthropicStreamParser, event: JsonObject): void {
  endBlocks(parser);
  parser.writer.fail(vendorErrorFrom(event, undefined, parser.context));
}

function ensureStarted(parser: AnthropicStreamParser): void {
  if (!parser.writer.started) parser.writer.start("", originOf(DIALECT, parser.context, undefined));
}

function endBlocks(parser: AnthropicStreamParser): void {
  for (const block of parser.blocks.values()) endBlock(block, parser.writer);
  parser.blocks.clear();
}

function addToMessage(parser: AnthropicStreamParser, fields: JsonObject | undefined): void {
  if (fields !== undefined) parser.message = mergeReports(parser.message, fields);
}

function reportUsage(parser: AnthropicStreamParser, usage: unknown): void {
  if (!isJsonObject(usage)) return;
  parser.usage = mergeReports(parser.usage, usage);
  parser.writer.reportUsage(parseUsage(parser.usage));
}
