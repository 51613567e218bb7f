/** What the tests of this dialect share: short requests, and streams written event by event. */
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { ClientRequest, Dialect, ParseContext, RenderedRequest, WireEvent } from "../../src/dialect.ts";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/json.ts";
import type { CompletionRequest } from "../../src/request.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, foldEvents } from "../../src/testing/laws.ts";

export const dialect = createAnthropicMessagesDialect();
export const context: ParseContext = { provider: "anthropic", model: "claude-sonnet-4-5" };
export const client = { model: "claude-sonnet-4-5", echo: {} };

export const question = { role: "user", parts: [{ type: "text", text: "What is the weather in Paris?" }] } as const;

export function render(request: Partial<CompletionRequest>, stream = false, by: Dialect = dialect): RenderedRequest {
  const whole: CompletionRequest = { model: "claude-sonnet-4-5", messages: [question], ...request };
  return by.renderRequest(whole, { stream, capabilities: UNKNOWN_CAPABILITIES });
}

/** The rendered body, whose warnings must be none. */
export function renderBody(request: Partial<CompletionRequest>): JsonObject {
  const { body, warnings } = render(request);
  if (warnings.length > 0) throw new Error(`unexpected warnings: ${JSON.stringify(warnings)}`);
  return body ?? {};
}

export function clientRequest(body: unknown, headers: Record<string, string> = {}): ClientRequest {
  return { path: "/v1/messages", query: {}, headers, body };
}

/** A client's body, parsed and rendered again. */
export function replay(body: JsonObject): JsonObject {
  const { request, stream, warnings } = dialect.parseRequest(clientRequest(body));
  const rendered = dialect.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
  const all = [...warnings, ...rendered.warnings];
  if (all.length > 0) throw new Error(`unexpected warnings: ${JSON.stringify(all)}`);
  return rendered.body ?? {};
}

/** One event of the wire. */
export function event(type: string, fields: JsonObject = {}): WireEvent {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

export function messageStart(usage: JsonObject = { input_tokens: 10, output_tokens: 1 }): WireEvent {
  const message = { id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-4-5-20250929", content: [] };
  return event("message_start", { message: { ...message, stop_reason: null, stop_sequence: null, usage } });
}

/** The events of one block: its beginning, its deltas, its end. */
export function block(index: number, content: JsonObject, ...deltas: JsonObject[]): WireEvent[] {
  return [
    event("content_block_start", { index, content_block: content }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
}

export function messageEnd(reason = "end_turn", usage: JsonObject = { output_tokens: 5 }, delta: JsonObject = {}): WireEvent[] {
  return [
    event("message_delta", { delta: { stop_reason: reason, stop_sequence: null, ...delta }, usage }),
    event("message_stop"),
  ];
}

/** The canonical events of a wire stream. Every stream must keep the protocol of streams, whatever else is tested. */
export function read(wire: readonly WireEvent[], by: Dialect = dialect): StreamEvent[] {
  const events: StreamEvent[] = [];
  const parser = by.parseStream(context);
  for (const item of wire) parser.push(item, events);
  parser.end(events);
  const violations = checkStream(events);
  if (violations.length > 0) throw new Error(violations.join("\n"));
  return events;
}

export function readCompletion(wire: readonly WireEvent[]): ReturnType<typeof foldEvents> {
  return foldEvents(read(wire));
}

/** The canonical events as a client gets them, and what was reported as lost. */
export function write(events: readonly StreamEvent[]): { readonly text: string; readonly details: readonly string[] } {
  const renderer = dialect.renderStream(client);
  let text = "";
  for (const item of events) text += renderer.push(item);
  return { text, details: renderer.warnings.map((warning) => warning.detail) };
}

/** Cuts the text of a stream into the wire's events. */
export function cut(text: string): WireEvent[] {
  return text
    .split("\n\n")
    .filter((piece) => piece !== "")
    .map((piece) => {
      const [name = "", data = ""] = piece.split("\n");
      return { event: name.replace("event: ", ""), data: data.replace("data: ", "") };
    });
}

/** The parsed data of each event. */
export function bodies(text: string): JsonObject[] {
  return cut(text).map((item) => {
    const body: JsonValue = JSON.parse(item.data);
    if (!isJsonObject(body)) throw new Error("an event is not an object");
    return body;
  });
}
