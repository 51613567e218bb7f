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
import type { PlannedTarget, RoutePlan } from "../routing/router.ts";
import { errorForCaller } from "./error-for-caller.ts";
import type { Frame, GatewayParts, RunningCall } from "./gateway-parts.ts";
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
   * Takes room for one attempt. Rejects where there is none, or where the target is left alone for now: with the failure of the
   * target's own attempt before, where there was one, else with an error that says that nothing was sent.
   */
  attempt(target: PlannedTarget, call: CompletionCall): Promise<StartedAttempt>;
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
  const running = frame.running.enter(call.signal);
  try {
    parts.tenancy.authoriseModel(caller.principal, call.model);
    plan = frame.router.plan(call, caller);
    const [first] = plan.targets;
    const estimate = estimateFor(parts, facts.key, first, call);
    const taken = parts.meter.reserve(dimensionsOf(facts, plan), "call", estimate, { signal: running.signal });
    reservation = taken instanceof Promise ? await taken : taken;
    const opened: OpenCall = {
      ...facts,
      ...(plan.route === undefined ? {} : { route: plan.route }),
      reserved: estimate,
      firstTarget: { provider: first.provider.id, model: first.model },
    };
    parts.ledger.open(opened);
    parts.observer.callOpened(opened);
    return createGovernedCall(parts, { frame, running, caller, plan, opened, reservation });
  } catch (thrown) {
    running.leave();
    reservation?.settle(NO_AMOUNTS);
    const error = asError(thrown);
    const opened = { ...facts, ...(plan?.route === undefined ? {} : { route: plan.route }), reserved: NO_AMOUNTS };
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

const NO_AMOUNTS: Amounts = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
const NO_DECISION: DecisionRecord = { candidates: [] };

function factsOf(
  parts: GatewayParts,
  caller: Caller,
  { operation, call }: AskedCall,
  startedAt: number,
): Omit<OpenCall, "reserved" | "route"> {
  const { principal, requestId = crypto.randomUUID(), agent, dialect } = caller;
  const { session, user, tags = {} } = call.metadata ?? {};
  return {
    id: requestId,
    startedAt,
    node: parts.node,
    operation,
    key: principal.key,
    tags,
    asked: call.model,
    ...(dialect === undefined ? {} : { dialect }),
    ...(principal.team === undefined ? {} : { team: principal.team }),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
  };
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
  parts.ledger.close(record);
  parts.observer.callClosed(record);
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

interface Admitted {
  readonly frame: Frame;
  readonly running: RunningCall;
  readonly caller: Caller;
  readonly plan: RoutePlan;
  readonly opened: OpenCall;
  readonly reservation: Reservation;
}

/** How the caller's side of it ended. */
interface Ending {
  readonly outcome: CallOutcome;
  readonly at: number;
  readonly error?: DragomanError;
  readonly answer?: Answered;
}

function createGovernedCall(parts: GatewayParts, { frame, running, caller, plan, opened, reservation }: Admitted): GovernedCall {
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
  const dimensions = dimensionsOf(opened, plan);

  async function attempt(target: PlannedTarget, call: CompletionCall): Promise<StartedAttempt> {
    try {
      return await begin(target, call);
    } catch (thrown) {
      const error = toDragomanError(thrown);
      throw failures.get(target.name) ?? (error.code === "aborted" ? error : neverSent(error, target));
    }
  }

  function begin(target: PlannedTarget, call: CompletionCall): Promise<StartedAttempt> {
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
    reservation.settle(totalAmounts(usedAmounts));
    const record = recordOf(ending);
    parts.ledger.close(record);
    parts.observer.callClosed(record);
  }

  function recordOf({ outcome, at, error, answer }: Ending): CallRecord {
    const costs = used.map(({ costUsd }) => costUsd);
    const knownCostUsd = costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
    const last = used.at(-1);
    return {
      ...opened,
      outcome: outcome === "failed" && started === 0 ? "refused" : outcome,
      durationMs: at - beganAt,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...(answer?.origin === undefined ? {} : { provider: answer.origin.provider, model: answer.origin.model }),
      ...(answer?.finish === undefined ? {} : { finish: answer.finish.reason }),
      ...(error === undefined ? {} : { code: error.code, detail: error.detail }),
      ...statusOf(outcome, error),
      usage: totalUsage(used.map(({ usage }): Usage => usage)),
      ...(costs.includes(undefined) ? {} : { costUsd: knownCostUsd }),
      knownCostUsd,
      estimated: used.some(({ estimated }) => estimated),
      ...(last?.catalogue === undefined ? {} : { catalogue: last.catalogue }),
      ...(answer?.cached === undefined ? {} : { cached: answer.cached }),
      attempts: [...attempts, ...skippedOf(answer, error)],
      decision: plan.decision,
      warnings: [...reservation.warnings, ...(answer?.warnings ?? []).map(({ detail }) => detail)],
    };
  }

  /** A stream that was cut had its 200 before. */
  function statusOf(outcome: CallOutcome, error: DragomanError | undefined): Pick<CallRecord, "status"> {
    if (caller.dialect === undefined) return {};
    if (outcome === "answered" || outcome === "cut") return { status: 200 };
    return { status: error === undefined ? ERROR_TABLE.aborted.httpStatus : httpStatusOf(error, caller) };
  }

  /** Targets that were passed over: only the chain of targets knows of them. */
  function skippedOf(answer: Answered | undefined, error: DragomanError | undefined): readonly AttemptRecord[] {
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
