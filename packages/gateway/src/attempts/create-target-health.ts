/**
 * A circuit breaker a target. It opens after so many failures in a row, or when so large a share of at least as many calls within
 * the window has failed. Then one call at a time is let through as a probe; the first that is answered closes it, each that
 * fails doubles the wait. Where the vendor itself says how long to stay away, it is left alone for as long and no probe is needed.
 */
import type { DragomanError } from "@dragoman/llm";
import type { BreakerConfiguration } from "../configuration.ts";
import type { Admission, TargetHealth, TargetView } from "./target-health.ts";

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
  opened: Opened | undefined;
}

/** Why and for how long a target is left alone. */
interface Opened {
  since: number;
  until: number;
  readonly reason: string;
  /** Of one that failed: the wait before the next probe. Undefined where the vendor has named the moment. */
  readonly waitMs: number | undefined;
  probing: boolean;
}

/** More calls than these say no more about a share of failures. */
const OUTCOMES_MAX = 100;
/** A timer may fire this much before the clock says so: who waited as long as was asked is let in. Milliseconds. */
const TIMER_MS = 5;

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
    const known = breakers.get(target);
    const opened = known?.opened;
    if (known === undefined || opened === undefined) return { state: "closed" };
    const now = time();
    setBack(opened, now);
    const isOver = now >= opened.until - TIMER_MS;
    if (isOver && opened.waitMs === undefined) {
      close(target, known, "the wait that it asked for is over");
      return { state: "closed" };
    }
    if (isOver && !opened.probing) {
      opened.probing = true;
      return { state: "probe" };
    }
    const reason = opened.probing ? `${opened.reason}; a probe is under way` : opened.reason;
    const isRateLimited = breakers.get(target)?.lastFailure?.code === "rate_limited";
    return { state: "open", until: Math.max(opened.until, now), reason, isRateLimited };
  }

  /** The clock was set back: the wait begins anew rather than last until the clock is there again. */
  function setBack(opened: Opened, now: number): void {
    if (now >= opened.since) return;
    opened.until = now + (opened.until - opened.since);
    opened.since = now;
  }

  function leftAlone(target: string): string | undefined {
    const opened = breakers.get(target)?.opened;
    if (opened === undefined) return undefined;
    const now = time();
    setBack(opened, now);
    return now >= opened.until - TIMER_MS && !opened.probing ? undefined : opened.reason;
  }

  function record(target: string, failure: DragomanError | undefined, { state }: Admission): void {
    const known = breakerOf(target);
    const isProbe = state === "probe" && known.opened !== undefined;
    if (failure === undefined) answered(target, known, isProbe);
    else if (isOfTarget(failure)) failed(target, known, failure, isProbe);
    // It says nothing of the target: the next call may be the probe.
    else if (isProbe && known.opened !== undefined) known.opened.probing = false;
  }

  function failed(target: string, known: Breaker, failure: DragomanError, isProbe: boolean): void {
    const now = time();
    known.failuresInARow += 1;
    known.lastFailure = { at: now, code: failure.code, detail: failure.detail };
    remember(known, { at: now, failed: true });
    const { openMs, openMsMax } = breaker();
    const { opened } = known;
    const asked = askedMs(failure, openMsMax);
    if (opened?.waitMs !== undefined) {
      if (!isProbe) return;
      const waitMs = Math.min(opened.waitMs * 2, openMsMax);
      open(target, known, { restMs: asked ?? waitMs, waitMs, reason: `a probe failed with ${failure.code}` });
    } else if (asked !== undefined) {
      const restMs = Math.max(asked, (opened?.until ?? now) - now);
      open(target, known, { restMs, waitMs: undefined, reason: `it asked to wait ${Math.ceil(restMs / 1000)} s` });
    } else if (opened === undefined) {
      const reason = whyOpen(known, failure, now);
      if (reason !== undefined) open(target, known, { restMs: openMs, waitMs: openMs, reason });
    }
  }

  function answered(target: string, known: Breaker, isProbe: boolean): void {
    known.failuresInARow = 0;
    remember(known, { at: time(), failed: false });
    if (!isProbe) return;
    known.outcomes = [];
    close(target, known, "a probe was answered");
  }

  function open(
    target: string,
    known: Breaker,
    { restMs, waitMs, reason }: { readonly restMs: number; readonly waitMs: number | undefined; readonly reason: string },
  ): void {
    const now = time();
    const isNew = known.opened === undefined;
    known.opened = { since: now, until: now + restMs, reason, waitMs, probing: false };
    if (isNew || waitMs !== undefined) onChange(target, "open", reason);
  }

  function close(target: string, known: Breaker, reason: string): void {
    known.opened = undefined;
    onChange(target, "closed", reason);
  }

  /** Cut back now and then rather than at each call; who reads them looks at their time. */
  function remember(known: Breaker, outcome: Outcome): void {
    known.outcomes.push(outcome);
    if (known.outcomes.length > OUTCOMES_MAX * 2) known.outcomes = known.outcomes.slice(-OUTCOMES_MAX);
  }

  function whyOpen(known: Breaker, failure: DragomanError, now: number): string | undefined {
    const { failures, share, windowMs } = breaker();
    if (known.failuresInARow >= failures) return `${known.failuresInARow} calls in a row failed, the last with ${failure.code}`;
    const recent = known.outcomes.filter(({ at }) => at >= now - windowMs);
    const failed = recent.filter((outcome) => outcome.failed).length;
    if (recent.length < failures * 2 || failed / recent.length < share) return undefined;
    return `${failed} of ${recent.length} calls failed within ${Math.round(windowMs / 1000)} s, the last with ${failure.code}`;
  }

  function viewOf([target, known]: [string, Breaker]): TargetView {
    const since = time() - breaker().windowMs;
    const recent = known.outcomes.filter(({ at }) => at >= since);
    return {
      target,
      state: stateOf(known.opened),
      calls: recent.length,
      failures: recent.filter(({ failed }) => failed).length,
      ...(known.lastFailure === undefined ? {} : { lastFailure: known.lastFailure }),
      ...(known.opened === undefined ? {} : { openUntil: known.opened.until }),
    };
  }

  function stateOf(opened: Opened | undefined): TargetView["state"] {
    if (opened === undefined) return "closed";
    if (time() < opened.until) return "open";
    return opened.waitMs === undefined ? "closed" : "half-open";
  }

  function forget(provider: string): void {
    for (const target of [...breakers.keys()]) if (target.startsWith(`${provider}:`)) breakers.delete(target);
  }

  return { admit, leftAlone, record, forget, view: () => [...breakers].map(viewOf) };
}

/** How long the vendor asked to be left alone. It may ask for more than our own patience, but not for any length. */
function askedMs({ retryAfterMs }: DragomanError, mostMs: number): number | undefined {
  return retryAfterMs === undefined || retryAfterMs <= 0 ? undefined : Math.min(retryAfterMs, mostMs);
}

/** Whether the fault is the target's, so that other calls would meet it too; not the caller's, nor that of one prompt. */
function isOfTarget({ code, scope, action }: DragomanError): boolean {
  if (code === "aborted" || scope === "request" || action === "compact-context") return false;
  return code !== "unsupported" && code !== "invalid_output";
}
