/** What came of a batch, added up: answers, failures by kind, tokens, cost, and what the same would cost as calls. */
import { type BatchResult, type Cost, costOf, type Provider, sumCosts, sumUsage, type Usage } from "@dragoman/llm";
import { usd } from "../figures.ts";

export interface Tally {
  add(result: BatchResult): void;
  summary(): BatchSummary;
}

export interface BatchSummary {
  readonly answered: number;
  readonly failed: number;
  /** Error code -> items. */
  readonly failures: Readonly<Record<string, number>>;
  readonly usage: Usage;
  /** Absent when that of any answer is unknown. */
  readonly cost?: Cost;
  /** At the rates of a single call. Absent when they are unknown. */
  readonly standardUsd?: number;
}

export function createTally(provider: Provider): Tally {
  const failures: Record<string, number> = {};
  let answered = 0;
  let failed = 0;
  let usage: Usage | undefined;
  let cost: { readonly sum: Cost | undefined } | undefined;
  let standard: { readonly sum: Cost | undefined } | undefined;
  const added = (sum: typeof cost, one: Cost | undefined) => ({ sum: sum === undefined ? one : sumCosts([sum.sum, one]) });
  return {
    add(result) {
      if ("error" in result) {
        failed += 1;
        failures[result.error.code] = (failures[result.error.code] ?? 0) + 1;
        return;
      }
      const { completion } = result;
      answered += 1;
      usage = usage === undefined ? sumUsage([completion.usage]) : sumUsage([usage, completion.usage]);
      cost = added(cost, completion.cost);
      standard = added(standard, costOf(completion.usage, provider.pricing(completion.origin.model)));
    },
    summary: () => ({
      answered,
      failed,
      failures,
      usage: usage ?? {},
      ...(cost?.sum === undefined ? {} : { cost: cost.sum }),
      ...(standard?.sum === undefined ? {} : { standardUsd: standard.sum.totalUsd }),
    }),
  };
}

/** One line for a person. */
export function summaryLine(summary: BatchSummary): string {
  const { answered, failed, failures, usage } = summary;
  const kinds = Object.entries(failures).map(([code, count]) => `${count} ${code}`);
  return [
    `${answered} answered`,
    ...(failed === 0 ? [] : [`${failed} failed (${kinds.join(", ")})`]),
    ...(answered === 0 ? [] : [`${usage.inputTokens ?? "?"} in, ${usage.outputTokens ?? "?"} out`, costWords(summary)]),
  ].join(" · ");
}

function costWords({ cost, standardUsd }: BatchSummary): string {
  if (cost === undefined) return standardUsd === undefined ? "cost unknown" : `cost unknown (${usd(standardUsd)} as calls)`;
  const about = cost.estimated === true ? "about " : "";
  const isCheaper = standardUsd !== undefined && standardUsd > 0 && cost.totalUsd < standardUsd * 0.999;
  if (!isCheaper) return `${about}${usd(cost.totalUsd)}`;
  return `${about}${usd(cost.totalUsd)}, ${Math.round((1 - cost.totalUsd / standardUsd) * 100)} % below the ${usd(standardUsd)} of calls`;
}
