/**
 * Answers one request for a completion in the client's dialect: parse, resolve the model, call, render. It knows neither
 * dialects nor vendors.
 */
import { type CompletionCall, type Dialect, type ParsedRequest, type Provider, wireTextOf } from "@dragoman/llm";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerStream } from "./answer-stream.ts";
import { callHeaders } from "./call-headers.ts";
import { checkMedia } from "./check-media.ts";
import { clientRequest } from "./client-request.ts";
import { clientSignal } from "./client-signal.ts";
import type { Service } from "./service.ts";

/** One answer on its way. */
export interface Answering {
  readonly provider: Provider;
  readonly call: CompletionCall;
  readonly dialect: Dialect;
  readonly parsed: ParsedRequest;
}

/** Resolves to the body, or to the hijacked reply of a stream. Throws what comes before an answer. */
export async function answerCompletion(
  service: Service,
  dialect: Dialect,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const asked = clientRequest(request);
  const parsed = dialect.parseRequest(asked);
  checkMedia(parsed.request.messages);
  const { provider } = service.serve(request, dialect);
  const wire = dialect.passThrough?.parseRequest(asked, parsed);
  const call: CompletionCall = {
    ...parsed.request,
    signal: clientSignal(reply.raw),
    ...(wire === undefined ? {} : { wire }),
  };
  const answering: Answering = { provider, call, dialect, parsed };
  if (!parsed.stream) return answerWhole(answering, reply);
  await answerStream(answering, reply, (error) => service.report(error, request));
  return reply;
}

async function answerWhole({ provider, call, dialect, parsed }: Answering, reply: FastifyReply): Promise<unknown> {
  const completion = await provider.complete(call);
  const verbatim = wireTextOf(completion);
  if (verbatim?.dialect === dialect.id) {
    // What was not understood was passed on as well: only what the call itself met with is told.
    reply.headers(callHeaders(completion.origin, completion.warnings, completion.cost));
    return reply.header("content-type", "application/json; charset=utf-8").send(verbatim.text);
  }
  const { body, warnings } = dialect.renderResponse(completion, parsed.client);
  const all = [...parsed.warnings, ...completion.warnings, ...warnings];
  reply.headers(callHeaders(completion.origin, all, completion.cost));
  return body;
}
