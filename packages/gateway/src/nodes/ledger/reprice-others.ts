/** Other prices for calls that other nodes have brought: their files are elsewhere, so it is the copy that is changed. */
import type { Pool } from "pg";
import { boundRecord } from "../../ledger/bounded-record.ts";
import type { CallRecord } from "../../ledger/call-record.ts";
import type { CallFilter, Repriced, RepriceReport } from "../../ledger/ledger.ts";
import { fromNanoUsd, toNanoUsd } from "../../ledger/money.ts";
import { repriceRecord } from "../../ledger/reprice-record.ts";
import type { CallPosition } from "../../ledger/usage/call-cursor.ts";
import { inSharedTables } from "./in-shared-tables.ts";
import { readOthersCalls } from "./read-shared-calls.ts";
import { rewriteCalls } from "./write-shipped.ts";

/** Calls of one transaction. */
const BATCH = 200;

/** Batch by batch; what has been changed stays changed should a later batch fail, and asking again does the rest. */
export async function repriceOthers(
  pool: Pool,
  source: string,
  filter: CallFilter,
  price: (record: CallRecord) => Repriced | undefined,
): Promise<RepriceReport> {
  const report = { calls: 0, changed: 0, beforeNanoUsd: 0, afterNanoUsd: 0 };
  let after: CallPosition | undefined;
  do {
    const batch = await inSharedTables(pool, "writing", async (client) => {
      const calls = await readOthersCalls(client, filter, { source, after, countMax: BATCH });
      const changed: CallRecord[] = [];
      for (const record of calls) {
        const prices = price(record);
        const repriced = prices === undefined ? undefined : repriceRecord(record, prices);
        report.calls += 1;
        report.beforeNanoUsd += toNanoUsd(record.knownCostUsd);
        report.afterNanoUsd += toNanoUsd((repriced ?? record).knownCostUsd);
        if (repriced !== undefined) changed.push(boundRecord(repriced));
      }
      await rewriteCalls(client, changed);
      report.changed += changed.length;
      return calls;
    });
    after = batch.length < BATCH ? undefined : batch.at(-1);
  } while (after !== undefined);
  const { calls, changed, beforeNanoUsd, afterNanoUsd } = report;
  return { calls, changed, beforeUsd: fromNanoUsd(beforeNanoUsd), afterUsd: fromNanoUsd(afterNanoUsd) };
}
