import type { DatabaseSync } from "node:sqlite";
import { boundRecord } from "../bounded-record.ts";
import type { CallRecord } from "../call-record.ts";
import type { CallFilter, Repriced, RepriceReport } from "../ledger.ts";
import { fromNanoUsd, toNanoUsd } from "../money.ts";
import { repriceRecord } from "../reprice-record.ts";
import { allOf } from "../usage/call-filter.ts";
import { compose, sql } from "../usage/sql.ts";
import type { Span } from "../usage/usage-statements.ts";
import type { CallTable } from "./call-table.ts";
import { parseRecord } from "./parse-record.ts";
import { recordConditions } from "./read-calls.ts";
import { inTransaction } from "./transaction.ts";
import { otherWork, walkSpans } from "./walk-spans.ts";

/** Calls that are changed in one transaction. */
const BATCH = 50;

/**
 * Batch by batch; what has been changed stays changed should a later batch fail, and asking again does the rest. A call that is changed
 * gets a new sequence number, so that it is shipped again.
 */
export async function repriceCalls(
  database: DatabaseSync,
  table: CallTable,
  filter: CallFilter,
  price: (record: CallRecord) => Repriced | undefined,
): Promise<RepriceReport> {
  const bodyOf = database.prepare("SELECT record FROM bodies WHERE sequence = ?");
  const report = { calls: 0, changed: 0, beforeNanoUsd: 0, afterNanoUsd: 0 };

  function repriceOne(sequence: number): void {
    const body = bodyOf.get(sequence);
    if (body === undefined) return;
    const record = parseRecord(body.record);
    const prices = price(record);
    const repriced = prices === undefined ? undefined : repriceRecord(record, prices);
    report.calls += 1;
    report.beforeNanoUsd += toNanoUsd(record.knownCostUsd);
    report.afterNanoUsd += toNanoUsd((repriced ?? record).knownCostUsd);
    if (repriced === undefined) return;
    report.changed += 1;
    table.remove(sequence);
    const bounded = boundRecord(repriced);
    table.insert({ record: bounded, json: JSON.stringify(bounded) });
  }

  for (const span of walkSpans(database, filter, "oldest")) {
    const sequences = sequencesWithin(database, filter, span);
    for (let start = 0; start < sequences.length; start += BATCH) {
      inTransaction(database, () => sequences.slice(start, start + BATCH).forEach(repriceOne));
      await otherWork();
    }
    await otherWork();
  }
  const { calls, changed, beforeNanoUsd, afterNanoUsd } = report;
  return { calls, changed, beforeUsd: fromNanoUsd(beforeNanoUsd), afterUsd: fromNanoUsd(afterNanoUsd) };
}

function sequencesWithin(database: DatabaseSync, filter: CallFilter, { from, to }: Span): readonly number[] {
  const conditions = allOf([sql("c.started_at >= ? AND c.started_at < ?", from, to), ...recordConditions(filter)]);
  const { text, values } = compose`SELECT c.sequence FROM calls c WHERE ${conditions} ORDER BY c.started_at, c.id`;
  return database
    .prepare(text)
    .all(...values)
    .map(({ sequence }) => Number(sequence));
}
