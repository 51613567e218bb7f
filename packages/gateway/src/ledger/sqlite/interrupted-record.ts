import type { AttemptRecord, CallRecord, OpenCall } from "../call-record.ts";

const DETAIL = "the process ended while the call was under way; it is taken to have used what was set aside for it";

/** What is kept of a call whose process ended before it did. `livedUntil`: up to when that process lived at least, in milliseconds since 1970. */
export function interruptedRecord({ firstTarget, ...call }: OpenCall, livedUntil: number): CallRecord {
  const { inputTokens, outputTokens, usd } = call.reserved;
  const usage = { inputTokens, outputTokens };
  const durationMs = Math.max(0, livedUntil - call.startedAt);
  const cost = usd === undefined ? {} : { costUsd: usd };
  const attempt: readonly AttemptRecord[] =
    firstTarget === undefined
      ? []
      : [
          {
            number: 1,
            ...firstTarget,
            outcome: "aborted",
            detail: DETAIL,
            startedAt: call.startedAt,
            durationMs,
            usage,
            ...cost,
            estimated: true,
          },
        ];
  return {
    ...call,
    ...(firstTarget === undefined ? {} : { firstTarget }),
    outcome: "interrupted",
    durationMs,
    detail: DETAIL,
    usage,
    ...cost,
    knownCostUsd: usd ?? 0,
    estimated: true,
    attempts: attempt,
    decision: { candidates: [] },
    warnings: [],
  };
}
