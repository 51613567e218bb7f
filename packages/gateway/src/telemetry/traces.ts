/**
 * OpenTelemetry spans: one a call, one below it for each attempt, with the names of the GenAI conventions. Without an SDK in the process the API
 * does nothing, and costs nothing worth mentioning.
 */
import type { Span, Tracer } from "@opentelemetry/api";
import type { AttemptRecord, CallRecord, LedgerOperation, OpenCall } from "../ledger/call-record.ts";
import { DRAGOMAN, GEN_AI, OPERATION_NAMES } from "./gen-ai-names.ts";
import type { GatewayObserver } from "./observer.ts";

/** Spans that are kept open at most; further calls have none. */
const OPEN_MAX = 10_000;

type Attributes = Record<string, string | number | boolean | string[]>;

export async function createTraces(): Promise<GatewayObserver> {
  const { trace, context, SpanKind, SpanStatusCode } = await import("@opentelemetry/api");
  const tracer: Tracer = trace.getTracer("@dragoman/gateway");
  const calls = new Map<string, Span>();

  function end(span: Span, endedAt: number, attributes: Attributes, failure: string | undefined): void {
    span.setAttributes(attributes);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    span.end(endedAt);
  }

  function startCall(call: OpenCall): Span {
    const name = spanName(call.operation, call.asked);
    const kind = call.dialect === undefined ? SpanKind.INTERNAL : SpanKind.SERVER;
    return tracer.startSpan(name, { kind, startTime: call.startedAt, attributes: openedAttributes(call) });
  }

  return {
    callOpened(call) {
      if (calls.size < OPEN_MAX) calls.set(call.id, startCall(call));
    },
    // Begun when it has ended: only its record tells when it began by the same clock as its end.
    attemptEnded(call, attempt) {
      const parent = calls.get(call.id);
      if (parent === undefined) return;
      const { startedAt = call.startedAt, durationMs = 0 } = attempt;
      const span = tracer.startSpan(
        spanName(call.operation, attempt.model),
        { kind: SpanKind.CLIENT, startTime: startedAt, attributes: attemptAttributes(call, attempt) },
        trace.setSpan(context.active(), parent),
      );
      end(span, startedAt + durationMs, usageAttributes(attempt), attempt.outcome === "answered" ? undefined : attempt.code);
    },
    callClosed(record) {
      const span = calls.get(record.id) ?? (wasNeverOpened(record) ? startCall(record) : undefined);
      calls.delete(record.id);
      if (span !== undefined)
        end(span, endOf(record), closedAttributes(record), record.outcome === "answered" ? undefined : record.code);
    },
  };
}

/** What was refused before it was let in, or left while it waited to be. */
function wasNeverOpened({ outcome, attempts }: CallRecord): boolean {
  return (outcome === "refused" || outcome === "aborted") && attempts.length === 0;
}

/** Its clocks may differ by a little, and time in line may not count as its own: it never ends before one of its attempts. */
function endOf({ startedAt, durationMs, attempts }: CallRecord): number {
  let end = startedAt + durationMs;
  for (const attempt of attempts)
    if (attempt.startedAt !== undefined) end = Math.max(end, attempt.startedAt + (attempt.durationMs ?? 0));
  return end;
}

/** Of a call that was refused before its body was read, the model is not known. */
function spanName(operation: LedgerOperation, model: string): string {
  return model === "" ? OPERATION_NAMES[operation] : `${OPERATION_NAMES[operation]} ${model}`;
}

function attemptAttributes({ operation }: OpenCall, { number, provider, model }: AttemptRecord): Attributes {
  return {
    [GEN_AI.operationName]: OPERATION_NAMES[operation],
    [GEN_AI.providerName]: provider,
    [GEN_AI.requestModel]: model,
    [DRAGOMAN.attempt]: number,
  };
}

function openedAttributes(call: OpenCall): Attributes {
  return {
    [GEN_AI.operationName]: OPERATION_NAMES[call.operation],
    ...(call.asked === "" ? {} : { [GEN_AI.requestModel]: call.asked }),
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
