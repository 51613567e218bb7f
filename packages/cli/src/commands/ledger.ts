/** `dragoman ledger`: the ledger held against an invoice, priced anew, and given out whole. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { ReconcileReport, ReconcileRow } from "@dragoman/gateway/ledger";
import { DragomanError } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { usd } from "../figures.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { type CallOptions, callFilter } from "../usage/call-filter.ts";
import { withLedger } from "../usage/open-ledger.ts";
import { recomputePrices } from "../usage/recompute-prices.ts";
import { count } from "../usage/usage-table.ts";

interface ReconcileCommandOptions extends CallOptions {
  readonly tolerance?: number;
  readonly all?: boolean;
}

/** Status 1 where ledger and invoice differ. */
export async function reconcileInvoice(file: string, options: ReconcileCommandOptions): Promise<void> {
  const { parseInvoice, reconcile } = await import("@dragoman/gateway/ledger");
  const invoice = parseInvoice(await readInvoice(file));
  const { from, to, provider, tolerance } = options;
  await withLedger(options, async (ledger) => {
    const report = await reconcile(ledger, invoice, {
      ...(provider === undefined ? {} : { providers: provider }),
      ...(from === undefined ? {} : { fromDay: from }),
      ...(to === undefined ? {} : { toDay: to }),
      ...(tolerance === undefined ? {} : { tolerance: { share: tolerance / 100 } }),
    });
    if (options.json === true) console.log(JSON.stringify({ format: invoice.format, ...report }, null, 2));
    else printReport(report, invoice.format, options.all === true);
    if (report.rows.some(({ verdict }) => verdict !== "matched")) process.exitCode = EXIT.failed;
  });
}

export async function exportCalls(options: CallOptions): Promise<void> {
  const { callsToJsonLines } = await import("@dragoman/gateway/ledger");
  await withLedger(options, async (ledger) => {
    for await (const line of callsToJsonLines(ledger, callFilter(options, Date.now()))) {
      if (!process.stdout.write(line)) await once(process.stdout, "drain");
    }
  });
}

export async function recompute(options: CallOptions & { readonly prices: string; readonly apply?: boolean }): Promise<void> {
  const report = await recomputePrices(options, callFilter(options, Date.now()));
  if (options.json === true) console.log(JSON.stringify(report, null, 2));
  else {
    const { calls, changed, beforeUsd, afterUsd, unpriced } = report;
    const difference = afterUsd - beforeUsd;
    console.log(
      `${count(calls)} calls, ${count(changed)} of them at another price: ${usd(beforeUsd)} -> ${usd(afterUsd)} (${difference < 0 ? "-" : "+"}${usd(Math.abs(difference))})`,
    );
    if (unpriced > 0) console.error(`${count(unpriced)} attempts have a model without a price there, and stay as they are`);
    console.error(options.apply === true ? "the ledger was changed" : "nothing was changed; --apply writes it");
  }
}

async function readInvoice(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    throw new DragomanError({ code: "invalid_request", detail: `${file} cannot be read (${code})`, cause });
  }
}

const COLUMNS: readonly Column[] = [
  { title: "DAY", whole: true },
  { title: "MODEL" },
  { title: "LEDGER", align: "right" },
  { title: "INVOICE", align: "right" },
  { title: "DIFFERENCE", align: "right" },
  { title: "VERDICT", whole: true },
  { title: "UNPRICED", align: "right", expendable: 1 },
];

function printReport({ rows, by, total }: ReconcileReport, format: string, all: boolean): void {
  const { bold, dim } = createPalette(process.stdout);
  const shown = all ? rows : rows.filter(({ verdict }) => verdict !== "matched");
  const amount = (value: number): string => (by === "usd" ? signedUsd(value) : count(value));
  const cells = (row: ReconcileRow): readonly string[] => [
    row.day,
    row.model ?? "–",
    amount(sideOf(row.ours, by)),
    amount(sideOf(row.theirs, by)),
    amount(row.difference),
    VERDICTS[row.verdict],
    row.unpriced === 0 ? "–" : count(row.unpriced),
  ];
  if (shown.length > 0) {
    const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
    const [titles = "", ...lines] = renderTable(COLUMNS, shown.map(cells), width);
    console.log([bold(titles), ...lines].join("\n"));
  }
  const matched = total.rows.matched ?? 0;
  console.log(
    dim(
      printable(
        `${format}, by ${by === "usd" ? "cost" : "tokens"}: ledger ${amount(total.ours)}, invoice ${amount(total.theirs)}, difference ${amount(total.difference)}; ${matched} of ${rows.length} rows match`,
      ),
    ),
  );
}

const VERDICTS: Readonly<Record<ReconcileRow["verdict"], string>> = {
  matched: "matches",
  under: "ledger has less",
  over: "ledger has more",
  "missing-here": "not in the ledger",
  "missing-there": "not on the invoice",
};

function sideOf({ costUsd = 0, inputTokens = 0, outputTokens = 0 }: ReconcileRow["ours"], by: "usd" | "tokens"): number {
  return by === "usd" ? costUsd : inputTokens + outputTokens;
}

function signedUsd(value: number): string {
  return value < 0 ? `-${usd(-value)}` : usd(value);
}
