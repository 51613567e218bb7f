/** Follows a batch until nothing can change any more. */
import { type Batches, type BatchJob, isBatchAtRest } from "../batch.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { pause } from "../files/pause.ts";

/** How `watchBatch` asks, and for how long. */
export interface WatchBatchOptions {
  readonly signal?: AbortSignal;
  /** Between two questions. Milliseconds. Default 15 000. */
  readonly everyMs?: number;
  /** Over all. Milliseconds. Default eight days, as long as the slowest vendor may take. */
  readonly totalMs?: number;
  /** Questions that may fail in a row for a passing reason before the error is thrown. Default 5. */
  readonly failuresMax?: number;
  /** Told of a question that failed and will be asked again. */
  readonly onFailure?: (error: DragomanError) => void;
  /** Waits, or rejects once the signal is aborted. Default: a timer. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

const EVERY_MS = 15_000;
const TOTAL_MS = 8 * 24 * 3_600_000;

/**
 * The job as it is at once, then each time it was asked after; the last one is at rest. Throws `timeout`, `aborted`, or what
 * the vendor says. Leaving the loop, or an abort, leaves the job running.
 */
export async function* watchBatch(
  batches: Batches,
  id: string,
  options: WatchBatchOptions = {},
): AsyncGenerator<BatchJob, void, undefined> {
  const { signal, everyMs = EVERY_MS, totalMs = TOTAL_MS, failuresMax = 5, onFailure, sleep = pause } = options;
  const call = signal === undefined ? {} : { signal };
  let failures = 0;
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    try {
      const job = await batches.get(id, call);
      failures = 0;
      yield job;
      if (isBatchAtRest(job)) return;
    } catch (thrown) {
      const error = toDragomanError(thrown);
      failures += 1;
      if (!error.retryable || failures > failuresMax) throw error;
      onFailure?.(error);
    }
    if (waitedMs + everyMs > totalMs) throw tooLate(id, totalMs);
    await sleep(everyMs, signal);
  }
}

function tooLate(id: string, totalMs: number): DragomanError {
  const detail = `the batch ${id} was not at rest within ${totalMs} ms (totalMs)`;
  return new DragomanError({
    code: "timeout",
    detail,
    retryable: false,
    advice: "watch it again later; it goes on at the vendor",
  });
}
