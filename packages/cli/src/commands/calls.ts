/** `dragoman calls`: the calls, newest first, one a line. */
import type { CallRecord } from "@dragoman/gateway/ledger";
import { duration, usd } from "../figures.ts";
import { createPalette } from "../palette.ts";
import { type Column, renderTable } from "../table.ts";
import { type CallOptions, callFilter } from "../usage/call-filter.ts";
import { withLedger } from "../usage/open-ledger.ts";
import { tokens } from "../usage/usage-table.ts";

export async function listCalls(options: CallOptions & { readonly last: number }): Promise<void> {
  const filter = callFilter(options, Date.now());
  await withLedger(options, async (ledger) => {
    const { calls } = await ledger.calls({ ...filter, countMax: options.last });
    if (options.json === true) console.log(JSON.stringify(calls, null, 2));
    else if (calls.length === 0) console.error("no call was found");
    else printCalls(calls);
  });
}

const COLUMNS: readonly Column[] = [
  { title: "TIME (UTC)", whole: true },
  { title: "ID", whole: true },
  { title: "OUTCOME" },
  { title: "ASKED FOR" },
  { title: "ANSWERED BY", expendable: 1 },
  { title: "IN", align: "right", expendable: 4 },
  { title: "OUT", align: "right", expendable: 4 },
  { title: "COST", align: "right" },
  { title: "TOOK", align: "right", expendable: 2 },
  { title: "KEY", expendable: 5 },
  { title: "TEAM", expendable: 6 },
];

function printCalls(calls: readonly CallRecord[]): void {
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
  const [titles = "", ...lines] = renderTable(COLUMNS, calls.map(cells), width);
  console.log([createPalette(process.stdout).bold(titles), ...lines].join("\n"));
}

function cells(call: CallRecord): readonly string[] {
  const { startedAt, id, outcome, code, asked, provider, model, usage, costUsd, durationMs, key, team, cached } = call;
  return [
    new Date(startedAt).toISOString().slice(0, 19).replace("T", " "),
    id,
    outcome === "answered" ? (cached === undefined ? outcome : "cached") : (code ?? outcome),
    asked,
    provider === undefined ? "–" : `${provider}:${model}`,
    usage.inputTokens === undefined ? "–" : tokens(usage.inputTokens),
    usage.outputTokens === undefined ? "–" : tokens(usage.outputTokens),
    costUsd === undefined ? "–" : usd(costUsd),
    duration(durationMs),
    key,
    team ?? "–",
  ];
}
