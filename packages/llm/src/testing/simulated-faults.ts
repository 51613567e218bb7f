/** The faults of `FAULTS` without a wire: what a provider would have made of each. */
import { DragomanError, type ErrorCode } from "../errors.ts";
import type { CompletionCall } from "../provider.ts";
import type { DeliveryFault, FailureKind, Fault } from "./fake-vendors/faults.ts";

const FAILURE_CODES: Readonly<Record<FailureKind, ErrorCode>> = {
  "rate-limit": "rate_limited",
  quota: "quota_exceeded",
  "server-error": "vendor_error",
  unavailable: "overloaded",
  overloaded: "overloaded",
  loading: "model_loading",
  "context-overflow": "context_overflow",
};

const DELIVERY_CODES: Readonly<Record<DeliveryFault, ErrorCode | "good" | "waits">> = {
  reset: "connection_failed",
  silence: "waits",
  "slow-first-token": "good",
  cut: "stream_truncated",
  "reset-mid": "connection_failed",
  stall: "waits",
  malformed: "invalid_response",
  "no-terminator": "stream_truncated",
  "error-in-200": "vendor_error",
  html: "vendor_error",
  empty: "invalid_response",
};

/** Throws what a whole answer with this fault comes to; returns where the answer is good after all. */
export async function simulatedFailure(fault: Fault, provider: string, call: CompletionCall): Promise<void> {
  const [refused] = fault.action.type === "refusal" ? (fault.complete.errors ?? []) : [];
  if (refused !== undefined) throw failure(refused, fault, provider, call.model);
  if (fault.action.type === "failure") throw failure(FAILURE_CODES[fault.action.kind], fault, provider, call.model);
  if (fault.action.type !== "delivery" || fault.action.how === "no-terminator") return;
  await deliver(fault.action.how, fault, provider, call);
}

/** Throws in the middle of a stream; returns where it goes on. */
export async function simulatedStreamFailure(fault: Fault, provider: string, call: CompletionCall): Promise<void> {
  if (fault.action.type === "delivery") await deliver(fault.action.how, fault, provider, call);
}

async function deliver(how: DeliveryFault, fault: Fault, provider: string, call: CompletionCall): Promise<void> {
  const outcome = DELIVERY_CODES[how];
  if (outcome === "good") return;
  if (outcome !== "waits") throw failure(outcome, fault, provider, call.model);
  throw await untilGivenUp(fault, provider, call);
}

/** A vendor that never answers: ends by the caller's signal or by the first of its limits. */
function untilGivenUp(fault: Fault, provider: string, call: CompletionCall): Promise<DragomanError> {
  const limits = Object.entries(call.timeouts ?? {}).filter(
    ([name, limitMs]) => name !== "connectMs" && Number.isFinite(limitMs),
  );
  const [name, limitMs] = limits.sort(([, left], [, right]) => left - right)[0] ?? ["idleMs", 300_000];
  return new Promise((resolve) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve(new DragomanError({ code: "aborted", provider, model: call.model, detail: "the call was aborted" }));
    };
    const timer = setTimeout(() => {
      call.signal?.removeEventListener("abort", onAbort);
      resolve(
        new DragomanError({ code: "timeout", provider, model: call.model, detail: `${fault.meaning} (${name} ${limitMs} ms)` }),
      );
    }, limitMs);
    if (call.signal?.aborted === true) onAbort();
    else call.signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function failure(code: ErrorCode, fault: Fault, provider: string, model: string): DragomanError {
  return new DragomanError({
    code,
    provider,
    model,
    detail: fault.meaning,
    ...(fault.retryAfter === undefined ? {} : { retryAfterMs: fault.retryAfter.ms }),
  });
}
