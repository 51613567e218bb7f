/**
 * The bookkeeping of `fallback` for one call: which target comes next and why one is passed over, what became of each, and
 * the error when none is left. It decides from the error table and from capabilities, never from a vendor's words.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, type FailedAttempt } from "../errors.ts";
import type { CompletionCall } from "../provider.ts";
import { estimateTokens } from "../tokens.ts";
import type { Warning } from "../warning.ts";
import { lackedCapabilities, neededCapabilities } from "./needed-capabilities.ts";
import { callTo, type Target, targetCapabilities, targetModel, targetName } from "./target.ts";

export interface Attempt {
  readonly target: Target;
  readonly call: CompletionCall;
  readonly startedAt: number;
}

export interface AttemptChain {
  /** The next target that may help; undefined when there is none. */
  next(): Attempt | undefined;
  /**
   * Notes a failure, with what had arrived. An error all of whose own attempts were skipped says that nothing was sent; it tells of
   * this target alone.
   */
  failed(attempt: Attempt, error: DragomanError, partial?: Completion): void;
  /** No other target may be asked: this failure is the end. */
  stop(error: DragomanError): void;
  /** Notes an answer that was not accepted. */
  refused(attempt: Attempt, completion: Completion, reason: string): void;
  /** One a failed attempt, for the answer that came after all. */
  warnings(): readonly Warning[];
  /** What the latest attempt failed with. */
  latestError(): DragomanError | undefined;
  /** Why there is no answer. */
  error(): DragomanError;
}

export interface AttemptChainOptions {
  readonly id: string;
  readonly afterContentRefusal: boolean;
  readonly now: () => number;
}

