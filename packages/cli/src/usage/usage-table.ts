/** Sums of calls as a table: what they cost first, then where it went and how it went over the days. */
import type { UsageDimension, UsageRow } from "@dragoman/gateway/ledger";
import { duration, usd } from "../figures.ts";
import type { Column } from "../table.ts";
import { sparkline } from "./sparkline.ts";

/** A row with its cost, or where nothing costs anything its calls, over the time. */
export interface UsageTrend {
  readonly row: UsageRow;
  readonly trend: readonly number[];
}

export function usageColumns(by: readonly UsageDimension[], hasTrend: boolean): readonly Column[] {
  return [
    ...by.map((dimension): Column => ({ title: dimension.toUpperCase(), whole: true })),
    { title: "CALLS", align: "right" },
    { title: "FAILED", align: "right", expendable: 4 },
    { title: "INPUT", align: "right", expendable: 2 },
    { title: "CACHED", align: "right", expendable: 5 },
    { title: "OUTPUT", align: "right", expendable: 2 },
    { title: "COST", align: "right" },
    { title: "P50", align: "right", expendable: 6 },
    { title: "P95", align: "right", expendable: 7 },
    ...(hasTrend ? [{ title: "TREND", expendable: 3, whole: true }] : []),
  ];
}

export function usageCells({ row, trend }: UsageTrend, by: readonly UsageDimension[], plain: boolean): readonly string[] {
  const failed = row.calls - (row.outcomes.answered ?? 0);
  return [
    ...by.map((dimension) => row.by[dimension] ?? "–"),
    count(row.calls),
    failed === 0 ? "–" : count(failed),
    tokens(row.inputTokens),
    row.inputTokens === 0 ? "–" : `${Math.round((row.cacheReadTokens / row.inputTokens) * 100)} %`,
    tokens(row.outputTokens),
    // A plus: the price of some is not known.
    `${usd(row.costUsd)}${row.unpriced > 0 ? "+" : ""}`,
    time(row.durationP50Ms),
    time(row.durationP95Ms),
    ...(trend.length === 0 ? [] : [sparkline(trend, plain)]),
  ];
}

/** What a person should know of all of it, in one line. */
export function usageSummary(total: UsageRow): string {
  const { calls, outcomes, costUsd, failedCostUsd, cached, savedUsd, unpriced, estimated } = total;
  const refused = outcomes.refused ?? 0;
  const broken = calls - (outcomes.answered ?? 0) - refused;
  return [
    `${count(calls)} ${calls === 1 ? "call" : "calls"}`,
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
    ...(broken > 0 ? [`${count(broken)} not answered`] : []),
    usd(costUsd),
    ...(failedCostUsd > 0 ? [`of it ${usd(failedCostUsd)} for attempts without an answer`] : []),
    ...(cached > 0 ? [`${count(cached)} from the response cache, which saved ${usd(savedUsd)}`] : []),
    ...(unpriced > 0 ? [`${count(unpriced)} of unknown price`] : []),
    ...(estimated > 0 ? [`${count(estimated)} estimated here`] : []),
  ].join(" · ");
}

export function count(value: number): string {
  return value.toLocaleString("en-GB");
}

/** `850`, `12.3k`, `4.56M`. */
export function tokens(value: number): string {
  if (value < 10_000) return count(value);
  if (value < 999_950) return `${(value / 1_000).toFixed(1)}k`;
  return `${(value / 1_000_000).toFixed(2)}M`;
}

function time(ms: number | undefined): string {
  return ms === undefined ? "–" : duration(ms);
}
