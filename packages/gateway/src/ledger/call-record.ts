/** What the ledger keeps of one call. Plain data; unknown is absent, never 0. */
import type { ErrorCode, Usage } from "@dragoman/llm";

/** What was asked for. */
export type LedgerOperation = "complete" | "stream" | "embed" | "rerank" | "count-tokens";

/**
 * - `answered`: finished, whatever the finish reason.
 * - `failed`: no target answered.
 * - `refused`: never sent: limits, budgets, rights, a breaker, a mistake of the caller.
 * - `aborted`: the caller left; what had been used by then is counted.
 * - `cut`: a stream broke after it was given out.
 * - `interrupted`: the process ended while the call was under way; its reservation is taken for what it used.
 */
export type CallOutcome = "answered" | "failed" | "refused" | "aborted" | "cut" | "interrupted";

/** A call as it stands in the ledger from before anything is sent. */
export interface OpenCall {
  /** Unique; the request's id. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly node: string;
  readonly operation: LedgerOperation;
  /** The client's dialect; absent for a call as a function. */
  readonly dialect?: string;
  readonly key: string;
  readonly team?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly user?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What the client named. */
  readonly asked: string;
  /** The route that it meant; absent for a direct model. */
  readonly route?: string;
  /** What was set aside for it, which is what it is taken to have used should the process end before it does. */
  readonly reserved: Amounts;
  /** The target that is asked first, where it is known by then: whose limits are charged should the process end before the call does. */
  readonly firstTarget?: { readonly provider: string; readonly model: string };
}

/** What a call takes of limits and budgets. `usd` is absent where the price is unknown. */
export interface Amounts {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd?: number;
}

/** One try at one target. */
export interface AttemptRecord {
  /** From 1, in the order in which they began. */
  readonly number: number;
  readonly provider: string;
  readonly model: string;
  readonly outcome: "answered" | "failed" | "refused" | "skipped" | "aborted";
  readonly code?: ErrorCode;
  readonly detail?: string;
  /** The vendor's HTTP status of a failure. */
  readonly status?: number;
  /** The vendor's id of the request. */
  readonly vendorRequestId?: string;
  /** Milliseconds since 1970. Absent when it was never sent. */
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly firstTokenMs?: number;
  readonly usage?: Usage;
  readonly costUsd?: number;
  /** True when usage or cost was worked out here rather than told by the vendor. */
  readonly estimated?: boolean;
  /** Version of the price list. */
  readonly catalogue?: string;
}

/** Why the call went where it went. */
export interface DecisionRecord {
  readonly strategy?: string;
  readonly candidates: readonly CandidateRecord[];
  /** What the complexity scorer said, acted upon or not. */
  readonly complexity?: ComplexityRecord;
  /** The session's target of before, where it stayed. */
  readonly sticky?: string;
}

/** One target, as it stood for one call. */
export interface CandidateRecord {
  readonly target: string;
  readonly eligible: boolean;
  /** Larger is better; what it means depends on the strategy. */
  readonly score?: number;
  readonly reasons: readonly string[];
}

/** What the complexity scorer made of a request. */
export interface ComplexityRecord {
  /** 0 simple, 1 hard. */
  readonly score: number;
  readonly verdict: "simple" | "hard" | "abstained";
  readonly acted: boolean;
  readonly reasons: readonly string[];
}

/** A call that has ended. */
export interface CallRecord extends OpenCall {
  readonly outcome: CallOutcome;
  readonly durationMs: number;
  readonly firstTokenMs?: number;
  /** Who answered. Absent where none did. */
  readonly provider?: string;
  readonly model?: string;
  readonly finish?: string;
  readonly code?: ErrorCode;
  readonly detail?: string;
  /** The HTTP status that the client was given; absent for a call as a function. */
  readonly status?: number;
  /** Of the answer and of all attempts that failed. */
  readonly usage: Usage;
  /** Of the answer and of all attempts that failed. Absent where any part of it is unknown. */
  readonly costUsd?: number;
  /** What is known of the cost, where not all of it is. */
  readonly knownCostUsd: number;
  /** True when usage or cost was worked out here rather than told by the vendor. */
  readonly estimated: boolean;
  readonly catalogue?: string;
  /** Present when the response cache answered. */
  readonly cached?: { readonly ageMs: number; readonly savedUsd?: number };
  readonly attempts: readonly AttemptRecord[];
  readonly decision: DecisionRecord;
  readonly warnings: readonly string[];
}
