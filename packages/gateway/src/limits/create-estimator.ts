/** Estimates learned from what calls have used, per key and model; see the contract in `estimate.ts`. */
import { type CompletionCall, costOf, type Pricing, type Usage } from "@dragoman/llm";
import type { Amounts } from "../ledger/call-record.ts";
import type { EstimateKey, Estimator } from "./estimate.ts";
import { createPromptSize } from "./prompt-size.ts";
import { createRecentFigures, type RecentFigures } from "./recent-figures.ts";

export interface EstimatorOptions {
  /** Pairs of key and model that are remembered; the one unused for longest is forgotten first. Default 10 000, at most about 30 MB. */
  readonly pairsMax?: number;
  /** Milliseconds since 1970: some prices vary over the day. Default `Date.now`. */
  readonly wall?: () => number;
}

/** Output of a call of which nothing is known. Tokens. */
const OUTPUT_TOKENS_PRIOR = 1_000;
/** Answers from which on habit counts for more than the prior. */
const ANSWERS_MIN = 8;
/** Weight of the latest call in the correction of input. */
const LATEST_SHARE = 0.1;
/** How far a correction may go: beyond it, it is not the length that was wrong. */
const CORRECTION_MIN = 0.25;
const CORRECTION_MAX = 8;
/** Estimates of calls under way that are remembered for one pair. */
const PENDING_MAX = 64;

/** What is known of the calls of one key to one model. */
interface Habit {
  readonly outputs: RecentFigures;
  /** Tokens of input for each that was counted by length. */
  correction: number;
  /** What was counted by length, by what was estimated of it: a correction must not be learned from corrected figures. */
  readonly pending: Map<number, number>;
}

export function createEstimator({ pairsMax = 10_000, wall = Date.now }: EstimatorOptions = {}): Estimator {
  const habits = new Map<string, Habit>();
  const promptSize = createPromptSize();
  let latest: { readonly name: string; readonly habit: Habit } | undefined;

  function habitOf(key: EstimateKey): Habit {
    const name = nameOf(key);
    // It stands last already.
    if (latest?.name === name) return latest.habit;
    const habit = movedLast(name);
    latest = { name, habit };
    return habit;
  }

  function movedLast(name: string): Habit {
    const habit = habits.get(name) ?? { outputs: createRecentFigures(), correction: 1, pending: new Map<number, number>() };
    habits.delete(name);
    habits.set(name, habit);
    const [oldest] = habits.size > pairsMax ? habits.keys() : [];
    if (oldest !== undefined) habits.delete(oldest);
    return habit;
  }

  function estimate(key: EstimateKey, call: CompletionCall, pricing: Pricing | undefined): Amounts {
    const habit = habitOf(key);
    const counted = promptSize(call);
    const inputTokens = Math.ceil(counted * habit.correction);
    remember(habit, inputTokens, counted);
    const outputTokens = Math.min(Math.max(0, call.maxOutputTokens ?? Number.POSITIVE_INFINITY), expectedOutput(habit));
    const cost = pricing === undefined ? undefined : costOf({ inputTokens, outputTokens }, pricing, "standard", wall());
    return { requests: 1, inputTokens, outputTokens, ...(cost === undefined ? {} : { usd: cost.totalUsd }) };
  }

  function learn(key: EstimateKey, { estimatedInputTokens }: { readonly estimatedInputTokens: number }, usage: Usage): void {
    const habit = habitOf(key);
    if (isCount(usage.outputTokens)) habit.outputs.add(usage.outputTokens);
    const counted = habit.pending.get(estimatedInputTokens) ?? estimatedInputTokens / habit.correction;
    if (!isCount(usage.inputTokens) || usage.inputTokens === 0 || !(counted > 0)) return;
    const right = usage.inputTokens / counted;
    const moved = habit.correction + (right - habit.correction) * LATEST_SHARE;
    habit.correction = Math.min(CORRECTION_MAX, Math.max(CORRECTION_MIN, moved));
  }

  return { estimate, learn };
}

function remember({ pending }: Habit, estimated: number, counted: number): void {
  pending.delete(estimated);
  pending.set(estimated, counted);
  const [oldest] = pending.size > PENDING_MAX ? pending.keys() : [];
  if (oldest !== undefined) pending.delete(oldest);
}

function expectedOutput({ outputs }: Habit): number {
  if (outputs.count >= ANSWERS_MIN) return outputs.percentile95();
  // A first long answer says more than the prior, a first short one less.
  return Math.max(OUTPUT_TOKENS_PRIOR, outputs.max());
}

function isCount(figure: number | undefined): figure is number {
  return figure !== undefined && figure >= 0 && Number.isFinite(figure);
}

function nameOf({ key, provider, model }: EstimateKey): string {
  // A provider's name has no colon.
  return `${key.length}:${key}${provider}:${model}`;
}
