/**
 * Where logged calls would have gone by another configuration. They are replayed in the order in which they came, and the router learns from them
 * what a running one would have learned: latency, caches, conversations. Chance is the same in every replay.
 */
import type { GatewayConfiguration } from "@dragoman/gateway";
import type { AttemptRecord, CallRecord } from "@dragoman/gateway/ledger";
import type { LedgerReader, ObservedAttempt, RoutePlan, Router } from "@dragoman/gateway/offline";
import { costOf, type Registry, toDragomanError } from "@dragoman/llm";
import { loggedRequest } from "./logged-request.ts";

/** One call that would have gone elsewhere. */
export interface MovedCall {
  readonly id: string;
  readonly asked: string;
  /** As `provider:model`. */
  readonly from: string;
  /** As `provider:model`; or, where nobody would have taken it, why. */
  readonly to?: string;
  readonly refused?: string;
  readonly costUsd?: number;
  /** The same tokens at the other one's price. */
  readonly wouldCostUsd?: number;
  readonly reasons: readonly string[];
}

export interface ReplayReport {
  readonly calls: number;
  readonly moved: readonly MovedCall[];
  readonly refused: number;
  /** Of the calls whose price is known on both sides. */
  readonly costUsd: number;
  readonly wouldCostUsd: number;
  readonly unpriced: number;
  /** Judged by their record alone: what they said was not kept. */
  readonly withoutContent: number;
}

export interface ReplayOptions {
  readonly configuration: GatewayConfiguration;
  readonly registry: Registry;
}

const SEED = 20_260_329;

/** `calls`: oldest first. */
export async function replayCalls(
  ledger: Pick<LedgerReader, "content">,
  calls: readonly CallRecord[],
  { configuration, registry }: ReplayOptions,
): Promise<ReplayReport> {
  const { createRouter } = await import("@dragoman/gateway/offline");
  let now = 0;
  const router = createRouter({ configuration, registry, random: seededRandom(SEED), time: () => now });
  const moved: MovedCall[] = [];
  const sums = { calls: 0, refused: 0, costUsd: 0, wouldCostUsd: 0, unpriced: 0, withoutContent: 0 };
  for (const call of calls) {
    const asked = call.attempts.find(({ startedAt }) => startedAt !== undefined);
    if (asked === undefined) continue;
    now = call.startedAt;
    const { request, hasContent } = await loggedRequest(ledger, call);
    sums.calls += 1;
    if (!hasContent) sums.withoutContent += 1;
    const outcome = planned(router, request, call);
    const from = nameOf(asked);
    const to = outcome.plan?.targets[0];
    const wouldCostUsd = to === undefined ? 0 : to.name === from ? call.costUsd : priced(call, outcome.plan);
    if (to === undefined) sums.refused += 1;
    if (call.costUsd === undefined || wouldCostUsd === undefined) sums.unpriced += 1;
    else {
      sums.costUsd += call.costUsd;
      sums.wouldCostUsd += wouldCostUsd;
    }
    if (to?.name !== from) {
      const why = outcome.plan?.decision.candidates.find(({ target }) => target === to?.name)?.reasons ?? [];
      moved.push({
        id: call.id,
        asked: call.asked,
        from,
        ...(to === undefined ? {} : { to: to.name }),
        ...(outcome.refused === undefined ? {} : { refused: outcome.refused }),
        ...(call.costUsd === undefined ? {} : { costUsd: call.costUsd }),
        ...(wouldCostUsd === undefined ? {} : { wouldCostUsd }),
        reasons: why,
      });
    }
    learn(router, call, outcome.plan);
  }
  return { ...sums, moved };
}

interface Outcome {
  readonly plan?: RoutePlan;
  readonly refused?: string;
}

function planned(router: Router, request: Parameters<Router["plan"]>[0], { key, team, agent }: CallRecord): Outcome {
  const caller = {
    principal: { key, restrictions: {}, ...(team === undefined ? {} : { team }) },
    ...(agent === undefined ? {} : { agent }),
  };
  try {
    return { plan: router.plan(request, caller) };
  } catch (thrown) {
    return { refused: toDragomanError(thrown).detail };
  }
}

/** As long an answer, and as much of the prompt from the cache: how another model would have answered, nobody knows. */
function priced({ usage, startedAt }: CallRecord, plan: RoutePlan | undefined): number | undefined {
  const target = plan?.targets[0];
  return costOf(usage, target?.provider.pricing(target.model), "standard", new Date(startedAt))?.totalUsd;
}

/** Its own targets are measured as they were; the conversation is with whom it would have gone to. */
function learn(router: Router, call: CallRecord, plan: RoutePlan | undefined): void {
  const to = plan?.targets[0].name;
  for (const attempt of call.attempts) {
    const observed = observedOf(attempt);
    if (observed === undefined) continue;
    router.observe(observed, to === observed.target ? plan : undefined);
  }
  const wasAsked = call.attempts.some((attempt) => nameOf(attempt) === to);
  // What is not known of the answer is left open: it only says with whom the conversation is.
  if (to !== undefined && plan?.affinity !== undefined && !wasAsked && call.outcome === "answered")
    router.observe({ target: to, outcome: "answered", durationMs: call.durationMs, at: call.startedAt }, plan);
}

function observedOf(attempt: AttemptRecord): ObservedAttempt | undefined {
  const { outcome, startedAt, durationMs, firstTokenMs, usage = {}, code, costUsd } = attempt;
  if (startedAt === undefined || durationMs === undefined || outcome === "refused" || outcome === "skipped") return undefined;
  const { inputTokens, cacheReadTokens, outputTokens } = usage;
  return {
    target: nameOf(attempt),
    outcome,
    durationMs,
    at: startedAt,
    ...(code === undefined ? {} : { code }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

function nameOf({ provider, model }: Pick<AttemptRecord, "provider" | "model">): string {
  return `${provider}:${model}`;
}

/** After mulberry32 (public domain). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
