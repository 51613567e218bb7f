/** The ledger: what commands and programs take of it. */
export type * from "./call-record.ts";
export { callsToJsonLines } from "./export/calls-to-json-lines.ts";
export { csvLine } from "./export/csv-cell.ts";
export { usageToCsv } from "./export/usage-to-csv.ts";
export { billedModel } from "./invoice/billed-model.ts";
export {
  compareWithInvoice,
  type ReconcileFigures,
  type ReconcileReport,
  type ReconcileRow,
  type ReconcileVerdict,
  type Tolerance,
} from "./invoice/compare-with-invoice.ts";
export type * from "./invoice/invoice.ts";
export { parseInvoice } from "./invoice/parse-invoice.ts";
export { type ReconcileOptions, reconcile } from "./invoice/reconcile.ts";
export type * from "./ledger.ts";
export type * from "./local-ledger.ts";
export { createMemoryLedger, type MemoryLedgerOptions } from "./memory-ledger.ts";
export { openSqliteLedger, type SqliteLedgerOptions } from "./sqlite-ledger.ts";
export { isUsageDimension } from "./usage/check-usage-query.ts";
