/** The contract of routing: from a model's name to targets in the order in which they are asked, with the reasons. */
import type { CompletionRequest, ErrorCode, Provider, Timeouts } from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { Commit, ModelRoute } from "../configuration.ts";
import type { DecisionRecord } from "../ledger/call-record.ts";

/** A target that may be asked. */
export interface PlannedTarget {
  /** As `provider:model`. */
  readonly name: string;
  readonly provider: Provider;
  readonly model: string;
  readonly timeouts?: Timeouts;
  /** `overflow`: to be asked only after a context window overflowed. */
  readonly role: "candidate" | "fallback" | "overflow";
}

/** Where a call goes. */
export interface RoutePlan {
  /** Name of the route; absent for a direct model. */
  readonly route?: string;
  /** First the chosen one, then who stands in, in turn. At least one. */
  readonly targets: readonly [PlannedTarget, ...PlannedTarget[]];
  readonly decision: DecisionRecord;
  readonly commit?: Commit;
  readonly attemptsPerTarget?: number;
  readonly cache?: boolean;
  /** The conversation that stays with who answers it; absent where none is to stay. For `observe`. */
  readonly affinity?: string;
}

export interface Router {
  /**
   * What a caller means by a model's name: an agent's, a route, `provider:model`, a bare model, a provider alone. Throws `unknown_model` with the nearest
   * names, `ambiguous_model`, or `unsupported` where no target can take the request, each with its reason. Synchronous; asks nobody.
   */
  plan(request: CompletionRequest, caller: Caller): RoutePlan;
  /** As `plan`, and remembers nothing: for `what-if` and `explain`. */
  preview(request: CompletionRequest, caller: Caller): RoutePlan;
  /** To be told of each attempt that ended, with the plan that it was made by: what latency, real cost and stickiness are learned from. */
  observe(attempt: ObservedAttempt, plan?: Pick<RoutePlan, "affinity">): void;
  /** Names that can be called, routes first. */
  readonly routes: Readonly<Record<string, ModelRoute>>;
}

/** What became of an attempt. */
export interface ObservedAttempt {
  readonly target: string;
  readonly outcome: "answered" | "failed" | "aborted";
  readonly code?: ErrorCode;
  readonly firstTokenMs?: number;
  readonly durationMs: number;
  readonly inputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
  /** When it began. Milliseconds since 1970. */
  readonly at: number;
}
