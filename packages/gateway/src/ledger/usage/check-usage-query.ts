import { DragomanError } from "@dragoman/llm";
import type { UsageDimension, UsageQuery } from "../ledger.ts";

const DIMENSIONS: ReadonlySet<string> = new Set([
  "provider",
  "model",
  "route",
  "key",
  "team",
  "agent",
  "session",
  "user",
  "outcome",
  "operation",
  "hour",
  "day",
  "month",
  "node",
]);
const ROWS_DEFAULT = 1_000;
const ROWS_MAX = 100_000;

/** Whether a word names a dimension, `tag:` and the name of a tag included. */
export function isUsageDimension(word: string): word is UsageDimension {
  return DIMENSIONS.has(word) || (word.startsWith("tag:") && word.length > "tag:".length);
}

/** How many rows are asked for. Throws `invalid_request` for a dimension that there is not, or that stands twice. */
export function checkUsageQuery({ by, countMax = ROWS_DEFAULT }: UsageQuery): number {
  for (const [index, dimension] of by.entries()) {
    if (!isUsageDimension(dimension)) throw wrong(`${JSON.stringify(dimension)} is no dimension`, "by");
    if (by.indexOf(dimension) !== index) throw wrong(`${dimension} stands twice`, "by");
  }
  return checkCount(countMax, ROWS_MAX);
}

/** Throws `invalid_request` for what is no whole number of 1 or more; what is too large is brought down. */
export function checkCount(count: number, most: number): number {
  if (!Number.isInteger(count) || count < 1) throw wrong(`${count} is no number of rows`, "countMax");
  return Math.min(count, most);
}

function wrong(detail: string, field: string): DragomanError {
  const advice = `use ${[...DIMENSIONS].join(", ")} or tag:NAME, each once`;
  return new DragomanError({ code: "invalid_request", detail, field, ...(field === "by" ? { advice } : {}) });
}
