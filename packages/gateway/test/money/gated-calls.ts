/** Callers of the gated schedules, and what they were left with. */
import { type CompletionCall, DragomanError, type ErrorCode, type Provider } from "@dragoman/llm";
import type { PlannedCall } from "./gated-schedule.ts";
import type { Gates } from "./gates.ts";

/** What a caller was left with. */
export type Seen =
  | { readonly type: "answered"; readonly costUsd: number | undefined; readonly cached: boolean }
  | { readonly type: "failed"; readonly code: ErrorCode }
  | { readonly type: "left" };

export interface MadeCall {
  readonly id: string;
  readonly plan: PlannedCall;
  readonly controller: AbortController;
  hasLeft: boolean;
  seen: Seen | undefined;
}

/** Asks for a whole answer. */
export async function completeCall(provider: Provider, call: CompletionCall): Promise<Seen> {
  try {
    const { cost, cached } = await provider.complete(call);
    return { type: "answered", costUsd: cost?.totalUsd, cached: cached !== undefined };
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Reads a stream, one event at a gate where its reader is slow, until it ends or its caller leaves. */
export async function readCall(provider: Provider, call: CompletionCall, made: MadeCall, gates: Gates): Promise<Seen> {
  let seen: Seen = { type: "left" };
  for await (const event of provider.stream(call)) {
    if (event.type === "finish") seen = { type: "answered", costUsd: event.cost?.totalUsd, cached: event.cached !== undefined };
    if (event.type === "error") seen = failed(event.error);
    if (made.hasLeft) return seen;
    if (made.plan.slow) await gates.pass(undefined);
    if (made.hasLeft) return seen;
  }
  return seen;
}

function failed(thrown: unknown): Seen {
  if (!DragomanError.is(thrown)) throw thrown;
  return { type: "failed", code: thrown.code };
}
