/**
 * How the targets that may take a call are put in order, one function a strategy. Each gives a score, larger is better, and says in
 * words where it comes from. Targets of a lower `order` always come first.
 */
import type { RouteStrategy } from "../configuration.ts";
import { byCost } from "./by-cost.ts";
import { byLatency } from "./by-latency.ts";
import type { RoutedFacts } from "./judge-target.ts";
import type { TargetStatistics } from "./target-statistics.ts";
import type { ListedTarget } from "./target-table.ts";

export interface Ranked {
  readonly target: ListedTarget;
  /** Larger comes first. */
  readonly rank: number;
  /** As it is told; absent where there is nothing to tell by. */
  readonly score?: number;
  readonly reasons: readonly string[];
}

export interface RankingContext {
  readonly statistics: TargetStatistics;
  readonly facts: RoutedFacts;
  readonly random: () => number;
  readonly now: number;
}

export type Strategy = (targets: readonly ListedTarget[], context: RankingContext) => readonly Ranked[];

const STRATEGIES: Readonly<Record<RouteStrategy, Strategy>> = {
  order: (targets) => targets.map((target, index) => ({ target, rank: -index, reasons: [`stands at place ${index + 1}`] })),
  weight: byWeight,
  latency: byLatency,
  cost: byCost,
};

/** A stable sort: what ranks alike stays in the order of the configuration. */
export function rankTargets(
  strategy: RouteStrategy,
  targets: readonly ListedTarget[],
  context: RankingContext,
): readonly Ranked[] {
  return STRATEGIES[strategy](targets, context).toSorted(
    (left, right) => left.target.order - right.target.order || compareRanks(left.rank, right.rank),
  );
}

/** Two that are infinite have no difference. */
function compareRanks(left: number, right: number): number {
  return left === right ? 0 : right - left;
}

/**
 * A random order in which each target comes first as often as its share of the weights: the largest of `u^(1/weight)`
 * (Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006). Weight 0 comes last.
 */
function byWeight(targets: readonly ListedTarget[], { random }: RankingContext): readonly Ranked[] {
  const totals = new Map<number, number>();
  for (const { order, weight } of targets) totals.set(order, (totals.get(order) ?? 0) + weight);
  return targets.map((target) => {
    const { weight, order } = target;
    const rank = weight > 0 ? random() ** (1 / weight) : -1;
    return { target, rank, score: weight > 0 ? rank : 0, reasons: [`weight ${weight} of ${totals.get(order)}`] };
  });
}
