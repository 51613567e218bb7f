/** What single calls count against limits: those that no table holds yet. */
import type { Dimension } from "../../configuration.ts";
import { boundName } from "../bounded-record.ts";
import type { Amounts, CallRecord, OpenCall } from "../call-record.ts";
import { wasSent } from "./was-sent.ts";

export type UsedOf = Readonly<Partial<Record<Dimension, string>>>;

/** Whether limits count what was done at single targets, or calls as a whole. */
export function isOfTarget({ provider, model }: UsedOf): boolean {
  return provider !== undefined || model !== undefined;
}

/** What an open call has set aside; undefined where it is not of these dimensions. */
export function usedByOpen(call: OpenCall, of: UsedOf): Amounts | undefined {
  const { reserved, firstTarget } = call;
  if (!isOfCall(call, of) || (isOfTarget(of) && !isAt(firstTarget, of))) return undefined;
  return reserved;
}

/** What a settled call used, one part for each attempt where a target is named. */
export function usedByRecord(record: CallRecord, of: UsedOf): readonly Amounts[] {
  if (!isOfCall(record, of) || !isCounted(record)) return [];
  if (!isOfTarget(of)) {
    const { usage, knownCostUsd } = record;
    return [{ requests: 1, inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0, usd: knownCostUsd }];
  }
  return record.attempts
    .filter((attempt) => wasSent(attempt) && isAt(attempt, of))
    .map(({ usage, costUsd }) => ({
      requests: 1,
      inputTokens: usage?.inputTokens ?? 0,
      outputTokens: usage?.outputTokens ?? 0,
      ...(costUsd === undefined ? {} : { usd: costUsd }),
    }));
}

/** A call that was answered, of the cache as well, or for which a vendor was asked. One that was refused or left before that took nothing. */
function isCounted({ outcome, attempts }: CallRecord): boolean {
  return outcome === "answered" || outcome === "interrupted" || attempts.some(wasSent);
}

const CALL_DIMENSIONS = ["route", "key", "team", "agent", "session", "user"] as const;

function isOfCall(call: OpenCall, of: UsedOf): boolean {
  return CALL_DIMENSIONS.every((dimension) => {
    const wanted = of[dimension];
    return wanted === undefined || call[dimension] === boundName(wanted);
  });
}

function isAt(target: { readonly provider: string; readonly model: string } | undefined, { provider, model }: UsedOf): boolean {
  if (target === undefined) return false;
  return (provider === undefined || target.provider === provider) && (model === undefined || target.model === model);
}
