/**
 * A streamed answer. The stream is opened to the client when its first part is there, so that a failure before it is a
 * plain HTTP error with its status; but a model that thinks for long without a word must not look dead to a proxy, so
 * after a while the head goes out alone. What is known only at the end (cost, late warnings) follows as HTTP trailers.
 */
import {
  type Cost,
  DragomanError,
  type ReadyStream,
  readyStream,
  type StreamEvent,
  type StreamRenderer,
  toDragomanError,
  type Warning,
} from "@dragoman/llm";
import type { FastifyReply } from "fastify";
import type { Answering } from "./answer.ts";
import { callHeaders } from "./call-headers.ts";
import { errorForClient } from "./client-error.ts";
import { createClientWriter } from "./client-writer.ts";
import { isVerbatim, passingRenderer } from "./passing-renderer.ts";

/**
 * How long the head waits for the first part: from the request on, as a vendor may think before it begins and a gateway may ask
 * several; and once the vendor has begun to answer. Proxies give up after 30 to 60 s.
 */
const OPENING_PATIENCE_MS = { asked: 25_000, begun: 10_000 } as const;
type OpeningMoment = keyof typeof OPENING_PATIENCE_MS;
/** Says when to go on without the first part. */
type OpeningWait = (since: OpeningMoment) => { readonly over: Promise<"over">; stop(): void };

type Next = IteratorResult<StreamEvent, unknown>;
type Report = (error: DragomanError) => void;

export async function answerStream(answering: Answering, reply: FastifyReply, report: Report): Promise<void> {
  const { provider, call, dialect, parsed } = answering;
  const events = readyStream(provider.stream(call));
  try {
    const opening = await readOpening(events, patience);
    const renderer = passingRenderer(dialect.renderStream(parsed.client), dialect.id);
    const warnings = [...(isVerbatim(opening.events, dialect.id) ? [] : parsed.warnings), ...opening.events.flatMap(warningOf)];
    sendHead(reply, renderer, opening, warnings);
    await sendEvents(opening, events, renderer, reply, report);
  } finally {
    await events.return();
  }
}

// Before the stream

interface Opening {
  readonly events: readonly StreamEvent[];
  /** What comes next, where the opening did not wait for it. */
  readonly pending?: Promise<Next>;
}

/** Everything up to the first part. Throws the failure that came instead. */
export async function readOpening(events: AsyncIterator<StreamEvent>, wait: OpeningWait): Promise<Opening> {
  const read: StreamEvent[] = [];
  let waiting = wait("asked");
  let isBegun = false;
  try {
    for (;;) {
      const pending = events.next();
      const next = await Promise.race([pending, waiting.over]);
      if (next === "over") return { events: read, pending };
      if (next.done === true)
        throw new DragomanError({ code: "internal", detail: "the provider's stream has no terminal event" });
      if (next.value.type === "error") throw next.value.error;
      read.push(next.value);
      if (!PREAMBLE.has(next.value.type)) return { events: read };
      if (next.value.type !== "start" || isBegun) continue;
      isBegun = true;
      waiting.stop();
      waiting = wait("begun");
    }
  } finally {
    waiting.stop();
  }
}

const PREAMBLE: ReadonlySet<StreamEvent["type"]> = new Set(["start", "warning", "usage", "restart"]);

function patience(since: OpeningMoment): ReturnType<OpeningWait> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<"over">((resolve) => {
    timer = setTimeout(() => resolve("over"), OPENING_PATIENCE_MS[since]);
  });
  return { over, stop: () => clearTimeout(timer) };
}

function sendHead(reply: FastifyReply, renderer: StreamRenderer, opening: Opening, warnings: readonly Warning[]): void {
  const start = opening.events.findLast((event) => event.type === "start");
  reply.hijack();
  reply.raw.writeHead(200, {
    ...stringHeaders(reply),
    ...callHeaders(start?.origin, warnings),
    "content-type": renderer.contentType,
    "cache-control": "no-cache, no-transform",
    trailer: "x-dragoman-warnings, x-dragoman-cost-usd, x-dragoman-prices",
    // Proxies that buffer would undo the stream (nginx).
    "x-accel-buffering": "no",
  });
  if (opening.pending !== undefined) reply.raw.flushHeaders();
}

/** What hooks set before; a hijacked reply does not send them by itself. */
function stringHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}

// The stream

async function sendEvents(
  opening: Opening,
  rest: ReadyStream,
  renderer: StreamRenderer,
  reply: FastifyReply,
  report: Report,
): Promise<void> {
  const response = reply.raw;
  const writer = createClientWriter(response);
  const late: Warning[] = [];
  let cost: Cost | undefined;

  function send(event: StreamEvent): void {
    if (event.type === "finish") cost = event.cost;
    else if (event.type === "warning") late.push(event.warning);
    else if (event.type === "error") {
      if (!response.destroyed) report(event.error);
      writer.write(renderer.push({ ...event, error: errorForClient(event.error) }));
      return;
    }
    writer.write(renderer.push(event));
  }

  try {
    for (const event of opening.events) send(event);
    // The client waits for this, and has not to wait for what came with it.
    writer.sendNow();
    // Those of the opening stand in the head.
    late.length = 0;
    const pending = await opening.pending;
    if (pending !== undefined && pending.done !== true) send(pending.value);
    for (;;) {
      const event = rest.nextReady() ?? (await rest.next()).value;
      if (event === undefined) break;
      send(event);
      const backlog = writer.backlog();
      if (backlog !== undefined) await backlog;
      if (response.destroyed) return;
    }
  } catch (thrown) {
    failInStream(thrown, renderer, writer.write, report);
  }
  writer.flush();
  response.addTrailers(callHeaders(undefined, [...late, ...renderer.warnings], cost));
  response.end();
}

/** A provider or a dialect broke its promise not to throw: the client still gets an end that it can tell from success. */
function failInStream(thrown: unknown, renderer: StreamRenderer, write: (text: string) => void, report: Report): void {
  const error = toDragomanError(thrown);
  report(error);
  write(renderer.push({ type: "error", error: errorForClient(error) }));
}

function warningOf(event: StreamEvent): readonly Warning[] {
  return event.type === "warning" ? [event.warning] : [];
}