export function createAttemptChain(
  targets: readonly Target[],
  asked: CompletionCall,
  { id, afterContentRefusal, now }: AttemptChainOptions,
): AttemptChain {
  const needed = neededCapabilities(asked);
  const beganAt = now();
  const totalMs = asked.timeouts?.totalMs ?? Number.POSITIVE_INFINITY;
  const waiting = [...targets];
  const attempts: FailedAttempt[] = [];
  const errors: DragomanError[] = [];
  const tried: Target[] = [];
  const lostAccounts = new Set<object>();
  let windowAboveTokens: number | undefined;
  let stoppedBy: DragomanError | undefined;

  function next(): Attempt | undefined {
    for (let target = waiting.shift(); target !== undefined && stoppedBy === undefined; target = waiting.shift()) {
      const reason = whyNot(target);
      if (reason !== undefined) {
        attempts.push({ ...nameOf(target), outcome: "skipped", detail: reason });
        continue;
      }
      tried.push(target);
      return { target, call: withinTotal(callTo(target, asked)), startedAt: now() };
    }
    return undefined;
  }

  function whyNot(target: Target): string | undefined {
    if (now() - beganAt >= totalMs) return `the call's ${totalMs} ms (totalMs) are over`;
    if (tried.some((one) => targetName(one, asked.model) === targetName(target, asked.model) && one.provider === target.provider))
      return "it was tried already";
    if (lostAccounts.has(accountOf(target))) return "its provider failed for all models";
    if (target.forOverflow === true && windowAboveTokens === undefined) return "it is for prompts that overflow another";
    if (needed.length === 0 && windowAboveTokens === undefined) return undefined;
    const capabilities = targetCapabilities(target, asked.model);
    // Where there is nobody else, it is for the provider to say what it cannot do, or to do it otherwise.
    const lacked = targets.length === 1 && target.capabilities === undefined ? [] : lackedCapabilities(needed, capabilities);
    if (lacked.length > 0) return `it lacks ${lacked.join(", ")}`;
    if (windowAboveTokens === undefined) return undefined;
    const window = capabilities.contextWindowTokens;
    // Whoever named it for overflows knows more than the catalogue.
    if (window === undefined && target.forOverflow === true) return undefined;
    if (window === undefined) return "its context window is unknown, and the prompt overflowed another";
    return window > windowAboveTokens ? undefined : `its context window of ${window} tokens is no larger`;
  }

  /** The caller's limit on the whole call holds for all attempts together. */
  function withinTotal(call: CompletionCall): CompletionCall {
    if (!Number.isFinite(totalMs)) return call;
    const leftMs = totalMs - (now() - beganAt);
    return { ...call, timeouts: { ...call.timeouts, totalMs: Math.min(leftMs, call.timeouts?.totalMs ?? leftMs) } };
  }

  function nameOf(target: Target) {
    return { provider: target.provider.id, model: targetModel(target, asked.model) };
  }

  function note(attempt: Attempt, error: DragomanError, outcome: FailedAttempt["outcome"], answer: Completion | undefined): void {
    const { inputTokens, outputTokens } = answer?.usage ?? {};
    attempts.push({
      ...nameOf(attempt.target),
      outcome,
      code: error.code,
      detail: error.detail,
      ...(outcome === "skipped" ? {} : { durationMs: now() - attempt.startedAt }),
      ...(inputTokens === undefined ? {} : { inputTokens }),
      ...(outputTokens === undefined ? {} : { outputTokens }),
      ...(answer?.cost === undefined ? {} : { costUsd: answer.cost.totalUsd }),
    });
    errors.push(error);
  }

  function failed(attempt: Attempt, error: DragomanError, partial?: Completion): void {
    const sent = !wasNeverSent(error);
    note(attempt, error, sent ? "failed" : "skipped", partial);
    if (asked.signal?.aborted === true || !anotherMayHelp(error, afterContentRefusal)) stoppedBy = error;
    if (sent && reachesProvider(error)) lostAccounts.add(accountOf(attempt.target));
    if (error.action === "compact-context") {
      const known = targetCapabilities(attempt.target, asked.model).contextWindowTokens;
      const window = known ?? estimateTokens(asked).tokens + (asked.maxOutputTokens ?? 0);
      windowAboveTokens = Math.max(windowAboveTokens ?? 0, window);
      // Who is there for just this comes before the others, wherever it stands.
      waiting.sort((one, other) => Number(other.forOverflow === true) - Number(one.forOverflow === true));
    }
  }

  function refused(attempt: Attempt, completion: Completion, reason: string): void {
    const detail = `the answer was not accepted: ${reason}`;
    note(attempt, new DragomanError({ code: "invalid_output", ...nameOf(attempt.target), detail }), "refused", completion);
  }

  function error(): DragomanError {
    const [first] = errors;
    if (first !== undefined && attempts.length === 1) return first;
    const chosen = stoppedBy ?? soonest(errors) ?? first;
    const detail = attempts.map(inWords).join("; ");
    if (chosen === undefined)
      return new DragomanError({
        code: "unsupported",
        provider: id,
        model: asked.model,
        detail: detail === "" ? "there are no targets" : detail,
        attempts,
      });
    const cause = new AggregateError(errors, "every target failed");
    return new DragomanError({ ...chosen, detail: `${chosen.detail} (tried in turn: ${detail})`, attempts, cause });
  }

  return {
    next,
    failed,
    stop: (error) => {
      stoppedBy = error;
    },
    refused,
    warnings: () =>
      attempts.length === 0
        ? []
        : attempts.map((attempt) => ({ type: "fallback", detail: `another target answered: ${inWords(attempt)}`, attempt })),
    latestError: () => errors.at(-1),
    error,
  };
}

/** Which targets a dead key takes with it. */
function accountOf({ account, provider }: Target): object {
  return account ?? provider;
}

function wasNeverSent({ attempts }: DragomanError): boolean {
  return attempts !== undefined && attempts.length > 0 && attempts.every(({ outcome }) => outcome === "skipped");
}

/** A fault of the request itself follows it everywhere; a fault of key, model or provider does not. */
function anotherMayHelp(error: DragomanError, afterContentRefusal: boolean): boolean {
  return error.action === "change-content" ? afterContentRefusal : error.scope !== "request";
}

/** Whether the provider's other models would fail alike. A refused permission or a passing fault may be of one model only. */
function reachesProvider(error: DragomanError): boolean {
  const beyondModel = error.scope === "provider" || error.scope === "key";
  return beyondModel && !error.retryable && error.code !== "permission_denied";
}

/** The error after which it pays best to try again: of those that pass, the one with the shortest wait. */
function soonest(errors: readonly DragomanError[]): DragomanError | undefined {
  const passing = errors.filter(({ retryable }) => retryable);
  return passing.toSorted((left, right) => (left.retryAfterMs ?? 0) - (right.retryAfterMs ?? 0))[0];
}

/** Without the vendor's own words, which stand in `detail`. */
function inWords({ provider, model, outcome, code, detail }: FailedAttempt): string {
  return `${provider}:${model} ${outcome === "failed" ? (code ?? detail) : `${outcome}, ${detail}`}`;
}
