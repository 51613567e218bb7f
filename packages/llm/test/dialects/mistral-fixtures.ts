/** What the tests of this dialect share: short requests, and streams written chunk by chunk. */
import { type CapabilityFacts, UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import type { ClientRequest, ParseContext, ParsedRequest, RenderedRequest } from "../../src/dialect.ts";
import { createMistralDialect } from "../../src/dialects/mistral/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream } from "../../src/testing/laws.ts";

export const dialect = createMistralDialect();
export const context: ParseContext = { provider: "mistral", model: "mistral-small-latest" };
export const client = { model: "mistral-small-latest", echo: {} };

export function render(request: Partial<CompletionRequest>, facts: CapabilityFacts = {}): RenderedRequest {
  const whole: CompletionRequest = { model: "mistral-small-latest", messages: [userMessage("Hi.")], ...request };
  return dialect.renderRequest(whole, {
    stream: false,
    capabilities: withCapabilities(UNKNOWN_CAPABILITIES, facts, "configuration"),
  });
}

/** The rendered body, whose warnings must be none. */
export function renderBody(request: Partial<CompletionRequest>): JsonObject {
  const { body, warnings } = render(request);
  if (warnings.length > 0) throw new Error(`unexpected warnings: ${JSON.stringify(warnings)}`);
  return body ?? {};
}

export function parse(body: unknown, headers: Record<string, string> = {}): ParsedRequest {
  const input: ClientRequest = { path: "/v1/chat/completions", query: {}, headers, body };
  return dialect.parseRequest(input);
}

/** A client's body, parsed and rendered again. No warnings are due. */
export function replay(body: JsonObject): JsonObject {
  const { request, stream, warnings } = parse(body);
  const rendered = dialect.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
  const all = [...warnings, ...rendered.warnings];
  if (all.length > 0) throw new Error(`unexpected warnings: ${JSON.stringify(all)}`);
  return rendered.body ?? {};
}

/** An answer's body around a message. */
export function answer(message: JsonObject, rest: JsonObject = {}): JsonObject {
  const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", ...message } };
  return { id: "a1", object: "chat.completion", created: 1, model: "mistral-small-2603", choices: [choice], usage: {}, ...rest };
}

/** The events of a stream of these deltas, ended well. */
export function streamed(deltas: readonly JsonObject[], finishReason = "stop", rest: JsonObject = {}): readonly StreamEvent[] {
  const chunk = (delta: JsonObject, reason: string | null, extras: JsonObject = {}): string =>
    JSON.stringify({
      id: "a1",
      object: "chat.completion.chunk",
      created: 1,
      model: "mistral-small-2603",
      choices: [{ index: 0, delta, finish_reason: reason }],
      p: "abc",
      ...extras,
    });
  const wire = [
    chunk({ role: "assistant", content: "" }, null),
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({ content: "" }, finishReason, rest),
    "[DONE]",
  ];
  return readWire(wire);
}

/** Every stream must keep the protocol of streams, whatever else is tested. */
export function readWire(wire: readonly string[]): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  const parser = dialect.parseStream(context);
  for (const data of wire) parser.push({ data }, events);
  parser.end(events);
  const violations = checkStream(events);
  if (violations.length > 0) throw new Error(violations.join("; "));
  return events;
}

/** What goes to a client for these events, chunk by chunk. */
export function written(events: readonly StreamEvent[]): { readonly chunks: readonly string[]; readonly warnings: unknown } {
  const renderer = dialect.renderStream(client);
  const text = events.map((event) => String(renderer.push(event))).join("");
  const chunks = text
    .split("\n\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^data: /, ""));
  return { chunks, warnings: renderer.warnings };
}
