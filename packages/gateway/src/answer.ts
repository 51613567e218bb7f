/**
 * Answers one request for a completion in the client's dialect: parse, resolve the model, call, render. It knows neither
 * dialects nor vendors. A stream is opened only when its first part is there, so that a failure before it is a plain HTTP
 * error with its status.
 */
import type {
  CompletionCall,
  Dialect,
  DragomanError,
  ParsedRequest,
  Provider,
  Registry,
  StreamEvent,
  StreamRenderer,
  Warning,
} from "@dragoman/llm";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callHeaders } from "./call-headers.ts";
import { clientRequest } from "./client-request.ts";
import { writeOrWait } from "./write-or-wait.ts";

export async function answerCompletion(
  registry: Registry,
  dialect: Dialect,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const parsed = dialect.parseRequest(clientRequest(request));
  const { provider, model } = registry.resolve(parsed.request.model);
  const call: CompletionCall = { ...parsed.request, model, signal: signalOf(reply) };
  return parsed.stream
    ? answerStream(provider, call, dialect, parsed, reply)
    : answerWhole(provider, call, dialect, parsed, reply);
}

/** Aborted when the client goes away before the answer is complete. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

async function answerWhole(
  provider: Provider,
  call: CompletionCall,
  dialect: Dialect,
  parsed: ParsedRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const completion = await provider.complete(call);
  const { body, warnings } = dialect.renderResponse(completion, parsed.client);
  const all = [...parsed.warnings, ...completion.warnings, ...warnings];
  return reply.headers(callHeaders(completion.origin, all, completion.cost)).send(body);
}

async function answerStream(
  provider: Provider,
  call: CompletionCall,
  dialect: Dialect,
  parsed: ParsedRequest,
  reply: FastifyReply,
): Promise<void> {
  const events = provider.stream(call)[Symbol.asyncIterator]();
  const opening = await readOpening(events);
  if (opening.failure !== undefined) throw opening.failure;

  const renderer = dialect.renderStream(parsed.client);
  const start = opening.events.find((event) => event.type === "start");
  const warnings = [
    ...parsed.warnings,
    ...opening.events.flatMap((event): Warning[] => (event.type === "warning" ? [event.warning] : [])),
  ];
  reply.hijack();
  reply.raw.writeHead(200, {
    ...stringHeaders(reply),
    ...callHeaders(start?.origin, warnings),
    "content-type": renderer.contentType,
    "cache-control": "no-cache, no-transform",
    // Proxies that buffer would undo the stream (nginx).
    "x-accel-buffering": "no",
  });
  await writeStream(opening.events, events, renderer, reply);
  reply.raw.end();
}

interface Opening {
  readonly events: readonly StreamEvent[];
  readonly failure?: DragomanError;
}

/** Everything up to the first part, or the failure that came instead. */
async function readOpening(events: AsyncIterator<StreamEvent>): Promise<Opening> {
  const read: StreamEvent[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return { events: read };
    if (value.type === "error") return { events: read, failure: value.error };
    read.push(value);
    if (value.type !== "start" && value.type !== "warning" && value.type !== "usage") return { events: read };
  }
}

async function writeStream(
  opening: readonly StreamEvent[],
  rest: AsyncIterator<StreamEvent>,
  renderer: StreamRenderer,
  reply: FastifyReply,
): Promise<void> {
  for (const event of opening) await writeOrWait(reply.raw, renderer.push(event));
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    await writeOrWait(reply.raw, renderer.push(next.value));
  }
}

/** What hooks set before; a hijacked reply does not send them by itself. */
function stringHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}
