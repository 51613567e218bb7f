/**
 * A streamed answer. A table of handlers by event type; each knows one kind of event. Parts open at their first event, so
 * that they keep the order in which the vendor began them, and close when their item is done, as only then its id, its
 * encrypted thinking and its citations are known. Items may finish out of order.
 *
 * What an event leaves out is taken from the next that has it: `.done` from its deltas, the item from its `.done`, and the
 * terminal response from its items. Nothing is written twice: of every part it is counted how much has gone out.
 */
import type { ParseContext, StreamParser, WireEvent } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { sourceOf } from "./citations.ts";
import { finishOf } from "./finish.ts";
import { argumentsTextOf, callIdOf, partsOfItem, reasoningText } from "./item-parts.ts";
import { isParallelCall } from "./parallel-call.ts";
import { failureOf, itemsOf, looseReasoning, responseVendor } from "./response.ts";
import {
  createState,
  itemAt,
  itemOf,
  newItem,
  type OpenItem,
  type Piece,
  pieceOf,
  type State,
  startVendor,
  startWith,
} from "./stream-state.ts";
import { resumedStream } from "./suspended.ts";
import { parseUsage } from "./usage.ts";

type Handler = (state: State, event: JsonObject) => void;

const HANDLERS: ReadonlyMap<unknown, Handler> = new Map<string, Handler>([
  ["response.created", onStart],
  ["response.queued", onStart],
  ["response.in_progress", onStart],
  ["response.output_item.added", onItemAdded],
  ["response.content_part.added", onContentAdded],
  ["response.output_text.delta", onTextDelta],
  ["response.output_text.done", onTextDone],
  ["response.output_text.annotation.added", onAnnotation],
  ["response.refusal.delta", onRefusalDelta],
  ["response.refusal.done", onRefusalDone],
  ["response.reasoning_summary_text.delta", onSummaryDelta],
  ["response.reasoning_text.delta", onReasoningDelta],
  ["response.reasoning.delta", onReasoningDelta],
  ["response.function_call_arguments.delta", onArgumentsDelta],
  ["response.function_call_arguments.done", onArgumentsDone],
  ["response.output_item.done", onItemDone],
  ["response.completed", onTerminal],
  ["response.incomplete", onTerminal],
  ["response.cancelled", onTerminal],
  ["response.failed", onFailed],
  ["error", onError],
]);

export function parseStream(context: ParseContext): StreamParser {
  const state = createState(context);
  const { writer } = state;
  return {
    push(event: WireEvent, out: StreamEvent[]): void {
      // An event without data is a sign of life that some proxies send.
      if (writer.done || event.data === "" || event.data === "[DONE]") return;
      writer.into(out);
      readEvent(state, event);
    },
    end(out: StreamEvent[]): void {
      if (writer.done) return;
      writer.into(out);
      writer.fail(state.vagueError ?? streamError(context, "stream_truncated", "the stream ended before response.completed"));
    },
    resume: () => {
      const { background } = state;
      return background === undefined || writer.done ? undefined : resumedStream(background.id, background.sequenceNumber);
    },
  };
}

function readEvent(state: State, event: WireEvent): void {
  let body: unknown;
  try {
    body = parseWireJson(event.data);
  } catch (error) {
    state.writer.fail(streamError(state.context, "invalid_response", "an event of the stream is not JSON", error));
    return;
  }
  if (!isJsonObject(body)) {
    state.writer.fail(streamError(state.context, "invalid_response", "an event of the stream is not a JSON object"));
    return;
  }
  if (state.vagueError !== undefined && body.type !== "response.failed") {
    state.writer.fail(state.vagueError);
    return;
  }
  if (state.background !== undefined) state.background.sequenceNumber = sequenceNumberOf(body);
  const handler = HANDLERS.get(body.type);
  if (handler !== undefined) handler(state, body);
  // A proxy's error comes without a type, or only with the name of the event.
  else if (event.event === "error" || (body.type === undefined && "error" in body)) onError(state, body);
  // Everything else is progress of an item that comes whole when it is done.
}

function streamError(
  context: ParseContext,
  code: "stream_truncated" | "invalid_response",
  detail: string,
  cause?: unknown,
): DragomanError {
  return new DragomanError({ code, detail, provider: context.provider, model: context.model, cause });
}

// The response as a whole

function onStart(state: State, event: JsonObject): void {
  const response = isJsonObject(event.response) ? event.response : {};
  startWith(state, response);
  if (response.background !== true || typeof response.id !== "string") return;
  state.background ??= { id: response.id, sequenceNumber: sequenceNumberOf(event) };
}

