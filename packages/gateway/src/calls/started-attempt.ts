/** One try at one target: its room, its breaker, and its row in the call's record. */
import { type CompletionCall, type Cost, DragomanError, mergeUsage, type Pricing, type Usage } from "@dragoman/llm";
import type { Admission, LeftAlone } from "../attempts/target-health.ts";
import type { Dimension } from "../configuration.ts";
import type { Amounts, AttemptRecord, OpenCall } from "../ledger/call-record.ts";
import type { Reservation } from "../limits/meter.ts";
import type { Mutable } from "../mutable.ts";
import type { ObservedAttempt, PlannedTarget } from "../routing/router.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { amountsOf, type Counted, type Used, usedByAnswer, usedByFailure } from "./used.ts";

/** An attempt under way. The first of its three ends counts. */
export interface StartedAttempt {
  /** Told of what arrives; the first time is the first token's. */
  arrived(characters: number): void;
  /** What the vendor has told of usage so far. */
  counted(usage: Usage): void;
  /** `characters`: of an answer that came in one piece. */
  answered(usage: Usage, cost: Cost | undefined, characters?: number): void;
  failed(error: DragomanError, usage?: Usage): void;
  /** Nobody reads on. */
  abandoned(): void;
}

export interface EndedAttempt {
  readonly record: AttemptRecord;
  readonly used: Used;
  readonly amounts: Amounts;
  readonly observed: ObservedAttempt;
  readonly error: DragomanError | undefined;
}

export interface AttemptFacts {
  /** Gives its number; asked once it is sure that it begins. */
  readonly begin: () => number;
  readonly opened: OpenCall;
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>;
  readonly target: PlannedTarget;
  readonly estimate: Amounts;
  readonly pricing: Pricing | undefined;
  readonly call: CompletionCall;
}

/** At once, unless it has to wait for room. Throws or rejects where a limit of the target leaves none, or its breaker is open. */
export function startAttempt(
  parts: GatewayParts,
  facts: AttemptFacts,
  onEnd: (ended: EndedAttempt) => void,
): StartedAttempt | Promise<StartedAttempt> {
  const { target, estimate, call } = facts;
  const dimensions = { ...facts.dimensions, provider: target.provider.id, model: target.model };
  const taken = parts.meter.reserve(dimensions, "attempt", estimate, { signal: call.signal });
  if (taken instanceof Promise) return taken.then((reservation) => startWith(reservation, parts, facts, onEnd));
  return startWith(taken, parts, facts, onEnd);
}

function startWith(
  reservation: Reservation,
  parts: GatewayParts,
  facts: AttemptFacts,
  onEnd: (ended: EndedAttempt) => void,
): StartedAttempt {
  const { opened, target, estimate, pricing } = facts;
  const { model } = target;
  const provider = target.provider.id;
  const asked = parts.health.admit(target.name);
  if (asked.state === "open") {
    reservation.settle({ requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 });
    throw leftAlone(target, asked, parts.time());
  }
  const admitted: Admission = asked;
  const number = facts.begin();
  const startedAt = parts.time();
  const beganAt = parts.clock.now();
  let characters = 0;
  let firstTokenMs: number | undefined;
  let usage: Usage = {};
  let over = false;
  parts.observer.attemptStarted(opened, { number, provider, model });

  function end(outcome: AttemptRecord["outcome"], used: Used, error?: DragomanError): void {
    if (over) return;
    over = true;
    const durationMs = parts.clock.now() - beganAt;
    const amounts = amountsOf(used);
    reservation.settle(amounts);
    parts.health.record(target.name, outcome === "aborted" ? ABORTED : error, admitted);
    const record: Mutable<AttemptRecord> = {
      number,
      provider,
      model,
      outcome,
      startedAt,
      durationMs,
      usage: used.usage,
      estimated: used.estimated,
    };
    if (firstTokenMs !== undefined) record.firstTokenMs = firstTokenMs;
    if (used.costUsd !== undefined) record.costUsd = used.costUsd;
    if (used.catalogue !== undefined) record.catalogue = used.catalogue;
    if (error !== undefined) Object.assign(record, errorFields(error));
    parts.observer.attemptEnded(opened, record);
    onEnd({ record, used, amounts, observed: observedOf(record), error });
  }

  function observedOf(record: AttemptRecord): ObservedAttempt {
    const { usage: told = {}, costUsd, code } = record;
    const { inputTokens, cacheReadTokens, outputTokens } = told;
    const observed: Mutable<ObservedAttempt> = {
      target: target.name,
      outcome: record.outcome === "answered" || record.outcome === "aborted" ? record.outcome : "failed",
      durationMs: record.durationMs ?? 0,
      at: startedAt,
    };
    if (code !== undefined) observed.code = code;
    if (firstTokenMs !== undefined) observed.firstTokenMs = firstTokenMs;
    if (inputTokens !== undefined) observed.inputTokens = inputTokens;
    if (cacheReadTokens !== undefined) observed.cacheReadTokens = cacheReadTokens;
    if (outputTokens !== undefined) observed.outputTokens = outputTokens;
    if (costUsd !== undefined) observed.costUsd = costUsd;
    return observed;
  }

  function countedSoFar(more: Usage = {}): Counted {
    return { usage: mergeUsage(usage, more), characters, inOnePiece: opened.operation === "complete" };
  }

  return {
    arrived(count) {
      if (firstTokenMs === undefined) {
        firstTokenMs = parts.clock.now() - beganAt;
        // A probe that speaks has shown what it was to show; its answer may take minutes.
        if (admitted.state === "probe") parts.health.record(target.name, undefined, admitted);
      }
      characters += count;
    },
    counted: (told) => {
      usage = mergeUsage(usage, told);
    },
    answered(told, cost, length = 0) {
      characters += length;
      const used = usedByAnswer({ ...countedSoFar(told), cost }, estimate, pricing);
      if (!used.estimated && !over)
        parts.estimator.learn({ key: opened.key, provider, model }, { estimatedInputTokens: estimate.inputTokens }, used.usage);
      end("answered", used);
    },
    failed(error, told) {
      const used = usedByFailure(error, countedSoFar(told), estimate, pricing);
      end(error.code === "aborted" ? "aborted" : "failed", used, error);
    },
    abandoned: () => end("aborted", usedByFailure(ABORTED, countedSoFar(), estimate, pricing), ABORTED),
  };
}

const ABORTED = new DragomanError({ code: "aborted", detail: "the caller left" });

function errorFields({ code, detail, status, requestId }: DragomanError): Partial<AttemptRecord> {
  return {
    code,
    detail,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { vendorRequestId: requestId }),
  };
}

/** Told to the client only where no other target is left. */
function leftAlone(
  { name, provider, model }: PlannedTarget,
  { until, reason, isRateLimited }: LeftAlone,
  now: number,
): DragomanError {
  return new DragomanError({
    code: isRateLimited ? "rate_limited" : "overloaded",
    provider: provider.id,
    model,
    detail: `${name} is left alone for now: ${reason}`,
    retryAfterMs: Math.max(0, until - now),
  });
}
