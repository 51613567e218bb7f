/**
 * One call from the moment it is let in until it is settled: what it may use, what each attempt used, and the one record
 * that the ledger keeps of it. It knows neither dialects nor how targets are chosen.
 *
 * A call is settled when its caller has its answer, or has left, and no attempt is under way: an attempt that somebody else waits for,
 * who asked the same, goes on, and is paid by the call that began it.
 */
import {
  type Completion,
  type CompletionCall,
  DragomanError,
  ERROR_TABLE,
  type FailedAttempt,
  type Pricing,
  toDragomanError,
  type Usage,
} from "@dragoman/llm";
import { type Caller, tenantOf } from "../caller.ts";
import type { Dimension } from "../configuration.ts";
import type {
  Amounts,
  AttemptRecord,
  CallOutcome,
  CallRecord,
  DecisionRecord,
  LedgerOperation,
  OpenCall,
} from "../ledger/call-record.ts";
import type { Reservation } from "../limits/meter.ts";
import type { Mutable } from "../mutable.ts";
import type { PlannedTarget, RoutePlan } from "../routing/router.ts";
import { errorForCaller } from "./error-for-caller.ts";
import type { Frame, GatewayParts, RunningCall } from "./gateway-parts.ts";
import { newCallId } from "./new-call-id.ts";
import { type StartedAttempt, startAttempt } from "./started-attempt.ts";
import { totalAmounts, totalUsage, type Used } from "./used.ts";

/** A call that was let in. */
export interface GovernedCall {
  readonly opened: OpenCall;
  readonly caller: Caller;
  readonly plan: RoutePlan;
  readonly frame: Frame;
  /** Aborted when the caller leaves, or the gateway stops. */
  readonly signal: AbortSignal;
  /** What the caller should know beside the answer: a budget nearly used up, a price that is unknown. */
  readonly warnings: readonly string[];
  /** Whose answers it may share. */
  readonly tenant: string;
  /**
   * Takes room for one attempt, at once unless it has to wait. Throws or rejects where there is none, or where the target is left alone for now: with the failure of the
   * target's own attempt before, where there was one, else with an error that says that nothing was sent.
   */
  attempt(target: PlannedTarget, call: CompletionCall): StartedAttempt | Promise<StartedAttempt>;
  /** The caller has its answer. The first of these three counts. */
  answered(answer: Answered): void;
  failed(error: DragomanError, shown: boolean): void;
  abandoned(): void;
}

/** What of an answer the record keeps. */
export interface Answered {
  readonly origin?: Completion["origin"] | undefined;
  readonly finish?: Completion["finish"] | undefined;
  readonly cached?: Completion["cached"] | undefined;
  readonly warnings: Completion["warnings"];
}

/** What was asked of the gateway, in as far as the record wants it. */
export interface AskedCall {
  readonly operation: LedgerOperation;
  readonly call: CompletionCall;
}

/**
 * Lets a call in: rights, route, limits, budget, and the ledger, in this order. Rejects with what stands against it; a call that is not let in is in the ledger
 * as refused.
 */
