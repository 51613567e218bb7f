/** Many requests that may take a day, at a lower price where the vendor has one. */
import type { Completion } from "./completion.ts";
import type { DragomanError } from "./errors.ts";
import type { CallOptions } from "./provider.ts";
import type { CompletionRequest } from "./request.ts";
import type { Warning } from "./warning.ts";

/** One request of a batch, under an id of the caller's own. */
export interface BatchItem {
  /** Finds the result again. Unique in the batch; letters, digits, `-` and `_`, at most 64. */
  readonly id: string;
  readonly request: CompletionRequest;
}

/**
 * - `queued`: accepted or being checked. `running`. `cancelling`: cancelled, but not yet at rest.
 * - `completed`: at rest; single items may have failed. `cancelled` and `expired`: at rest; what was finished has results.
 * - `failed`: the batch as a whole was refused; see `error`.
 */
export type BatchStatus = "queued" | "running" | "cancelling" | "completed" | "cancelled" | "expired" | "failed";

/** How many of a batch's requests are through. */
export interface BatchCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** A batch at the vendor, as it stood when it was asked for. */
export interface BatchJob {
  readonly id: string;
  readonly provider: string;
  readonly status: BatchStatus;
  /** Absent while the vendor does not tell. */
  readonly counts?: BatchCounts;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  readonly finishedAt?: number;
  readonly expiresAt?: number;
  readonly error?: string;
  /**
   * On submission: what of the requests could not be rendered as asked, with the item's id in front of its path. Later: what
   * the vendor says of the job that is not understood here.
   */
  readonly warnings: readonly Warning[];
}

/** What became of one item: its completion, or why there is none. */
export type BatchResult =
  | { readonly id: string; readonly completion: Completion }
  | { readonly id: string; readonly error: DragomanError };

/** Whether anything can still change. */
export function isBatchAtRest(job: BatchJob): boolean {
  return job.status === "completed" || job.status === "cancelled" || job.status === "expired" || job.status === "failed";
}

/** Many requests handed in at once and answered later, for less. Every method throws a DragomanError. */
export interface Batches {
  /** All items are rendered before anything is sent: one that cannot be refuses the batch, and names itself. */
  submit(items: readonly BatchItem[], options?: CallOptions): Promise<BatchJob>;
  /** How far it is. */
  get(id: string, options?: CallOptions): Promise<BatchJob>;
  /** At most 1 000. */
  list(options?: CallOptions): Promise<readonly BatchJob[]>;
  /** Asks the vendor to stop it. */
  cancel(id: string, options?: CallOptions): Promise<BatchJob>;
  /**
   * Results in any order, costed at the batch's rates. An item that expired is a `timeout`, one that was cancelled is
   * `aborted`; of items that were never begun, a vendor may say nothing. Throws `invalid_request` while the job is not at
   * rest, and for one that failed as a whole.
   */
  results(id: string, options?: CallOptions): AsyncIterable<BatchResult>;
}
