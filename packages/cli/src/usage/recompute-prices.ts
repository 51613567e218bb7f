/** The calls of a span at other prices: first only worked out, then, where that is wanted, written. */
import type { GatewayConfiguration } from "@dragoman/gateway";
import type { AttemptRecord, CallFilter, CallRecord, Repriced, RepriceReport } from "@dragoman/gateway/ledger";
import { costOf, DragomanError } from "@dragoman/llm";
import type { CallOptions } from "./call-filter.ts";
import { eachCall } from "./each-call.ts";
import { findGatewayConfiguration, type LedgerOptions, ledgerFile, withLedger } from "./open-ledger.ts";
import { type PriceOf, pricesFrom } from "./target-prices.ts";

export interface RecomputeReport {
  readonly calls: number;
  readonly changed: number;
  readonly beforeUsd: number;
  readonly afterUsd: number;
  /** Attempts whose model has no price in the list: they stay as they are. */
  readonly unpriced: number;
}

export async function recomputePrices(
  options: CallOptions & { readonly prices: string; readonly apply?: boolean },
  filter: CallFilter,
): Promise<RecomputeReport> {
  const configuration = await findGatewayConfiguration(options);
  const priceOf = await pricesFrom(options.prices, configuration);
  const tally = { unpriced: 0 };
  const price = (record: CallRecord): Repriced => ({
    attempts: record.attempts.map((attempt) => repriced(attempt, priceOf, tally)),
  });
  if (options.apply !== true) return { ...(await tried(options, filter, price)), ...tally };
  return { ...(await written(configuration, options, filter, price)), ...tally };
}

async function written(
  configuration: GatewayConfiguration,
  { local = false }: LedgerOptions,
  filter: CallFilter,
  price: (record: CallRecord) => Repriced,
): Promise<RepriceReport> {
  const { store } = configuration;
  if (store.type === "postgres") {
    if (local) throw halfWritten();
    const { repriceSharedLedger } = await import("@dragoman/gateway/offline");
    return repriceSharedLedger(store, filter, price);
  }
  const { openSqliteLedger } = await import("@dragoman/gateway/ledger");
  const ledger = await openSqliteLedger({ file: ledgerFile(configuration) });
  try {
    return await ledger.reprice(filter, price);
  } finally {
    await ledger.end();
  }
}

function halfWritten(): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    field: "local",
    detail: "--local and --apply exclude each other where several nodes share a PostgreSQL: their sums would differ",
    advice: "leave --local out, which changes this node's file and what all nodes share",
  });
}

/** As `reprice` would, and writes nothing. */
async function tried(
  options: CallOptions,
  filter: CallFilter,
  price: (record: CallRecord) => Repriced,
): Promise<Omit<RecomputeReport, "unpriced">> {
  const { repriceRecord } = await import("@dragoman/gateway/offline");
  const report = { calls: 0, changed: 0, beforeUsd: 0, afterUsd: 0 };
  await withLedger(options, async (ledger) => {
    for await (const record of eachCall(ledger, filter)) {
      const changed = repriceRecord(record, price(record));
      report.calls += 1;
      report.beforeUsd += record.knownCostUsd;
      report.afterUsd += (changed ?? record).knownCostUsd;
      if (changed !== undefined) report.changed += 1;
    }
  });
  return report;
}

/** At the hour when it was made: some prices differ by the time of the day. */
function repriced(attempt: AttemptRecord, priceOf: PriceOf, tally: { unpriced: number }): Repriced["attempts"][number] {
  const { provider, model, usage, startedAt, outcome, costUsd } = attempt;
  if (startedAt === undefined || usage === undefined || outcome === "skipped") return undefined;
  // What was not billed at all is not billed by another list either.
  if (costUsd === 0 && outcome !== "answered") return undefined;
  const pricing = priceOf(provider, model);
  const cost = costOf(usage, pricing, "standard", new Date(startedAt));
  if (pricing === undefined || cost === undefined) {
    tally.unpriced += 1;
    return undefined;
  }
  return { costUsd: cost.totalUsd, catalogue: pricing.catalogue };
}
