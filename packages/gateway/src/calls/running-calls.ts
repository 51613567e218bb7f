/** The calls that are under way, and the end of taking more. */
import { DragomanError } from "@dragoman/llm";
import type { RunningCall, RunningCalls } from "./gateway-parts.ts";

export function createRunningCalls(): RunningCalls {
  const calls = new Set<AbortController>();
  let draining = false;
  const waiting = new Set<() => void>();

  function enter(signal: AbortSignal | undefined): RunningCall {
    if (draining) throw closing();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort);
    calls.add(controller);
    return {
      signal: controller.signal,
      leave() {
        signal?.removeEventListener("abort", onAbort);
        if (calls.delete(controller) && calls.size === 0) for (const tell of waiting) tell();
      },
    };
  }

  async function drain(limitMs: number): Promise<{ readonly cut: number }> {
    draining = true;
    if (limitMs <= 0) for (const tell of waiting) tell();
    else if (calls.size > 0) await emptied(limitMs);
    return { cut: calls.size };
  }

  async function cut(): Promise<void> {
    draining = true;
    if (calls.size === 0) return;
    for (const controller of calls) controller.abort(stopped());
    await emptied(SETTLE_MS);
  }

  function emptied(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiting.add(done);
    });
  }

  return {
    get count() {
      return calls.size;
    },
    get accepting() {
      return !draining;
    },
    enter,
    drain,
    cut,
  };
}

/** For calls that were cut to be settled: they need no vendor for it. One that nobody reads on with is left to the ledger's recovery. */
const SETTLE_MS = 500;

function closing(): DragomanError {
  return new DragomanError({
    code: "provider_unavailable",
    detail: "the gateway is stopping and takes no more calls",
    advice: "ask another node, or again in a moment",
    retryAfterMs: 1_000,
  });
}

function stopped(): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the gateway was stopped while the call was under way" });
}
