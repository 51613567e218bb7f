/**
 * A circuit breaker a target. It opens after so many failures in a row, or when so large a share of at least as many calls within
 * the window has failed, or until the moment that the vendor itself has named. Then one call at a time is let through as a
 * probe; the first that is answered closes it, each that fails doubles the wait.
 */
import type { DragomanError } from "@dragoman/llm";
import type { BreakerConfiguration } from "../configuration.ts";
import type { TargetHealth, TargetView } from "./target-health.ts";

export interface TargetHealthOptions {
  /** Asked at every call, as a reload may change it. */
  readonly breaker: () => BreakerConfiguration;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** Told when a target is left alone, and when it has recovered. */
  readonly onChange?: (target: string, state: "open" | "closed", reason: string) => void;
  /** Targets that are remembered; the one unused for longest is forgotten first. Default 10 000. */
  readonly targetsMax?: number;
}

/** A call within the window. */
interface Outcome {
  readonly at: number;
  readonly failed: boolean;
}

interface Breaker {
  outcomes: Outcome[];
  failuresInARow: number;
  lastFailure: NonNullable<TargetView["lastFailure"]> | undefined;
  /** Undefined while closed. */
  opened: { until: number; waitMs: number; reason: string; probing: boolean } | undefined;
}

/** More calls than these say no more about a share of failures. */
const OUTCOMES_MAX = 100;

export function createTargetHealth({
  breaker,
  time,
  onChange = () => {},
  targetsMax = 10_000,
}: TargetHealthOptions): TargetHealth {
  const breakers = new Map<string, Breaker>();

  function breakerOf(target: string): Breaker {
    const known = breakers.get(target) ?? { outcomes: [], failuresInARow: 0, lastFailure: undefined, opened: undefined };
    breakers.delete(target);
    breakers.set(target, known);
    const [oldest] = breakers.size > targetsMax ? breakers.keys() : [];
    if (oldest !== undefined) breakers.delete(oldest);
    return known;
  }

  function admit(target: string): ReturnType<TargetHealth["admit"]> {
    const opened = breakers.get(target)?.opened;
    if (opened === undefined) return { state: "closed" };
    const now = time();
    if (now >= opened.until && !opened.probing) {
      opened.probing = true;
      return { state: "probe" };
    }
    const reason = opened.probing ? `${opened.reason}; a probe is under way` : opened.reason;
    return { state: "open", until: Math.max(opened.until, now), reason };
  }

  function record(target: string, failure: DragomanError | undefined): void {
    const known = breakerOf(target);
    if (failure === undefined) recovered(target, known);
    else if (isOfTarget(failure)) failed(target, known, failure);
    // It says nothing of the target: the next call may be the probe.
    else if (known.opened !== undefined) known.opened.probing = false;
  }

  function failed(target: string, known: Breaker, failure: DragomanError): void {
    const now = time();
    known.failuresInARow += 1;
    known.lastFailure = { at: now, code: failure.code, detail: failure.detail };
    remember(known, { at: now, failed: true });
    const reason = whyOpen(known, failure, now);
    if (reason !== undefined) open(target, known, reason, failure.retryAfterMs);
  }

  function recovered(target: string, known: Breaker): void {
    known.failuresInARow = 0;
    remember(known, { at: time(), failed: false });
    if (known.opened === undefined) return;
    known.opened = undefined;
    known.outcomes = [];
    onChange(target, "closed", "a probe was answered");
  }

  function remember(known: Breaker, outcome: Outcome): void {
    const since = outcome.at - breaker().windowMs;
    known.outcomes.push(outcome);
    if (known.outcomes.length > OUTCOMES_MAX || (known.outcomes[0]?.at ?? outcome.at) < since) {
      known.outcomes = known.outcomes.filter(({ at }) => at >= since).slice(-OUTCOMES_MAX);
    }
  }

  function whyOpen(known: Breaker, failure: DragomanError, now: number): string | undefined {
    const { failures, share, windowMs } = breaker();
    if (known.opened !== undefined) return `a probe failed with ${failure.code}`;
    if (failure.code === "rate_limited" && failure.retryAfterMs !== undefined && failure.retryAfterMs > 0)
      return `it asked to wait ${Math.ceil(failure.retryAfterMs / 1000)} s`;
    if (known.failuresInARow >= failures) return `${known.failuresInARow} calls in a row failed, the last with ${failure.code}`;
    const recent = known.outcomes.filter(({ at }) => at >= now - windowMs);
    const failed = recent.filter((outcome) => outcome.failed).length;
    if (recent.length < failures * 2 || failed / recent.length < share) return undefined;
    return `${failed} of ${recent.length} calls failed within ${Math.round(windowMs / 1000)} s, the last with ${failure.code}`;
  }

  function open(target: string, known: Breaker, reason: string, askedMs = 0): void {
    const { openMs, openMsMax } = breaker();
    const waitMs = known.opened === undefined ? openMs : Math.min(known.opened.waitMs * 2, openMsMax);
    // What the vendor asked for may be longer than our own patience, but not by any length.
    const restMs = askedMs > 0 ? Math.min(askedMs, openMsMax) : waitMs;
    known.opened = { until: time() + restMs, waitMs, reason, probing: false };
    onChange(target, "open", reason);
  }

  function viewOf([target, known]: [string, Breaker]): TargetView {
    const since = time() - breaker().windowMs;
    const recent = known.outcomes.filter(({ at }) => at >= since);
    const state = known.opened === undefined ? "closed" : time() >= known.opened.until ? "half-open" : "open";
    return {
      target,
      state,
      calls: recent.length,
      failures: recent.filter(({ failed }) => failed).length,
      ...(known.lastFailure === undefined ? {} : { lastFailure: known.lastFailure }),
      ...(known.opened === undefined ? {} : { openUntil: known.opened.until }),
    };
  }

  return { admit, record, view: () => [...breakers].map(viewOf) };
}

/** Whether the fault is the target's, so that other calls would meet it too; not the caller's, nor that of one prompt. */
function isOfTarget({ code, scope, action }: DragomanError): boolean {
  if (code === "aborted" || scope === "request" || action === "compact-context") return false;
  return code !== "unsupported" && code !== "invalid_output";
}
