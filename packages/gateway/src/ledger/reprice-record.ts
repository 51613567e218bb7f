import type { AttemptRecord, CallRecord } from "./call-record.ts";
import type { Repriced } from "./ledger.ts";
import { sumUsd } from "./money.ts";
import { wasSent } from "./usage/was-sent.ts";

/**
 * A record at other prices: each attempt as it is told, the call as the sum of its attempts. Undefined where nothing changes. A call without
 * attempts has nothing that could be priced anew.
 */
export function repriceRecord(record: CallRecord, { attempts: prices }: Repriced): CallRecord | undefined {
  const attempts = record.attempts.map((attempt, index) => repriceAttempt(attempt, prices[index]));
  if (!attempts.some((attempt, index) => isPricedOtherwise(attempt, record.attempts[index]))) return undefined;
  const { costUsd: _costUsd, catalogue: before, ...rest } = record;
  const sent = attempts.filter(wasSent);
  const known = sent.flatMap(({ costUsd }) => (costUsd === undefined ? [] : [costUsd]));
  const knownCostUsd = sumUsd(known);
  const catalogue = attempts.findLast(({ outcome }) => outcome === "answered")?.catalogue ?? before;
  return {
    ...rest,
    attempts,
    knownCostUsd,
    ...(known.length === sent.length ? { costUsd: knownCostUsd } : {}),
    ...(catalogue === undefined ? {} : { catalogue }),
  };
}

function repriceAttempt(attempt: AttemptRecord, price: Repriced["attempts"][number]): AttemptRecord {
  if (price === undefined) return attempt;
  const { costUsd: _costUsd, ...rest } = attempt;
  return { ...rest, ...(price.costUsd === undefined ? {} : { costUsd: price.costUsd }), catalogue: price.catalogue };
}

function isPricedOtherwise(after: AttemptRecord, before: AttemptRecord | undefined): boolean {
  return after.costUsd !== before?.costUsd || after.catalogue !== before?.catalogue;
}
