/**
 * What is measured of each target: how soon it speaks, how long it takes, how much of its prompts comes from its cache, how much it writes. Each
 * figure is a mean in which an observation loses half its weight every two minutes, so that a vendor's bad quarter of an hour is forgotten
 * after one; and what nobody has asked for half an hour is unknown again rather than slow for good.
 */
import { ERROR_TABLE, type ErrorCode } from "@dragoman/llm";
import type { ObservedAttempt } from "./router.ts";

/** What is known of one target now. Absent: nothing was seen of it. */
export interface TargetFigures {
  /** To the first token of a stream. */
  readonly firstTokenMs?: number;
  /** To the end of an answer in one piece. */
  readonly answerMs?: number;
  /** Of input tokens: how many came from the prompt cache. 0 to 1. */
  readonly cacheShare?: number;
  /** Of an answer. */
  readonly outputTokens?: number;
  /** Observations of time, failures included, since it was forgotten last. */
  readonly measured: number;
  /** Of those, about how many were within the last minutes. */
  readonly weight: number;
}

export interface TargetStatistics {
  observe(attempt: ObservedAttempt): void;
  /** `now`: milliseconds since 1970. */
  figures(target: string, now: number): TargetFigures;
}

const HALF_LIFE_MS = 120_000;
/** After so long without an attempt a target is unknown. */
const FORGOTTEN_MS = 30 * 60_000;
/** What a failed attempt costs its caller at least, before another target answers: a quick refusal must not make a target look fast. */
const FAILURE_MS = 10_000;
const TARGETS_MAX = 10_000;
const UNKNOWN: TargetFigures = { measured: 0, weight: 0 };

/** Decayed sums. */
interface Sums {
  at: number;
  measured: number;
  weight: number;
  firstTokens: number;
  firstTokenMs: number;
  answers: number;
  answerMs: number;
  counted: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

export function createTargetStatistics(targetsMax = TARGETS_MAX): TargetStatistics {
  const known = new Map<string, Sums>();

  function sumsOf(target: string, now: number): Sums {
    const kept = known.get(target);
    const sums = kept === undefined || isForgotten(kept, now) ? newSums(now) : kept;
    known.delete(target);
    known.set(target, sums);
    const [oldest] = known.size > targetsMax ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    decay(sums, now);
    return sums;
  }

  function observe(attempt: ObservedAttempt): void {
    const { target, at, durationMs } = attempt;
    const endedAt = at + durationMs;
    if (attempt.outcome === "failed") {
      if (!isOfTarget(attempt.code)) return;
      addFailure(sumsOf(target, endedAt), Math.max(durationMs, FAILURE_MS));
    } else if (attempt.outcome === "aborted") addAborted(sumsOf(target, endedAt), attempt);
    else addAnswer(sumsOf(target, endedAt), attempt);
  }

  function figures(target: string, now: number): TargetFigures {
    const sums = known.get(target);
    if (sums === undefined || isForgotten(sums, now)) return UNKNOWN;
    const { measured, firstTokens, answers, counted } = sums;
    return {
      measured,
      weight: sums.weight * decayOver(now - sums.at),
      ...(firstTokens > 0 ? { firstTokenMs: sums.firstTokenMs / firstTokens } : {}),
      ...(answers > 0 ? { answerMs: sums.answerMs / answers } : {}),
      ...(counted > 0 ? { outputTokens: sums.outputTokens / counted } : {}),
      ...(sums.inputTokens > 0 ? { cacheShare: Math.min(1, sums.cacheReadTokens / sums.inputTokens) } : {}),
    };
  }

  return { observe, figures };
}

function addAnswer(
  sums: Sums,
  { firstTokenMs, durationMs, inputTokens, cacheReadTokens = 0, outputTokens }: ObservedAttempt,
): void {
  sums.measured += 1;
  sums.weight += 1;
  if (firstTokenMs === undefined) addAnswerTime(sums, durationMs);
  else addFirstToken(sums, firstTokenMs);
  if (inputTokens === undefined || outputTokens === undefined) return;
  sums.counted += 1;
  sums.inputTokens += inputTokens;
  sums.cacheReadTokens += cacheReadTokens;
  sums.outputTokens += outputTokens;
}

/** It keeps streams and whole answers waiting alike. */
function addFailure(sums: Sums, ms: number): void {
  sums.measured += 1;
  sums.weight += 1;
  addFirstToken(sums, ms);
  addAnswerTime(sums, ms);
}

/** Who left after the first token has measured it; who left before has only shown that it takes no less. */
function addAborted(sums: Sums, { firstTokenMs, durationMs }: ObservedAttempt): void {
  const mean = sums.firstTokens > 0 ? sums.firstTokenMs / sums.firstTokens : FAILURE_MS;
  if (firstTokenMs === undefined && durationMs <= mean) return;
  sums.measured += 1;
  sums.weight += 1;
  addFirstToken(sums, firstTokenMs ?? durationMs);
}

function addFirstToken(sums: Sums, ms: number): void {
  sums.firstTokens += 1;
  sums.firstTokenMs += ms;
}

function addAnswerTime(sums: Sums, ms: number): void {
  sums.answers += 1;
  sums.answerMs += ms;
}

/** Not the caller's own mistake, nor what one prompt met: other calls would not meet it. */
function isOfTarget(code: ErrorCode | undefined): boolean {
  if (code === undefined) return true;
  const { scope, action } = ERROR_TABLE[code];
  return scope !== "request" && action !== "compact-context" && code !== "unsupported" && code !== "invalid_output";
}

function newSums(at: number): Sums {
  return {
    at,
    measured: 0,
    weight: 0,
    firstTokens: 0,
    firstTokenMs: 0,
    answers: 0,
    answerMs: 0,
    counted: 0,
    inputTokens: 0,
    cacheReadTokens: 0,
    outputTokens: 0,
  };
}

function isForgotten({ at }: Sums, now: number): boolean {
  return now - at > FORGOTTEN_MS;
}

function decay(sums: Sums, now: number): void {
  const share = decayOver(now - sums.at);
  sums.at = Math.max(sums.at, now);
  if (share === 1) return;
  sums.weight *= share;
  sums.firstTokens *= share;
  sums.firstTokenMs *= share;
  sums.answers *= share;
  sums.answerMs *= share;
  sums.counted *= share;
  sums.inputTokens *= share;
  sums.cacheReadTokens *= share;
  sums.outputTokens *= share;
}

/** A clock that went back forgets nothing. */
function decayOver(elapsedMs: number): number {
  return elapsedMs <= 0 ? 1 : 2 ** (-elapsedMs / HALF_LIFE_MS);
}
