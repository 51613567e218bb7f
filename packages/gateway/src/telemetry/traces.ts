/**
 * OpenTelemetry spans: one a call, one below it for each attempt, with the names of the GenAI conventions. Without an SDK in the process the API
 * does nothing, and costs nothing worth mentioning.
 */
import type { Span, Tracer } from "@opentelemetry/api";
import type { AttemptRecord, CallRecord, OpenCall } from "../ledger/call-record.ts";
import { DRAGOMAN, GEN_AI, OPERATION_NAMES } from "./gen-ai-names.ts";
import type { GatewayObserver } from "./observer.ts";

/** Spans that are kept open at most; further calls have none. */
const OPEN_MAX = 10_000;

type Attributes = Record<string, string | number | boolean | string[]>;

export async function createTraces(): Promise<GatewayObserver> {
  const { trace, context, SpanKind, SpanStatusCode } = await import("@opentelemetry/api");
  const tracer: Tracer = trace.getTracer("@dragoman/gateway");
  const calls = new Map<string, Span>();
  const attempts = new Map<string, Span>();

  function end(span: Span, endedAt: number, attributes: Attributes, failure: string | undefined): void {
    span.setAttributes(attributes);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    span.end(endedAt);
  }

  return {
    callOpened(call) {
      if (calls.size >= OPEN_MAX) return;
      const name = `${OPERATION_NAMES[call.operation]} ${call.asked}`;
      const kind = call.dialect === undefined ? SpanKind.INTERNAL : SpanKind.SERVER;
      calls.set(call.id, tracer.startSpan(name, { kind, startTime: call.startedAt, attributes: openedAttributes(call) }));
    },
    attemptStarted(call, { number, provider, model }) {
      const parent = calls.get(call.id);
      if (parent === undefined) return;
      const name = `${OPERATION_NAMES[call.operation]} ${model}`;
      const attributes: Attributes = {
        [GEN_AI.operationName]: OPERATION_NAMES[call.operation],
        [GEN_AI.providerName]: provider,
        [GEN_AI.requestModel]: model,
        [DRAGOMAN.attempt]: number,
      };
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, trace.setSpan(context.active(), parent));
      attempts.set(`${call.id}/${number}`, span);
    },
    attemptEnded(call, attempt) {
      const key = `${call.id}/${attempt.number}`;
      const span = attempts.get(key);
      attempts.delete(key);
      if (span === undefined) return;
      const endedAt = (attempt.startedAt ?? Date.now()) + (attempt.durationMs ?? 0);
      end(span, endedAt, usageAttributes(attempt), attempt.outcome === "answered" ? undefined : attempt.code);
    },
    callClosed(record) {
      const span = calls.get(record.id);
      calls.delete(record.id);
      if (span === undefined) return;
      end(
        span,
        record.startedAt + record.durationMs,
        closedAttributes(record),
        record.outcome === "answered" ? undefined : record.code,
      );
    },
  };
}

function openedAttributes(call: OpenCall): Attributes {
  return {
    [GEN_AI.operationName]: OPERATION_NAMES[call.operation],
    [GEN_AI.requestModel]: call.asked,
    [DRAGOMAN.callId]: call.id,
    [DRAGOMAN.key]: call.key,
    ...(call.team === undefined ? {} : { [DRAGOMAN.team]: call.team }),
    ...(call.route === undefined ? {} : { [DRAGOMAN.route]: call.route }),
    ...(call.agent === undefined ? {} : { [GEN_AI.agentName]: call.agent }),
    ...(call.session === undefined ? {} : { [GEN_AI.conversationId]: call.session }),
  };
}

function closedAttributes(record: CallRecord): Attributes {
  return {
    ...usageAttributes(record),
    [DRAGOMAN.outcome]: record.outcome,
    [DRAGOMAN.cached]: record.cached !== undefined,
    ...(record.provider === undefined ? {} : { [GEN_AI.providerName]: record.provider }),
    ...(record.model === undefined ? {} : { [GEN_AI.responseModel]: record.model }),
    ...(record.finish === undefined ? {} : { [GEN_AI.finishReasons]: [record.finish] }),
  };
}

function usageAttributes({ usage, costUsd, code }: Pick<AttemptRecord, "usage" | "costUsd" | "code">): Attributes {
  return {
    ...(usage?.inputTokens === undefined ? {} : { [GEN_AI.inputTokens]: usage.inputTokens }),
    ...(usage?.outputTokens === undefined ? {} : { [GEN_AI.outputTokens]: usage.outputTokens }),
    ...(costUsd === undefined ? {} : { [DRAGOMAN.costUsd]: costUsd }),
    ...(code === undefined ? {} : { [GEN_AI.errorType]: code }),
  };
}
