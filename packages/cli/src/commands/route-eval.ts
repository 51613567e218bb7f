/** `dragoman route eval`: the complexity scorer over logged calls. */
import { usd } from "../figures.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { type CallOptions, callFilter } from "../usage/call-filter.ts";
import { eachCall } from "../usage/each-call.ts";
import { type EvaluationReport, evaluateComplexity, type VerdictRow } from "../usage/evaluate-complexity.ts";
import { withLedger } from "../usage/open-ledger.ts";
import { pricesFrom } from "../usage/target-prices.ts";
import { count } from "../usage/usage-table.ts";

const DEFAULT_SINCE = "30d";

export async function evaluateRoutes(options: CallOptions & { readonly simple?: string }): Promise<void> {
  const filter = callFilter(options, Date.now(), DEFAULT_SINCE);
  await withLedger(options, async (ledger, configured) => {
    const configuration = await configured();
    const report = await evaluateComplexity(ledger, eachCall(ledger, filter), {
      configuration,
      priceOf: await pricesFrom("bundled", configuration),
      ...(options.simple === undefined ? {} : { simple: options.simple }),
    });
    if (options.json === true) console.log(JSON.stringify(report, null, 2));
    else printReport(report);
  });
}

const COLUMNS: readonly Column[] = [
  { title: "ROUTE", whole: true },
  { title: "VERDICT", whole: true },
  { title: "CALLS", align: "right" },
  { title: "COST", align: "right" },
  { title: "IF ACTED", align: "right" },
  { title: "SAVED", align: "right" },
  { title: "FOR EXAMPLE", expendable: 1 },
];

function printReport(report: EvaluationReport): void {
  const { rows, unread, rejudged, agreed } = report;
  if (rows.length > 0) {
    const { bold, dim } = createPalette(process.stdout);
    const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
    const [titles = "", ...lines] = renderTable(COLUMNS, rows.map(cells), width);
    console.log([bold(titles), ...lines].join("\n"));
    console.log(dim(printable(summary(report))));
  } else console.error("no call of a route with a simple target was found that could be judged");
  if (unread > 0)
    console.error(`${count(unread)} calls could not be judged: what they said was not kept (ledger: { content: true } keeps it)`);
  if (rejudged > 0) console.error(`${count(agreed)} of ${count(rejudged)} calls that were judged before are judged the same now`);
}

function cells(row: VerdictRow): readonly string[] {
  const { route, verdict, calls, costUsd, actedUsd, unpriced, examples } = row;
  const plus = unpriced > 0 ? "+" : "";
  return [
    route,
    verdict,
    count(calls),
    `${usd(costUsd)}${plus}`,
    `${usd(actedUsd)}${plus}`,
    difference(costUsd - actedUsd),
    examples[0] ?? "–",
  ];
}

function summary({ costUsd, actedUsd, rows }: EvaluationReport): string {
  const saved = costUsd - actedUsd;
  const share = costUsd > 0 ? ` (${Math.round((saved / costUsd) * 100)} %)` : "";
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced, 0);
  return `${usd(costUsd)} in fact, ${usd(actedUsd)} had it acted: ${difference(saved)}${share} saved${unpriced > 0 ? `; ${count(unpriced)} calls of unknown price are in no sum` : ""}`;
}

function difference(value: number): string {
  return value < 0 ? `-${usd(-value)}` : usd(value);
}
