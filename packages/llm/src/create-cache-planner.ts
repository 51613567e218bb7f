/**
 * Plans the cache directives of a session's calls: compares each prompt with the one before, expects what should be read
 * again, and holds what came against it. It keeps hashes and figures, no words; of a bounded number of sessions.
 *
 *     const planner = createCachePlanner();
 *     const planned = planner.plan("session-7", request, target);
 *     const completion = await provider.complete({ ...request, cache: planned.directives });
 *     planner.settle(planned, completion);
 */
import type { CacheMiss, CacheMissReason, CacheOutcome } from "./cache.ts";
import { cachingRule } from "./cache-minimum.ts";
import { cacheSavings, hopeless } from "./cache-outcome.ts";
import { type CachePlan, type CachePlanInit, type CacheTarget, planDirectives } from "./cache-plan.ts";
import type { Completion } from "./completion.ts";
import { type PrefixTokens, prefixTokens } from "./prefix-tokens.ts";
import { fingerprintOf, type PromptFingerprint, sharedMessages } from "./prompt-fingerprint.ts";
import type { CompletionRequest } from "./request.ts";

/** What a planner assumes, and how much it remembers. */
export interface CachePlannerOptions extends Pick<CachePlanInit, "expectedReuse" | "stable"> {
  /** Default: 5 minutes, and an hour for a session whose calls come further apart than that. */
  readonly timeToLive?: "5m" | "1h";
  /** Sessions that are remembered; the one longest unused goes. Default 1000. */
  readonly sessionsMax?: number;
  /** Messages of a prompt that are compared; later ones count as new. Default 2000. */
  readonly messagesMax?: number;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** The plan of one call of a session, with what to expect of it. */
export interface PlannedCall extends CachePlan {
  readonly session: string;
  readonly target: CacheTarget;
  /** What should be read from the cache, estimated; 0 where nothing can have been kept. Tokens. */
  readonly expectedTokens: number;
  /** The whole prompt, by the same estimate. Tokens. */
  readonly promptTokens: number;
  /** Why nothing is expected, where that is known beforehand. */
  readonly miss?: CacheMiss;
}

/** What the cache has done for one session. */
export interface SessionCacheReport {
  readonly session: string;
  readonly calls: number;
  readonly expectedTokens: number;
  /** Known figures only. */
  readonly hitTokens: number;
  /** Calls of which the vendor did not say what it read. */
  readonly callsWithUnknownHits: number;
  /** Known figures only; see `callsWithUnknownSavings`. USD. */
  readonly savedUsd: number;
  readonly callsWithUnknownSavings: number;
  /** How often what was hoped for did not come, by reason. */
  readonly misses: Readonly<Partial<Record<CacheMissReason, number>>>;
}

/** Plans the cache of whole sessions: it compares each call with the one before. */
export interface CachePlanner {
  /** Compares the request with the session's last one, and decides what to mark. */
  plan(session: string, request: CompletionRequest, target: CacheTarget): PlannedCall;
  /** Remembers the call as the last of its session, and says what its directives came to. */
  settle(planned: PlannedCall, completion: Pick<Completion, "usage" | "cache">): CacheOutcome;
  /** One row a session that is remembered, the one used last at the end. */
  report(): readonly SessionCacheReport[];
  /** Forgets a session. True when it was known. */
  end(session: string): boolean;
}

/** A call of a session, as far as the next one has to know of it. */
interface LastCall {
  readonly model: string;
  readonly fingerprint: PromptFingerprint;
  readonly at: number;
  /** Where something was kept, ascending. A message count, and how long it stays. Milliseconds. */
  readonly marks: readonly { readonly end: number; readonly lifeMs: number }[];
}

interface Session {
  last?: LastCall;
  /** Longest pause between two calls. Milliseconds. */
  longestPauseMs: number;
  report: Omit<SessionCacheReport, "session">;
}

/** What a call leaves behind once it has gone well. */
interface Pending {
  readonly last: LastCall;
  readonly pauseMs: number | undefined;
}

const NOTHING: Omit<SessionCacheReport, "session"> = {
  calls: 0,
  expectedTokens: 0,
  hitTokens: 0,
  callsWithUnknownHits: 0,
  savedUsd: 0,
  callsWithUnknownSavings: 0,
  misses: {},
};

const FIVE_MINUTES_MS = 300_000;
const LIFE_MS = { "5m": FIVE_MINUTES_MS, "1h": 3_600_000, "24h": 86_400_000 } as const;

/** Makes a planner. It belongs to the caller: two planners know nothing of each other. */
export function createCachePlanner(options: CachePlannerOptions = {}): CachePlanner {
  const { sessionsMax = 1_000, messagesMax = 2_000, now = Date.now } = options;
  const sessions = new Map<string, Session>();
  const pending = new WeakMap<PlannedCall, Pending>();

  function plan(name: string, request: CompletionRequest, target: CacheTarget): PlannedCall {
    const session = sessionOf(name);
    const prefix = prefixTokens(request);
    const fingerprint = fingerprintOf(request, messagesMax);
    const last = session.last?.model === target.model ? session.last : undefined;
    const shared = last === undefined ? undefined : sharedMessages(last.fingerprint, fingerprint);
    const at = now();
    const pauseMs = session.last === undefined ? undefined : at - session.last.at;
    const timeToLive = options.timeToLive ?? (isSlow(session, pauseMs) ? "1h" : undefined);
    const planned = planDirectives(request, target, {
      key: name,
      ...(options.expectedReuse === undefined ? {} : { expectedReuse: options.expectedReuse }),
      ...(options.stable === undefined ? {} : { stable: options.stable }),
      ...(timeToLive === undefined ? {} : { timeToLive }),
      ...(shared === undefined ? {} : { shared, grows: shared === last?.fingerprint.messages.length }),
    });
    const promptTokens = prefix.of({ messages: prefix.messageCount });
    const expected = expectation({ last, shared, at, prefix, target });
    const call: PlannedCall = { ...planned, session: name, target, promptTokens, ...expected };
    pending.set(call, { last: { model: target.model, fingerprint, at, marks: marksOf(planned, prefix, target) }, pauseMs });
    return call;
  }

  function settle(planned: PlannedCall, completion: Pick<Completion, "usage" | "cache">): CacheOutcome {
    const session = sessionOf(planned.session);
    const left = pending.get(planned);
    pending.delete(planned);
    const outcome = outcomeOf(planned, completion);
    if (left !== undefined) {
      session.last = left.last;
      session.longestPauseMs = Math.max(session.longestPauseMs, left.pauseMs ?? 0);
      session.report = added(session.report, outcome);
    }
    return outcome;
  }

  /** The one used last stands at the end. */
  function sessionOf(name: string): Session {
    const session = sessions.get(name) ?? { longestPauseMs: 0, report: NOTHING };
    sessions.delete(name);
    sessions.set(name, session);
    const [oldest] = sessions.keys();
    if (sessions.size > sessionsMax && oldest !== undefined) sessions.delete(oldest);
    return session;
  }

  return {
    plan,
    settle,
    report: () => [...sessions].map(([session, { report }]) => ({ session, ...report })),
    end: (session) => sessions.delete(session),
  };
}

/** Five minutes are not enough for it, and an hour is. */
function isSlow({ longestPauseMs }: Session, pauseMs = 0): boolean {
  const longest = Math.max(longestPauseMs, pauseMs);
  return longest > FIVE_MINUTES_MS && longest <= LIFE_MS["1h"];
}

/** What this call leaves at the vendor: at its marks, or its whole prompt where the vendor keeps that by itself. */
function marksOf({ directives }: CachePlan, prefix: PrefixTokens, target: CacheTarget): LastCall["marks"] {
  const rule = cachingRule(target);
  const minimum = target.minimumTokens ?? rule?.minimumTokens ?? 0;
  const whole = { end: prefix.messageCount, lifeMs: FIVE_MINUTES_MS };
  const keepsItself = rule?.way === "automatic" || (rule?.way === "objects" && directives.length === 0);
  const marks = keepsItself
    ? [whole]
    : directives.map(({ stable, timeToLive }) => ({ end: prefix.endOf(stable), lifeMs: LIFE_MS[timeToLive ?? "5m"] }));
  return marks.filter(({ end }) => prefix.of(end === 0 ? "tools" : { messages: end }) >= minimum);
}

interface Comparison {
  readonly last: LastCall | undefined;
  readonly shared: number | "tools-changed" | undefined;
  readonly at: number;
  readonly prefix: PrefixTokens;
  readonly target: CacheTarget;
}

/** What the call before has left that this one begins with, or why there is nothing. */
function expectation({ last, shared, at, prefix, target }: Comparison): Pick<PlannedCall, "expectedTokens" | "miss"> {
  const lost = hopeless(prefix.of({ messages: prefix.messageCount }), target, target.capabilities);
  if (lost !== undefined) return nothing(lost);
  if (last === undefined || shared === undefined) return nothing(firstCall("this session has not asked this model before"));
  if (last.marks.length === 0) return nothing(firstCall("the call before left nothing in the cache"));
  if (shared === "tools-changed") return nothing({ reason: "prefix-changed", detail: "the tools are not what they were" });
  // By itself a vendor finds any shared beginning; a mark is found as a whole or not at all.
  const byItself = cachingRule(target)?.way === "automatic";
  const reachable = last.marks.filter(({ end }) => byItself || end <= shared);
  if (reachable.length === 0) {
    const detail = `message ${shared} is not what it was, and every mark was behind it`;
    return nothing({ reason: "prefix-changed", detail, message: shared });
  }
  const alive = reachable.filter(({ lifeMs }) => at - last.at <= lifeMs);
  const furthest = Math.min(Math.max(0, ...alive.map(({ end }) => end)), shared);
  const expectedTokens = alive.length === 0 ? 0 : prefix.of(furthest === 0 ? "tools" : { messages: furthest });
  if (alive.length > 0) return { expectedTokens };
  const seconds = Math.round((at - last.at) / 1000);
  return nothing({ reason: "expired", detail: `the call before was ${seconds} s ago, longer than its prompt was kept` });
}

function nothing(miss: CacheMiss): Pick<PlannedCall, "expectedTokens" | "miss"> {
  return { expectedTokens: 0, miss };
}

function firstCall(detail: string): CacheMiss {
  return { reason: "first-call", detail };
}

/** Less than this part of what was expected is a miss: the rest is the estimate's own error. */
const HIT_PART_MIN = 0.5;

function outcomeOf(planned: PlannedCall, { usage, cache }: Pick<Completion, "usage" | "cache">): CacheOutcome {
  const hit = usage.cacheReadTokens;
  const savedUsd = cache?.savedUsd ?? cacheSavings(usage, planned.target.pricing);
  const expectedTokens = calibrated(planned, usage.inputTokens);
  const miss = hit === undefined ? undefined : missOf(expectedTokens, planned.miss, hit);
  return {
    expectedTokens,
    ...(hit === undefined ? {} : { hitTokens: hit }),
    ...(savedUsd === undefined ? {} : { savedUsd }),
    ...(miss === undefined ? {} : { miss }),
  };
}

/** The estimate in the vendor's own tokens: off by as much as the estimate of the whole prompt was. */
function calibrated({ expectedTokens, promptTokens }: PlannedCall, inputTokens: number | undefined): number {
  if (inputTokens === undefined || inputTokens === 0 || promptTokens === 0) return expectedTokens;
  return Math.round((expectedTokens * inputTokens) / promptTokens);
}

function missOf(expectedTokens: number, miss: CacheMiss | undefined, hit: number): CacheMiss | undefined {
  if (expectedTokens === 0) return hit > 0 ? undefined : miss;
  if (hit >= expectedTokens * HIT_PART_MIN) return undefined;
  return { reason: "unknown", detail: `about ${expectedTokens} tokens should have been there, and ${hit} were read` };
}

function added(report: Session["report"], { expectedTokens, hitTokens, savedUsd, miss }: CacheOutcome): Session["report"] {
  return {
    calls: report.calls + 1,
    expectedTokens: report.expectedTokens + expectedTokens,
    hitTokens: report.hitTokens + (hitTokens ?? 0),
    callsWithUnknownHits: report.callsWithUnknownHits + (hitTokens === undefined ? 1 : 0),
    savedUsd: report.savedUsd + (savedUsd ?? 0),
    callsWithUnknownSavings: report.callsWithUnknownSavings + (savedUsd === undefined ? 1 : 0),
    misses: miss === undefined ? report.misses : { ...report.misses, [miss.reason]: (report.misses[miss.reason] ?? 0) + 1 },
  };
}