export async function admitCall(parts: GatewayParts, frame: Frame, caller: Caller, asked: AskedCall): Promise<GovernedCall> {
  const { operation, call } = asked;
  const startedAt = parts.time();
  const facts = factsOf(parts, caller, asked, startedAt);
  let plan: RoutePlan | undefined;
  let reservation: Reservation | undefined;
  let running: RunningCall | undefined;
  try {
    running = frame.running.enter(call.signal);
    parts.tenancy.authoriseModel(caller.principal, call.model);
    plan = frame.router.plan(call, caller);
    const [first] = plan.targets;
    const estimate = estimateFor(parts, facts.key, first, call);
    const dimensions = dimensionsOf(facts, plan);
    const taken = parts.meter.reserve(dimensions, "call", estimate, { signal: running.signal });
    reservation = taken instanceof Promise ? await taken : taken;
    const firstTarget = { provider: first.provider.id, model: first.model };
    // Counters of its first target begin with what the ledger knows: before this call is in it, which would count itself twice.
    parts.meter.check({ ...dimensions, ...firstTarget }, "attempt", estimate);
    const opened: OpenCall = { ...facts, ...routeOf(plan), reserved: estimate, firstTarget };
    parts.ledger.open(opened, { isNewId: caller.requestId === undefined || caller.isNewRequestId === true });
    parts.observer.callOpened(opened);
    return createGovernedCall(parts, { frame, running, caller, plan, opened, dimensions, reservation });
  } catch (thrown) {
    running?.leave();
    reservation?.settle(NO_AMOUNTS);
    const error = asError(thrown);
    const opened = { ...facts, ...routeOf(plan), reserved: NO_AMOUNTS };
    keepRefused(parts, opened, error, {
      decision: plan?.decision ?? NO_DECISION,
      durationMs: parts.time() - startedAt,
      ...(caller.dialect === undefined ? {} : { status: httpStatusOf(error, caller) }),
    });
    throw error;
  }

  function asError(thrown: unknown): DragomanError {
    if (DragomanError.is(thrown)) return thrown;
    return new DragomanError({
      code: "internal",
      detail: `the call could not be let in (${operation}): ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      cause: thrown,
    });
  }
}

function routeOf(plan: RoutePlan | undefined): { readonly route?: string } {
  return plan?.route === undefined ? {} : { route: plan.route };
}

const NO_AMOUNTS: Amounts = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
const NO_DECISION: DecisionRecord = { candidates: [] };

function factsOf(
  parts: GatewayParts,
  caller: Caller,
  { operation, call }: AskedCall,
  startedAt: number,
): Omit<OpenCall, "reserved" | "route"> {
  const { principal, requestId = newCallId(startedAt), agent, dialect } = caller;
  const { session, user, tags = {} } = call.metadata ?? {};
  const { key, team } = principal;
  const facts: Mutable<Omit<OpenCall, "reserved" | "route">> = {
    id: requestId,
    startedAt,
    node: parts.node,
    operation,
    key,
    tags,
    asked: call.model,
  };
  if (dialect !== undefined) facts.dialect = dialect;
  if (team !== undefined) facts.team = team;
  if (agent !== undefined) facts.agent = agent;
  if (session !== undefined) facts.session = session;
  if (user !== undefined) facts.user = user;
  return facts;
}

type Dimensions = Partial<Record<Dimension, string>>;

function dimensionsOf({ key, team, agent, session, user }: Omit<OpenCall, "reserved">, { route }: RoutePlan): Dimensions {
  const dimensions: Dimensions = { key };
  if (team !== undefined) dimensions.team = team;
  if (agent !== undefined) dimensions.agent = agent;
  if (session !== undefined) dimensions.session = session;
  if (user !== undefined) dimensions.user = user;
  if (route !== undefined) dimensions.route = route;
  return dimensions;
}

function estimateFor(parts: GatewayParts, key: string, { provider, model }: PlannedTarget, call: CompletionCall): Amounts {
  return parts.estimator.estimate({ key, provider: provider.id, model }, call, provider.pricing(model));
}

function keepRefused(
  parts: GatewayParts,
  opened: OpenCall,
  error: DragomanError,
  rest: Pick<CallRecord, "decision" | "durationMs" | "status">,
): void {
  const record: CallRecord = {
    ...opened,
    ...rest,
    outcome: error.code === "aborted" ? "aborted" : "refused",
    code: error.code,
    detail: error.detail,
    usage: {},
    costUsd: 0,
    knownCostUsd: 0,
    estimated: false,
    attempts: [],
    warnings: [],
  };
  // An id of a program's own may be that of a call that was let in.
  const kept = parts.ledger.refuse(record) ? record : { ...record, id: newCallId(record.startedAt) };
  if (kept !== record) parts.ledger.refuse(kept);
  parts.observer.callClosed(kept);
}

/** As the client is given it. */
function httpStatusOf(error: DragomanError, caller: Caller): number {
  const { status, code } = errorForCaller(error, caller);
  return status !== undefined && status >= 400 ? status : ERROR_TABLE[code].httpStatus;
}

/** Nothing was sent to this target: whoever asks the targets in turn passes over it, and no more. */
function neverSent(error: DragomanError, { provider, model }: PlannedTarget): DragomanError {
  const { code, detail } = error;
  const attempts: FailedAttempt[] = [{ provider: provider.id, model, outcome: "skipped", code, detail }];
  return new DragomanError({ ...error, attempts, cause: error });
}

const NONE: readonly AttemptRecord[] = [];

interface Admitted {
  readonly frame: Frame;
  readonly running: RunningCall;
  readonly caller: Caller;
  readonly plan: RoutePlan;
  readonly opened: OpenCall;
  readonly dimensions: Dimensions;
  readonly reservation: Reservation;
}

/** How the caller's side of it ended. */
interface Ending {
  readonly outcome: CallOutcome;
  readonly at: number;
  readonly error?: DragomanError;
  readonly answer?: Answered;
}

function createGovernedCall(parts: GatewayParts, admitted: Admitted): GovernedCall {
  const { frame, running, caller, plan, opened, dimensions, reservation } = admitted;
  const beganAt = parts.clock.now();
  const attempts: AttemptRecord[] = [];
  const failures = new Map<string, DragomanError>();
  const used: Used[] = [];
  const usedAmounts: Amounts[] = [];
  let started = 0;
  let underWay = 0;
  let ending: Ending | undefined;
  let firstTokenMs: number | undefined;
  let settled = false;

  function attempt(target: PlannedTarget, call: CompletionCall): StartedAttempt | Promise<StartedAttempt> {
    const notBegun = (thrown: unknown): never => {
      const error = toDragomanError(thrown);
      throw failures.get(target.name) ?? (error.code === "aborted" ? error : neverSent(error, target));
    };
    try {
      const begun = begin(target, call);
      return begun instanceof Promise ? begun.catch(notBegun) : begun;
    } catch (thrown) {
      return notBegun(thrown);
    }
  }

  function begin(target: PlannedTarget, call: CompletionCall): StartedAttempt | Promise<StartedAttempt> {
    const pricing: Pricing | undefined = target.provider.pricing(target.model);
    const estimate = estimateFor(parts, opened.key, target, call);
    const { attemptsMax } = frame.configuration.failing;
    if (started >= attemptsMax) throw tooMany(target, attemptsMax);
    if (started > 0) reservation.grow(totalAmounts([...usedAmounts, estimate]));
    const nextNumber = (): number => {
      underWay += 1;
      started += 1;
      return started;
    };
    return startAttempt(parts, { begin: nextNumber, opened, dimensions, target, estimate, pricing, call }, (ended) => {
      underWay -= 1;
      if (ended.error !== undefined) failures.set(target.name, ended.error);
      attempts.push(ended.record);
      used.push(ended.used);
      usedAmounts.push(ended.amounts);
      // The call's own clock began before the attempt's.
      const { firstTokenMs: ofAttempt, durationMs = 0 } = ended.record;
      if (ofAttempt !== undefined) firstTokenMs = parts.clock.now() - beganAt - durationMs + ofAttempt;
      frame.router.observe(ended.observed, plan);
      settleWhenOver();
    });
  }

  function tooMany({ provider, model }: PlannedTarget, attemptsMax: number): DragomanError {
    const detail = `${attemptsMax} attempts were made for this call, and no more are allowed`;
    return new DragomanError({ code: "overloaded", provider: provider.id, model, detail, retryable: false });
  }

  function end(one: Omit<Ending, "at">): void {
    ending ??= { ...one, at: parts.clock.now() };
    settleWhenOver();
  }

  function settleWhenOver(): void {
    if (ending === undefined || underWay > 0 || settled) return;
    settled = true;
    running.leave();
    const requests = started > 0 || ending.outcome === "answered" ? 1 : 0;
    reservation.settle({ ...totalAmounts(usedAmounts), requests });
    const record = recordOf(ending);
    parts.ledger.close(record);
    parts.observer.callClosed(record);
  }

  function recordOf({ outcome, at, error, answer }: Ending): CallRecord {
    let knownCostUsd = 0;
    let allKnown = true;
    let estimated = false;
    for (const one of used) {
      knownCostUsd += one.costUsd ?? 0;
      allKnown &&= one.costUsd !== undefined;
      estimated ||= one.estimated;
    }
    const record: Mutable<CallRecord> = {
      ...opened,
      outcome: outcome === "failed" && started === 0 ? "refused" : outcome,
      durationMs: at - beganAt,
      usage: totalUsage(used.map(({ usage }): Usage => usage)),
      knownCostUsd,
      estimated,
      attempts: [...attempts, ...skippedOf(answer, error)],
      decision: plan.decision,
      warnings: [...reservation.warnings, ...(answer?.warnings ?? []).map(({ detail }) => detail)],
    };
    const status = caller.dialect === undefined ? undefined : statusOf(outcome, error);
    const catalogue = used.at(-1)?.catalogue;
    if (firstTokenMs !== undefined) record.firstTokenMs = firstTokenMs;
    if (answer?.origin !== undefined) {
      record.provider = answer.origin.provider;
      record.model = answer.origin.model;
    }
    if (answer?.finish !== undefined) record.finish = answer.finish.reason;
    if (error !== undefined) {
      record.code = error.code;
      record.detail = error.detail;
    }
    if (status !== undefined) record.status = status;
    if (allKnown) record.costUsd = knownCostUsd;
    if (catalogue !== undefined) record.catalogue = catalogue;
    if (answer?.cached !== undefined) record.cached = answer.cached;
    return record;
  }

  /** As the client was given it. A stream that was cut had its 200 before. */
  function statusOf(outcome: CallOutcome, error: DragomanError | undefined): number {
    if (outcome === "answered" || outcome === "cut") return 200;
    return error === undefined ? ERROR_TABLE.aborted.httpStatus : httpStatusOf(error, caller);
  }

  /** Targets that were passed over: only the chain of targets knows of them. */
  function skippedOf(answer: Answered | undefined, error: DragomanError | undefined): readonly AttemptRecord[] {
    if (error?.attempts === undefined && (answer === undefined || answer.warnings.length === 0)) return NONE;
    const told = error?.attempts ?? answer?.warnings.flatMap((warning) => warning.attempt ?? []) ?? [];
    return told
      .filter(({ outcome }) => outcome === "skipped")
      .map(({ provider, model, code, detail }, index) => ({
        number: started + index + 1,
        provider,
        model,
        outcome: "skipped",
        ...(code === undefined ? {} : { code }),
        detail,
      }));
  }

  return {
    opened,
    caller,
    plan,
    frame,
    signal: running.signal,
    warnings: reservation.warnings,
    tenant: tenantOf(caller.principal),
    attempt,
    answered: (answer) => end({ outcome: "answered", answer }),
    failed: (error, shown) => end({ outcome: error.code === "aborted" ? "aborted" : shown ? "cut" : "failed", error }),
    abandoned: () => end({ outcome: "aborted" }),
  };
}
