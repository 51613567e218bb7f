/** The contract of the ledger: every call, once, with all its attempts. Its suite is `test/ledger/ledger-cases.ts`. */
import type { Dimension, LimitMetric } from "../configuration.ts";
import type { Amounts, CallOutcome, CallRecord, OpenCall } from "./call-record.ts";

/** Every call, from before it is sent until it is settled, and afterwards for as long as it is kept. */
export interface Ledger {
  /**
   * Synchronous, and kept when it returns: a `kill -9` after it loses nothing. Throws `invalid_request` for an id that is there. Settled calls are
   * looked through for it unless `isNewId`: the id was made for this call alone.
   */
  open(call: OpenCall, options?: { readonly isNewId?: boolean }): void;
  /** Settles an open call, or keeps one that was never opened. The first time counts; synchronous. */
  close(record: CallRecord): void;
  /** Keeps a call that was refused before it was opened; synchronous. False where its id is another call's: that one stays as it is. */
  refuse(record: CallRecord): boolean;
  /**
   * Calls that a process which is no longer there left open in this file, settled as `interrupted` at what was reserved. Those of a
   * process that lives are left alone, whatever its node's name. To be called once, before the first `open`. The records, for whoever counts.
   */
  recover(): readonly CallRecord[];
  /** Undefined for a call that is not known. */
  call(id: string): Promise<CallRecord | undefined>;
  /** Newest first, in pages. */
  calls(query: CallQuery): Promise<CallPage>;
  /** Sums by any dimensions. */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
  /**
   * What was used since a moment by the calls of these dimensions, calls under way at what is reserved: what a limit starts from.
   * Synchronous: from this node's own file.
   */
  used(metric: LimitMetric, of: Readonly<Partial<Record<Dimension, string>>>, since: number): UsedAmount;
  /** Replaces the prices of calls in a span by other ones. */
  reprice(query: CallFilter, price: (record: CallRecord) => Repriced | undefined): Promise<RepriceReport>;
  /** Forgets calls that began before. Resolves with how many. */
  forget(before: number): Promise<number>;
  /** Writes what is left and lets go of the file. */
  end(): Promise<void>;
}

/** What is known to be used. */
export interface UsedAmount {
  readonly amount: number;
  /** The parts of it, oldest first, each dated by its latest use, in at most 60 slices: what a rolling limit is restored from. Of concurrency: none. */
  readonly slices: readonly { readonly at: number; readonly amount: number }[];
}

/** Which calls; all that is named must hold. */
export interface CallFilter {
  /** Milliseconds since 1970; from is within, to is not. */
  readonly from?: number;
  readonly to?: number;
  readonly of?: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly outcome?: readonly CallOutcome[];
}

export interface CallQuery extends CallFilter {
  /** Default 50, at most 1 000. */
  readonly countMax?: number;
  /** From the page before. */
  readonly cursor?: string;
}

export interface CallPage {
  readonly calls: readonly CallRecord[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** A column by which calls are added up. */
export type UsageDimension = Dimension | "outcome" | "operation" | "hour" | "day" | "month" | "node" | `tag:${string}`;

export interface UsageQuery extends CallFilter {
  /** Empty: one row in all. */
  readonly by: readonly UsageDimension[];
  /** For hours, days and months. Default `UTC`. */
  readonly timeZone?: string;
  /** Default 1 000, at most 100 000, the dearest first. */
  readonly countMax?: number;
}

/** A row of sums. By `provider` and `model`, each attempt counts where it was made; else the call counts as a whole. */
export interface UsageRow {
  readonly by: Readonly<Partial<Record<UsageDimension, string>>>;
  readonly calls: number;
  readonly attempts: number;
  /** Calls by how they ended. */
  readonly outcomes: Readonly<Partial<Record<CallOutcome, number>>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
  /** What is known of the cost. */
  readonly costUsd: number;
  /** Of it: what attempts cost that gave no answer. */
  readonly failedCostUsd: number;
  /** Calls, any part of whose cost is unknown. */
  readonly unpriced: number;
  /** Calls whose usage or cost was worked out here. */
  readonly estimated: number;
  /** Calls that the response cache answered, and what that saved. */
  readonly cached: number;
  readonly savedUsd: number;
  /** Milliseconds. Absent without a call that was answered. */
  readonly durationP50Ms?: number;
  readonly durationP95Ms?: number;
  readonly firstTokenP50Ms?: number;
}

export interface Repriced {
  /** Of each attempt, in order; undefined leaves that attempt as it is. */
  readonly attempts: readonly ({ readonly costUsd: number | undefined; readonly catalogue: string } | undefined)[];
}

export interface RepriceReport {
  readonly calls: number;
  readonly changed: number;
  readonly beforeUsd: number;
  readonly afterUsd: number;
}

export type { Amounts };
