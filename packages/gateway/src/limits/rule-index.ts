/**
 * Which rules a call falls under. Rules that name values are found by one of these, so that a thousand rules for a thousand
 * keys cost a call no more than its own.
 */
import type { Dimension } from "../configuration.ts";
import type { MeteredCall } from "./meter.ts";
import { fallsUnder, type MeteredRule, type Stage } from "./metered-rule.ts";

export interface RuleIndex {
  /** In no particular order. */
  find(call: MeteredCall, stage: Stage): readonly MeteredRule[];
}

type ByValue = Map<string, MeteredRule[]>;

interface StageIndex {
  readonly ofAll: MeteredRule[];
  readonly byDimension: Map<Dimension, ByValue>;
}

export function createRuleIndex(rules: readonly MeteredRule[]): RuleIndex {
  const stages: Readonly<Record<Stage, StageIndex>> = { call: indexOf(rules, "call"), attempt: indexOf(rules, "attempt") };
  return {
    find(call, stage) {
      const { ofAll, byDimension } = stages[stage];
      const found: MeteredRule[] = [];
      for (const rule of ofAll) if (fallsUnder(rule, call)) found.push(rule);
      for (const [dimension, byValue] of byDimension) {
        const value = call[dimension];
        const named = value === undefined ? undefined : byValue.get(value);
        if (named !== undefined) for (const rule of named) if (fallsUnder(rule, call)) found.push(rule);
      }
      return found;
    },
  };
}

function indexOf(rules: readonly MeteredRule[], stage: Stage): StageIndex {
  const index: StageIndex = { ofAll: [], byDimension: new Map() };
  for (const rule of rules) if (rule.stage === stage) enter(index, rule);
  return index;
}

function enter({ ofAll, byDimension }: StageIndex, rule: MeteredRule): void {
  // The first is the one that tells most calls apart.
  const [named] = rule.of;
  if (named === undefined) {
    ofAll.push(rule);
    return;
  }
  const [dimension, values] = named;
  const byValue: ByValue = byDimension.get(dimension) ?? new Map<string, MeteredRule[]>();
  byDimension.set(dimension, byValue);
  for (const value of values) {
    const rulesOfValue = byValue.get(value);
    if (rulesOfValue === undefined) byValue.set(value, [rule]);
    else rulesOfValue.push(rule);
  }
}
