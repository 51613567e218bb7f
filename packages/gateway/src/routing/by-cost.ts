/**
 * The cheapest first, by what a call like this will really cost: the price list, the share of prompts that the target's cache has lately
 * served, and how much the model lately wrote. Of a target that nobody has asked lately the others' figures are taken, so that it
 * is tried where its price is lower, and is known from then on.
 */
import { costOf } from "@dragoman/llm";
import type { Ranked, RankingContext } from "./strategies.ts";
import type { TargetFigures } from "./target-statistics.ts";
import type { ListedTarget } from "./target-table.ts";

/** An answer's length where nobody has answered yet. Tokens. */
const OUTPUT_TOKENS = 500;
/** Shares of the cache below this are not worth a word. */
const TOLD_SHARE = 0.005;

export function byCost(targets: readonly ListedTarget[], { statistics, facts, now }: RankingContext): readonly Ranked[] {
  const figures = targets.map(({ name }) => statistics.figures(name, now));
  const usual: Usual = {
    cacheShare: mean(figures.map(({ cacheShare }) => cacheShare)) ?? 0,
    outputTokens: mean(figures.map(({ outputTokens }) => outputTokens)) ?? OUTPUT_TOKENS,
  };
  const { tokens: inputTokens, request } = facts;
  const outputTokensMax = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return targets.map((target, index) => costed(target, figures[index], usual, { inputTokens, outputTokensMax }));
}

interface Usual {
  readonly cacheShare: number;
  readonly outputTokens: number;
}

interface Size {
  readonly inputTokens: number;
  readonly outputTokensMax: number;
}

function costed(target: ListedTarget, known: TargetFigures | undefined, usual: Usual, size: Size): Ranked {
  const { inputTokens } = size;
  const cacheShare = known?.cacheShare ?? usual.cacheShare;
  const outputTokens = Math.min(Math.ceil(known?.outputTokens ?? usual.outputTokens), size.outputTokensMax);
  const cacheReadTokens = Math.round(inputTokens * cacheShare);
  const pricing = target.provider.pricing(target.model);
  const usd = costOf({ inputTokens, outputTokens, cacheReadTokens }, pricing)?.totalUsd;
  if (usd === undefined) return { target, rank: Number.NEGATIVE_INFINITY, reasons: ["its price is unknown"] };
  const cached = cacheShare < TOLD_SHARE ? "" : `, with ${Math.round(cacheShare * 100)} % of the prompt cached`;
  const guessed = known?.cacheShare === undefined ? "; it was not measured lately" : "";
  return { target, rank: -usd, score: -usd, reasons: [`about ${usd.toPrecision(3)} USD${cached}${guessed}`] };
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}
