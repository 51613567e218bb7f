/** `dragoman route what-if`: logged calls by another configuration. */
import { loadConfiguration } from "@dragoman/gateway/config";
import type { CallRecord } from "@dragoman/gateway/ledger";
import { DragomanError } from "@dragoman/llm";
import { findConfiguration } from "../config/find-configuration.ts";
import { usd } from "../figures.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { type CallOptions, callFilter } from "../usage/call-filter.ts";
import { eachCall } from "../usage/each-call.ts";
import { withLedger } from "../usage/open-ledger.ts";
import { type MovedCall, type ReplayReport, replayCalls } from "../usage/replay-calls.ts";
import { offlineRegistry } from "../usage/target-prices.ts";
import { count } from "../usage/usage-table.ts";

interface WhatIfOptions extends CallOptions {
  /** Which configuration names the ledger. Default: the one that is found here, else the one that is tried. */
  readonly ledgerOf?: string;
  readonly calls?: boolean;
  readonly last: number;
}

const DEFAULT_SINCE = "7d";

export async function whatIf(options: WhatIfOptions): Promise<void> {
  const { config, ledgerOf, local = false } = options;
  if (config === undefined)
    throw new DragomanError({
      code: "invalid_request",
      detail: "no configuration is named",
      advice: "name the changed one with --config",
    });
  const { configuration } = await loadConfiguration(config);
  const registry = await offlineRegistry(configuration);
  const filter = callFilter(options, Date.now(), DEFAULT_SINCE);
  await withLedger({ config: ledgerOf ?? findConfiguration(undefined) ?? config, local }, async (ledger) => {
    const calls: CallRecord[] = [];
    for await (const call of eachCall(ledger, filter)) {
      calls.push(call);
      if (calls.length >= options.last) break;
    }
    const report = await replayCalls(ledger, calls.toReversed(), { configuration, registry });
    if (options.json === true) console.log(JSON.stringify(report, null, 2));
    else printReport(report, options.calls === true);
  });
  await registry.close();
}

const COLUMNS: readonly Column[] = [
  { title: "ASKED FOR", expendable: 2 },
  { title: "FROM", whole: true },
  { title: "TO", whole: true },
  { title: "CALLS", align: "right" },
  { title: "COST", align: "right" },
  { title: "WOULD COST", align: "right" },
  { title: "DIFFERENCE", align: "right" },
  { title: "WHY", expendable: 1 },
];

function printReport(report: ReplayReport, each: boolean): void {
  const { calls, moved, refused, costUsd, wouldCostUsd, unpriced, withoutContent } = report;
  const { bold, dim } = createPalette(process.stdout);
  if (moved.length > 0) {
    const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
    const groups = each ? moved.map((one) => [one]) : grouped(moved);
    const [titles = "", ...lines] = renderTable(
      each ? [{ title: "ID", whole: true }, ...COLUMNS] : COLUMNS,
      groups.map((group) => cells(group, each)),
      width,
    );
    console.log([bold(titles), ...lines].join("\n"));
  }
  const text = [
    `${count(moved.length)} of ${count(calls)} calls would have gone elsewhere`,
    ...(refused > 0 ? [`${count(refused)} of them nowhere`] : []),
    `${usd(costUsd)} -> ${usd(wouldCostUsd)} (${difference(wouldCostUsd - costUsd)})`,
    ...(unpriced > 0 ? [`${count(unpriced)} of unknown price are in no sum`] : []),
  ];
  console.log(dim(printable(text.join(" · "))));
  if (withoutContent > 0)
    console.error(
      `${count(withoutContent)} calls are judged by their record alone: what they said, and whether they had tools or images, was not kept`,
    );
}

function grouped(moved: readonly MovedCall[]): readonly (readonly MovedCall[])[] {
  const groups = Map.groupBy(moved, ({ asked, from, to, refused }) => JSON.stringify([asked, from, to, refused]));
  return [...groups.values()].toSorted((left, right) => right.length - left.length);
}

function cells(group: readonly MovedCall[], each: boolean): readonly string[] {
  const [first] = group;
  const sum = (name: "costUsd" | "wouldCostUsd"): number => group.reduce((total, one) => total + (one[name] ?? 0), 0);
  const [cost, wouldCost] = [sum("costUsd"), sum("wouldCostUsd")];
  return [
    ...(each ? [first?.id ?? ""] : []),
    first?.asked ?? "",
    first?.from ?? "",
    first?.to ?? "nowhere",
    count(group.length),
    usd(cost),
    usd(wouldCost),
    difference(wouldCost - cost),
    first?.refused ?? first?.reasons.join("; ") ?? "",
  ];
}

function difference(value: number): string {
  return `${value < 0 ? "-" : "+"}${usd(Math.abs(value))}`;
}
