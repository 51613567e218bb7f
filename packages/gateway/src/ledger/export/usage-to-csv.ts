import type { CallOutcome } from "../call-record.ts";
import type { UsageDimension, UsageRow } from "../ledger.ts";
import { OUTCOMES } from "../usage/usage-statements.ts";
import { csvLine } from "./csv-cell.ts";

type Column = readonly [name: string, value: (row: UsageRow) => number | undefined];

const COLUMNS: readonly Column[] = [
  ["calls", (row) => row.calls],
  ["attempts", (row) => row.attempts],
  ...OUTCOMES.map((outcome: CallOutcome): Column => [outcome, (row) => row.outcomes[outcome] ?? 0]),
  ["input_tokens", (row) => row.inputTokens],
  ["output_tokens", (row) => row.outputTokens],
  ["cache_read_tokens", (row) => row.cacheReadTokens],
  ["cache_write_tokens", (row) => row.cacheWriteTokens],
  ["reasoning_tokens", (row) => row.reasoningTokens],
  ["cost_usd", (row) => row.costUsd],
  ["failed_cost_usd", (row) => row.failedCostUsd],
  ["unpriced", (row) => row.unpriced],
  ["estimated", (row) => row.estimated],
  ["cached", (row) => row.cached],
  ["saved_usd", (row) => row.savedUsd],
  ["duration_p50_ms", (row) => row.durationP50Ms],
  ["duration_p95_ms", (row) => row.durationP95Ms],
  ["first_token_p50_ms", (row) => row.firstTokenP50Ms],
];

/** A header, then a line a row: first the dimensions, in the order that was asked for. A figure that is not known is an empty cell. */
export function usageToCsv(rows: readonly UsageRow[], by: readonly UsageDimension[]): string {
  const header = csvLine([...by.map((dimension) => dimension), ...COLUMNS.map(([name]) => name)]);
  const lines = rows.map((row) =>
    csvLine([...by.map((dimension) => row.by[dimension]), ...COLUMNS.map(([, value]) => value(row))]),
  );
  return header + lines.join("");
}
