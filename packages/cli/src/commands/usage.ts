/** `dragoman usage`: what was called and what it cost, added up by any columns. */
import type { CallFilter, UsageDimension, UsageRow } from "@dragoman/gateway/ledger";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { renderTable } from "../table.ts";
import { type CallOptions, callFilter } from "../usage/call-filter.ts";
import { withLedger } from "../usage/open-ledger.ts";
import { wantsPlainText } from "../usage/sparkline.ts";
import { type UsageTrend, usageCells, usageColumns, usageSummary } from "../usage/usage-table.ts";

interface UsageOptions extends CallOptions {
  readonly by?: readonly string[];
  readonly timeZone?: string;
  readonly last: number;
  readonly csv?: boolean;
}

const DEFAULT_SINCE = "30d";
const DAY_MS = 86_400_000;
const TIMES: ReadonlySet<string> = new Set(["hour", "day", "month"]);
/** Bars of a trend; of a longer time several days make one. */
const BARS_MAX = 30;
const TREND_ROWS_MAX = 100_000;

export async function usage(options: UsageOptions): Promise<void> {
  const now = Date.now();
  const filter = callFilter(options, now, DEFAULT_SINCE);
  const by = await dimensionsOf(options.by ?? ["model"]);
  const zone = options.timeZone === undefined ? {} : { timeZone: options.timeZone };
  await withLedger(options, async (ledger) => {
    const query = { ...filter, ...zone };
    const rows = inOrder(await ledger.usage({ ...query, by, countMax: options.last }), by);
    if (options.csv === true) {
      const { usageToCsv } = await import("@dragoman/gateway/ledger");
      process.stdout.write(usageToCsv(rows, by));
      return;
    }
    const [total] = await ledger.usage({ ...query, by: [] });
    if (options.json === true) console.log(JSON.stringify({ from: filter.from, to: filter.to, by, rows, total }, null, 2));
    else if (total === undefined || total.calls === 0) console.error(`no call was found${since(filter)}`);
    else printTable(await withTrends(ledger, query, rows, by, now), by, total);
  });
}

async function dimensionsOf(names: readonly string[]): Promise<readonly UsageDimension[]> {
  const { checkedDimensions } = await import("../usage/dimensions.ts");
  return checkedDimensions(names);
}

/** Time goes on from top to bottom; all else stands by what it cost. */
function inOrder(rows: readonly UsageRow[], by: readonly UsageDimension[]): readonly UsageRow[] {
  const [time] = by.filter((dimension) => TIMES.has(dimension));
  if (time === undefined) return rows;
  return rows.toSorted((left, right) => ((left.by[time] ?? "") < (right.by[time] ?? "") ? -1 : 1));
}

async function withTrends(
  ledger: LedgerReader,
  query: CallFilter,
  rows: readonly UsageRow[],
  by: readonly UsageDimension[],
  now: number,
): Promise<readonly UsageTrend[]> {
  if (by.some((dimension) => TIMES.has(dimension))) return rows.map((row) => ({ row, trend: [] }));
  const days = await ledger.usage({ ...query, by: [...by, "day"], countMax: TREND_ROWS_MAX });
  const first = days.reduce((least, { by: { day = "" } }) => (day < least ? day : least), "9999");
  const begin = Date.parse(`${first}T00:00:00Z`);
  const count = Math.max(1, Math.ceil((Math.min(now, query.to ?? now) - begin) / DAY_MS));
  const daysABar = Math.ceil(count / BARS_MAX);
  const costs = rows.some(({ costUsd }) => costUsd > 0);
  const trends = new Map<string, number[]>();
  for (const row of days) {
    const name = nameOf(row, by);
    const trend = trends.get(name) ?? Array.from({ length: Math.ceil(count / daysABar) }, () => 0);
    trends.set(name, trend);
    const bar = Math.floor((Date.parse(`${row.by.day}T00:00:00Z`) - begin) / DAY_MS / daysABar);
    trend[bar] = (trend[bar] ?? 0) + (costs ? row.costUsd : row.calls);
  }
  return rows.map((row) => ({ row, trend: trends.get(nameOf(row, by)) ?? [] }));
}

function nameOf(row: UsageRow, by: readonly UsageDimension[]): string {
  return JSON.stringify(by.map((dimension) => row.by[dimension] ?? null));
}

function printTable(rows: readonly UsageTrend[], by: readonly UsageDimension[], total: UsageRow): void {
  const { bold, dim } = createPalette(process.stdout);
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
  const columns = usageColumns(
    by,
    rows.some(({ trend }) => trend.length > 0),
  );
  const plain = wantsPlainText();
  const [titles = "", ...lines] = renderTable(
    columns,
    rows.map((row) => usageCells(row, by, plain)),
    width,
  );
  console.log([bold(titles), ...lines].join("\n"));
  console.log(dim(printable(usageSummary(total))));
}

function since({ from }: CallFilter): string {
  return from === undefined ? "" : ` since ${new Date(from).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
