/**
 * What is measured of each target: how long it takes, how much of its prompts comes from its cache, what its tokens really cost. Each
 * figure is a mean in which an observation loses half its weight every two minutes, so that a vendor's bad quarter of an hour is
 * forgotten after one, and a target that nobody asks becomes unknown again rather than slow for good.
 */
import type { ObservedAttempt } from "./router.ts";

/** What is known of one target now. Absent: too little was seen lately. */
export interface TargetFigures {
  /** To the first token of a stream; of an answer in one piece, to its end. */
  readonly latencyMs?: number;
  /** Of input tokens: how many came from the prompt cache. 0 to 1. */
  readonly cacheShare?: number;
  /** Output tokens for each input token. */
  readonly outputPerInput?: number;
  /** Weight of what was observed: about the number of calls in the last minutes. */
  readonly weight: number;
}

export interface TargetStatistics {
  observe(attempt: ObservedAttempt): void;
  /** `now`: milliseconds since 1970. */
  figures(target: string, now: number): TargetFigures;
}

const HALF_LIFE_MS = 120_000;
/** Below this weight a figure says too little: what one call of ten minutes ago is worth. */
const WEIGHT_MIN = 0.05;
const TARGETS_MAX = 10_000;

interface Sums {
  at: number;
  calls: number;
  latencyMs: number;
  tokenCalls: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

export function createTargetStatistics(): TargetStatistics {
  const known = new Map<string, Sums>();

  function sumsOf(target: string, at: number): Sums {
    const sums = known.get(target) ?? newSums(at);
    known.delete(target);
    known.set(target, sums);
    const [oldest] = known.size > TARGETS_MAX ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    return sums;
  }

  return {
    observe({ target, outcome, at, firstTokenMs, durationMs, inputTokens, cacheReadTokens = 0, outputTokens = 0 }) {
      if (outcome === "aborted") return;
      const endedAt = at + durationMs;
      const sums = sumsOf(target, endedAt);
      decay(sums, endedAt);
      // A failure counts with the time that it took from the caller: a quick refusal must not make a target look fast.
      sums.calls += 1;
      sums.latencyMs += outcome === "failed" ? Math.max(durationMs, FAILURE_MS) : (firstTokenMs ?? durationMs);
      if (outcome === "failed" || inputTokens === undefined) return;
      sums.tokenCalls += 1;
      sums.inputTokens += inputTokens;
      sums.cacheReadTokens += cacheReadTokens;
      sums.outputTokens += outputTokens;
    },
    figures(target, now) {
      const sums = known.get(target);
      if (sums === undefined) return { weight: 0 };
      const share = decayOver(now - sums.at);
      const weight = sums.calls * share;
      if (weight < WEIGHT_MIN) return { weight };
      const hasTokens = sums.tokenCalls * share >= WEIGHT_MIN && sums.inputTokens > 0;
      return {
        weight,
        latencyMs: sums.latencyMs / sums.calls,
        ...(hasTokens
          ? { cacheShare: sums.cacheReadTokens / sums.inputTokens, outputPerInput: sums.outputTokens / sums.inputTokens }
          : {}),
      };
    },
  };
}

/** What a failed attempt costs its caller at least, before another target answers. Milliseconds. */
const FAILURE_MS = 10_000;

function newSums(at: number): Sums {
  return { at, calls: 0, latencyMs: 0, tokenCalls: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };
}

function decay(sums: Sums, now: number): void {
  const share = decayOver(now - sums.at);
  sums.at = Math.max(sums.at, now);
  for (const name of ["calls", "latencyMs", "tokenCalls", "inputTokens", "cacheReadTokens", "outputTokens"] as const) {
    sums[name] *= share;
  }
}

/** A clock that went back forgets nothing. */
function decayOver(elapsedMs: number): number {
  return elapsedMs <= 0 ? 1 : 2 ** (-elapsedMs / HALF_LIFE_MS);
}
