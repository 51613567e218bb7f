/**
 * How the targets that may take a call are put in order, one function a strategy. Each gives a score, larger is better, and says in
 * words where it comes from. Targets of a lower `order` always come first.
 */
import { costOf } from "@dragoman/llm";
import type { RouteStrategy } from "../configuration.ts";
import type { RoutedFacts } from "./judge-target.ts";
import type { ResolvedTarget } from "./resolve-name.ts";
import type { TargetStatistics } from "./target-statistics.ts";

export interface Ranked {
  readonly target: ResolvedTarget;
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface RankingContext {
  readonly statistics: TargetStatistics;
  readonly facts: RoutedFacts;
  readonly random: () => number;
  readonly now: number;
}

export type Strategy = (targets: readonly ResolvedTarget[], context: RankingContext) => readonly Ranked[];

export const STRATEGIES: Readonly<Record<RouteStrategy, Strategy>> = {
  order: (targets) =>
    byOrder(targets.map((target, index) => ({ target, score: -index, reasons: [`stands at place ${index + 1}`] }))),
  weight: (targets, context) => byOrder(byWeight(targets, context)),
  latency: (targets, context) => byOrder(targets.map((target) => byLatency(target, context))),
  cost: (targets, context) => byOrder(targets.map((target) => byCost(target, context))),
};

/** A stable sort: what scores alike stays in the order of the configuration. */
function byOrder(ranked: readonly Ranked[]): readonly Ranked[] {
  return ranked.toSorted((left, right) => left.target.entry.order - right.target.entry.order || right.score - left.score);
}

/**
 * A random order in which each target comes first as often as its share of the weights: the largest of `u^(1/weight)`
 * (Efraimidis and Spirakis, 2006).
 */
function byWeight(targets: readonly ResolvedTarget[], { random }: RankingContext): readonly Ranked[] {
  const total = targets.reduce((sum, { entry }) => sum + entry.weight, 0);
  return targets.map((target) => {
    const { weight } = target.entry;
    const score = weight > 0 ? random() ** (1 / weight) : 0;
    return { target, score, reasons: [`weight ${weight} of ${total}`] };
  });
}

/** Now and then a target that nobody has measured lately is asked first, else it would never be known again. */
const EXPLORED_SHARE = 0.02;

function byLatency(target: ResolvedTarget, { statistics, random, now }: RankingContext): Ranked {
  const { latencyMs } = statistics.figures(target.name, now);
  if (latencyMs !== undefined) return { target, score: -latencyMs, reasons: [`takes ${Math.round(latencyMs)} ms lately`] };
  const explored = random() < EXPLORED_SHARE;
  return {
    target,
    score: explored ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
    reasons: [explored ? "was not measured lately, and is tried" : "was not measured lately"],
  };
}

/** Where nothing was seen: an answer is taken to be a quarter as long as its prompt, and nothing to be cached. */
const OUTPUT_PER_INPUT = 0.25;

function byCost(target: ResolvedTarget, { statistics, facts, now }: RankingContext): Ranked {
  const { cacheShare = 0, outputPerInput = OUTPUT_PER_INPUT } = statistics.figures(target.name, now);
  const inputTokens = facts.tokens;
  const outputTokens = Math.ceil(inputTokens * outputPerInput);
  const cacheReadTokens = Math.round(inputTokens * cacheShare);
  const pricing = target.provider.pricing(target.model);
  const usd = costOf({ inputTokens, outputTokens, cacheReadTokens }, pricing)?.totalUsd;
  if (usd === undefined) return { target, score: Number.NEGATIVE_INFINITY, reasons: ["its price is unknown"] };
  const cached = cacheShare > 0.005 ? `, ${Math.round(cacheShare * 100)} % of its prompts cached` : "";
  return { target, score: -usd, reasons: [`about ${usd.toPrecision(3)} USD${cached}`] };
}