/** Where a broken stream is taken up again. */
function sequenceNumberOf({ sequence_number: number }: JsonObject): number {
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

function onTerminal(state: State, event: JsonObject): void {
  const response = isJsonObject(event.response) ? event.response : {};
  startWith(state, response);
  finishItems(state, response);
  const items = state.items.flatMap(knownItem);
  for (const part of looseReasoning(response, items)) writeLooseReasoning(state, part);
  reportUsage(state, response, items);
  const { vendor } = responseVendor(response);
  // A server that leaves the status out has named it in the event's type.
  const status = response.status ?? String(event.type).slice("response.".length);
  state.writer.finish(finishOf({ ...response, status }, items), vendor === undefined ? {} : { completion: vendor });
}

function writeLooseReasoning({ writer }: State, part: AssistantPart): void {
  if (part.type !== "reasoning") return;
  writer.delta("reasoning", "loose", part.text);
  if (part.vendor !== undefined) writer.vendor("loose", part.vendor);
  writer.end("loose");
}

/** A call that was begun counts, also where the server never says that it is done. */
function knownItem(item: OpenItem | undefined): readonly JsonObject[] {
  if (item?.done !== undefined) return [item.done];
  return item?.isCall === true ? [{ type: "function_call" }] : [];
}

function reportUsage(state: State, response: JsonObject, items: readonly JsonObject[] = itemsOf(response)): void {
  if (isJsonObject(response.usage)) state.writer.reportUsage(parseUsage(response.usage, items));
}

/** Items that only the terminal response shows whole, or at all. */
function finishItems(state: State, response: JsonObject): void {
  for (const [index, item] of itemsOf(response).entries()) {
    const streamedAt = typeof item.id === "string" ? state.indexById.get(item.id) : undefined;
    const open = itemAt(state, streamedAt ?? index);
    if (open.done === undefined) finishItem(state, open, item);
  }
}

function onFailed(state: State, event: JsonObject): void {
  const response = isJsonObject(event.response) ? event.response : {};
  startWith(state, response);
  reportUsage(state, response);
  const error = vendorErrorFrom(failureOf(response), undefined, state.context);
  state.writer.fail(error.code === "vendor_error" ? (state.vagueError ?? error) : error);
}

/** OpenAI sends `response.failed` right after, at times with the only useful words; a vague error waits for it. */
function onError(state: State, event: JsonObject): void {
  const error = vendorErrorFrom(withoutType(event), undefined, state.context);
  if (error.code === "vendor_error" && state.vagueError === undefined) state.vagueError = error;
  else state.writer.fail(error);
}

/** The event's own type, `error`, says nothing and would stand where an error's type is looked for. */
function withoutType(event: JsonObject): JsonObject {
  const { type: _type, sequence_number: _number, ...error } = event;
  return error;
}

// Items

function onItemAdded(state: State, event: JsonObject): void {
  const added = event.item;
  if (!isJsonObject(added)) return;
  if (typeof added.id === "string" && state.indexById.has(added.id)) return;
  const item = newItem(state, event.output_index);
  if (typeof added.id === "string") {
    state.indexById.set(added.id, item.index);
    item.id = added.id;
  }
  if (added.type === "reasoning") state.writer.delta("reasoning", pieceOf(item, 0).key, "", startVendor(item));
  else if (added.type === "function_call" && !isParallelCall(added)) openCall(state, item, added);
}

function onItemDone(state: State, event: JsonObject): void {
  if (!isJsonObject(event.item)) return;
  const item = itemOf(state, event, event.item.id);
  if (typeof event.item.id === "string") state.indexById.set(event.item.id, item.index);
  if (item.done === undefined) finishItem(state, item, event.item);
}

/** Writes what has not gone out yet of each part, and ends it with what only the whole item tells. */
function finishItem(state: State, item: OpenItem, whole: JsonObject): void {
  item.done = whole;
  let position = -1;
  for (const part of partsOfItem(whole)) {
    if (part.type === "source") {
      const piece = pieceOf(item, position);
      if (piece.sources > 0) piece.sources--;
      else state.writer.part(part);
      continue;
    }
    position++;
    finishPart(state, item, pieceOf(item, position), part, whole);
  }
  item.pieces.forEach((piece) => {
    state.writer.end(piece.key);
  });
}

function finishPart(state: State, item: OpenItem, piece: Piece, part: AssistantPart, whole: JsonObject): void {
  const { writer } = state;
  switch (part.type) {
    case "text":
    case "refusal":
      fill(state, piece, part.type, part.text);
      break;
    case "reasoning":
      fill(state, piece, "reasoning", reasoningText(whole, item.reasoningFrom));
      break;
    case "tool-call":
      if (!writer.isOpen(piece.key)) writer.toolCall(piece.key, part.id, part.name);
      fillArguments(state, piece, part.argumentsText ?? argumentsOf(part, whole));
      break;
    default:
      if (part.type === "opaque") writer.part(part);
      return;
  }
  if (part.vendor !== undefined) writer.vendor(piece.key, part.vendor);
  writer.end(piece.key);
}

function argumentsOf(part: Extract<AssistantPart, { type: "tool-call" }>, whole: JsonObject): string {
  return isParallelCall(whole) ? JSON.stringify(part.arguments) : argumentsTextOf(whole);
}

/** Writes the rest of a text of which a part has gone out already. */
function fill(state: State, piece: Piece, kind: "text" | "refusal" | "reasoning", text: string): void {
  if (text.length > piece.written || !state.writer.isOpen(piece.key)) {
    state.writer.delta(kind, piece.key, text.slice(piece.written));
    piece.written = Math.max(piece.written, text.length);
  }
}

// Text and refusal

function onContentAdded(state: State, event: JsonObject): void {
  const part = event.part;
  if (!isJsonObject(part)) return;
  const item = itemOf(state, event);
  if (item.done !== undefined) return;
  if (part.type === "output_text") state.writer.delta("text", pieceOf(item, event.content_index).key, "", startVendor(item));
  else if (part.type === "refusal") state.writer.delta("refusal", pieceOf(item, event.content_index).key, "", startVendor(item));
}

function onTextDelta(state: State, event: JsonObject): void {
  writeDelta(state, event, "text");
}

function onRefusalDelta(state: State, event: JsonObject): void {
  writeDelta(state, event, "refusal");
}

function writeDelta(state: State, event: JsonObject, kind: "text" | "refusal"): void {
  const delta = event.delta;
  if (typeof delta !== "string") return;
  const item = itemOf(state, event);
  if (item.done !== undefined) return;
  const piece = pieceOf(item, event.content_index);
  piece.written += delta.length;
  state.writer.delta(kind, piece.key, delta);
}

function onTextDone(state: State, event: JsonObject): void {
  fillContent(state, event, "text", event.text);
}

function onRefusalDone(state: State, event: JsonObject): void {
  fillContent(state, event, "refusal", event.refusal);
}

function fillContent(state: State, event: JsonObject, kind: "text" | "refusal", text: unknown): void {
  const item = itemOf(state, event);
  if (typeof text === "string" && item.done === undefined) fill(state, pieceOf(item, event.content_index), kind, text);
}

function onAnnotation(state: State, event: JsonObject): void {
  const source = sourceOf(event.annotation);
  const item = itemOf(state, event);
  if (source === undefined || item.done !== undefined) return;
  const piece = pieceOf(item, event.content_index);
  if (!state.writer.isOpen(piece.key)) state.writer.delta("text", piece.key, "");
  piece.sources++;
  state.writer.part(source);
}

// Reasoning

function onSummaryDelta(state: State, event: JsonObject): void {
  writeReasoning(state, event, "summary", event.summary_index);
}

function onReasoningDelta(state: State, event: JsonObject): void {
  writeReasoning(state, event, "content", event.content_index);
}

function writeReasoning(state: State, event: JsonObject, from: "content" | "summary", position: unknown): void {
  const delta = event.delta;
  if (typeof delta !== "string" || delta === "") return;
  const item = itemOf(state, event);
  item.reasoningFrom ??= from;
  if (item.done !== undefined || item.reasoningFrom !== from) return;
  const piece = pieceOf(item, 0);
  const index = typeof position === "number" ? position : 0;
  if (index !== item.reasoningPiece) {
    if (piece.written > 0) writeOut(state, piece, "\n\n");
    item.reasoningPiece = index;
  }
  writeOut(state, piece, delta);
}

function writeOut(state: State, piece: Piece, text: string): void {
  piece.written += text.length;
  state.writer.delta("reasoning", piece.key, text);
}

// Tool calls

function openCall(state: State, item: OpenItem, call: JsonObject): void {
  const piece = pieceOf(item, 0);
  const id = callIdOf(call);
  if (typeof call.name !== "string" || call.name === "" || id === "" || state.writer.isOpen(piece.key)) return;
  state.writer.toolCall(piece.key, id, call.name, startVendor(item));
  item.isCall = true;
  if (item.heldArguments !== "") writeArguments(state, piece, item.heldArguments);
}

function onArgumentsDelta(state: State, event: JsonObject): void {
  const delta = event.delta;
  if (typeof delta !== "string") return;
  const item = itemOf(state, event);
  if (item.done !== undefined) return;
  const piece = pieceOf(item, 0);
  if (state.writer.isOpen(piece.key)) writeArguments(state, piece, delta);
  else item.heldArguments += delta;
}

function onArgumentsDone(state: State, event: JsonObject): void {
  const item = itemOf(state, event);
  const piece = pieceOf(item, 0);
  if (typeof event.arguments === "string" && item.done === undefined && state.writer.isOpen(piece.key)) {
    fillArguments(state, piece, event.arguments);
  }
}

function fillArguments(state: State, piece: Piece, text: string): void {
  if (text.length > piece.written) writeArguments(state, piece, text.slice(piece.written));
}

function writeArguments(state: State, piece: Piece, text: string): void {
  piece.written += text.length;
  state.writer.toolCallDelta(piece.key, text);
}
