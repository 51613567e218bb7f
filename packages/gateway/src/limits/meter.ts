/**
 * The contract of limits and budgets: room is taken before a call, and settled after it. Its laws are `test/limits/`.
 *
 * A rule that names the provider or the model, in `of` or in `each`, is asked before each attempt; every other rule once a
 * call. What a call is taken to need is a learned estimate: never the worst case, which would shut calls out that fit, and
 * never nothing, which would let any number of them start at once. So a budget can be overspent, by this much and no more:
 * the sum, over the calls under way when it was used up, of what each used beyond its reservation.
 */
import type { DragomanError } from "@dragoman/llm";
import type { Dimension, LimitRule } from "../configuration.ts";
import type { Amounts } from "../ledger/call-record.ts";

/** Which call asks for room. A dimension that is absent matches no rule that names it. */
export type MeteredCall = Readonly<Partial<Record<Dimension, string>>>;

/** Room that was taken for one call or attempt. */
export interface Reservation {
  /** The rules that it was taken from. */
  readonly rules: readonly string[];
  /** Notes for the caller: a budget that is nearly used up, a price that is unknown. */
  readonly warnings: readonly string[];
  /**
   * Makes the reservation this large in all, as when a second, dearer target is about to be asked. Throws as `reserve` does
   * where it does not fit, and then nothing has changed.
   */
  grow(amounts: Amounts): void;
  /** Gives back what was not used, or takes what was used beyond. The first time counts. */
  settle(used: Amounts): void;
}

export interface Meter {
  /**
   * Takes room in every rule that matches, or in none. Synchronous where there is room and where a rule refuses at once; a
   * promise only where a rule lets calls wait, or more of a shared limit has been asked for. Throws or rejects with
   * `rate_limited` (a rate, a concurrency, a budget whose rest is only set aside for calls under way: wait),
   * `quota_exceeded` (a budget that is used up, a call that never fits, a price that is unknown: 402), `aborted`, or
   * `provider_unavailable` once closed; with the rule's name and, where time helps, `retryAfterMs`.
   */
  reserve(
    call: MeteredCall,
    stage: "call" | "attempt",
    amounts: Amounts,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Reservation | Promise<Reservation>;
  /** Whether `reserve` would find room now, and if not, why. Takes nothing. */
  check(call: MeteredCall, stage: "call" | "attempt", amounts: Amounts): DragomanError | undefined;
  /** Where every rule stands: for figures and for `dragoman usage`. */
  standings(): readonly Standing[];
  /**
   * Other rules, from the next call on; what is counted of rules that stay as they are goes on, also where their amount is
   * another. Throws `configuration`, and then nothing has changed.
   */
  configure(rules: readonly LimitRule[]): void;
  /** Turns away all who wait. */
  close(): void;
}

/** How much of one rule is used, for one value of what it counts by. */
export interface Standing {
  readonly rule: string;
  readonly subject: Readonly<Partial<Record<Dimension, string>>>;
  readonly amount: number;
  readonly used: number;
  readonly reserved: number;
  readonly waiting: number;
  /** Milliseconds since 1970: when all of it is free again at the latest. Absent for concurrency. */
  readonly resetsAt?: number;
}
