/** What must hold of the ledger after a gated schedule, held against the vendors' book and what callers saw. */
import type { ErrorCode } from "@dragoman/llm";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import { sentAttempts } from "./counted.ts";
import type { MadeCall } from "./gated-calls.ts";
import { GATED_PRICES } from "./gated-limits.ts";
import type { VendorEntry } from "./gated-vendor.ts";
import { type Bill, expectBilled, hold } from "./laws.ts";
import { nanoOf } from "./prices.ts";

/** Every request of a vendor is an attempt in the ledger, at what the vendor takes. */
export function expectGatedBook(records: ReadonlyMap<string, CallRecord>, book: readonly VendorEntry[]): void {
  for (const { call } of book) hold(records.has(call), () => `what a vendor was asked is in the ledger (${call})`);
  for (const record of records.values()) {
    if (record.outcome === "interrupted") continue;
    const entries = book.filter(({ call }) => call === record.id);
    const attempts = sentAttempts(record);
    hold(entries.length === attempts.length, () => `${record.id} has an attempt for each request`);
    for (const [index, attempt] of attempts.entries()) {
      const entry = entries[index];
      const price = GATED_PRICES[attempt.provider];
      if (entry === undefined || price === undefined) throw new Error("no such request");
      hold(entry.target === `${attempt.provider}:${attempt.model}`, () => `${record.id} was sent where it says`);
      expectBilled(attempt, billOf(entry, attempt.outcome), price, record.id);
    }
  }
}

/** Errors for which vendors take nothing, while nothing of an answer has come. */
const FREE_CODES: ReadonlySet<ErrorCode> = new Set(["connection_failed", "overloaded", "rate_limited", "invalid_request"]);

/** What the vendor takes for a request whose attempt ended so. */
function billOf({ met, characters, usage }: VendorEntry, outcome: string): Bill {
  const nothingCame = characters === 0 && usage.inputTokens === undefined;
  if (outcome !== "aborted" && nothingCame && met.type === "refuse") return { type: "free" };
  if (outcome !== "aborted" && nothingCame && met.type === "break" && FREE_CODES.has(met.code)) return { type: "free" };
  if (outcome === "answered" && met.type === "answer" && met.tells === "all") return { type: "told", usage };
  return { type: "untold", usage };
}

/** What the caller saw is what the ledger says. */
export function expectGatedSeen({ id, seen, plan }: MadeCall, record: CallRecord | undefined): void {
  if (record === undefined || record.outcome === "interrupted" || seen === undefined) return;
  const told = (): string =>
    `${id} (${plan.way}) saw what the ledger has: ${JSON.stringify(seen)}, ${record.outcome} ${record.code}`;
  if (seen.type === "answered") hold(record.outcome === "answered", told);
  if (seen.type === "failed") hold(record.outcome !== "answered" && record.code === seen.code, told);
  if (seen.type !== "answered") return;
  hold(seen.cached === (record.cached !== undefined), told);
  const answer = sentAttempts(record).find(({ outcome }) => outcome === "answered");
  if (answer?.costUsd === undefined || seen.costUsd === undefined || seen.cached) return;
  hold(nanoOf(seen.costUsd) === nanoOf(answer.costUsd), told);
}
