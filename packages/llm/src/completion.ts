/** One answer of one model to one request. */
import type { CacheOutcome } from "./cache.ts";
import type { AssistantMessage, Origin, VendorData } from "./message.ts";
import type { Cost, Timing, Usage } from "./usage.ts";
import type { Warning } from "./warning.ts";

/**
 * - `stop`: finished, or met a stop sequence.
 * - `length`: met the output limit or the end of the context window.
 * - `tool-calls`: waits for results of its tool calls.
 * - `content-filter`: the vendor's policy cut it off, or the model refused.
 * - `pause`: the vendor suspended a long turn; send the message back to go on.
 * - `error`: the vendor said that generation failed, yet delivered what it had.
 * - `other`: anything else; see `raw`.
 */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "pause" | "error" | "other";

/** Why an answer ended. */
export interface Finish {
  readonly reason: FinishReason;
  /** The vendor's own word. */
  readonly raw?: string;
  /** The stop sequence that was met, where the vendor names it. */
  readonly stopSequence?: string;
  /** The vendor's explanation, where it gives one. */
  readonly detail?: string;
}

/** That an answer was kept from an earlier call, or shared with a call at the same time. */
export interface CachedAnswer {
  /** Since the answer was made. Milliseconds; 0 for one shared with a call at the same time. */
  readonly ageMs: number;
  /** What the answer cost when it was made. Absent when that is unknown. */
  readonly savedUsd?: number;
}

/** One answer of one model, with what it used and cost. */
export interface Completion {
  readonly id: string;
  readonly origin: Origin;
  readonly message: AssistantMessage;
  readonly finish: Finish;
  readonly usage: Usage;
  /** Absent when the price or the usage is unknown; never 0 for unknown. */
  readonly cost?: Cost;
  readonly timing?: Timing;
  readonly cache?: CacheOutcome;
  /** Present when no model was asked: `usage` is then what the answer took when it was made, and `cost` is nothing. */
  readonly cached?: CachedAnswer;
  readonly warnings: readonly Warning[];
  /** When the vendor says it made the answer. Seconds since 1970. */
  readonly createdAt?: number;
  readonly vendor?: VendorData;
}
