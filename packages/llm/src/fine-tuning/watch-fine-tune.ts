/** Follows a training until nothing can change any more. */
import { DragomanError, toDragomanError } from "../errors.ts";
import { pause } from "../files/pause.ts";
import { type FineTuneEvent, type FineTuneJob, type FineTuning, isFineTuneAtRest } from "../fine-tune.ts";

/** How `watchFineTune` asks, and for how long. */
export interface WatchFineTuneOptions {
  readonly signal?: AbortSignal;
  /** Between two questions. Milliseconds. Default 15 000. */
  readonly everyMs?: number;
  /** Over all. Milliseconds. Default three days. */
  readonly totalMs?: number;
  /** Questions that may fail in a row for a passing reason before the error is thrown. Default 5. */
  readonly failuresMax?: number;
  /** Told of a question that failed and will be asked again. */
  readonly onFailure?: (error: DragomanError) => void;
  /** Waits, or rejects once the signal is aborted. Default: a timer. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The job as it stands, and what has happened since the last look. */
export interface FineTuneProgress {
  readonly job: FineTuneJob;
  readonly events: readonly FineTuneEvent[];
}

const EVERY_MS = 15_000;
const TOTAL_MS = 3 * 24 * 3_600_000;

/**
 * The job as it is at once, then each time it was asked after; the last one is at rest. Throws `timeout`, `aborted`, or what
 * the vendor says. Leaving the loop, or an abort, leaves the job running.
 */
export async function* watchFineTune(
  fineTuning: FineTuning,
  id: string,
  options: WatchFineTuneOptions = {},
): AsyncGenerator<FineTuneProgress, void, undefined> {
  const { signal, everyMs = EVERY_MS, totalMs = TOTAL_MS, failuresMax = 5, onFailure, sleep = pause } = options;
  const call = signal === undefined ? {} : { signal };
  let failures = 0;
  let told = 0;
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    let progress: FineTuneProgress | undefined;
    try {
      // The job first: what happens between the two questions is told with it, and nothing is left out at the end.
      const job = await fineTuning.get(id, call);
      const events = await fineTuning.events(id, call);
      progress = { job, events: events.slice(told) };
      told = Math.max(told, events.length);
      failures = 0;
    } catch (thrown) {
      const error = toDragomanError(thrown);
      failures += 1;
      if (!error.retryable || failures > failuresMax) throw error;
      onFailure?.(error);
    }
    if (progress !== undefined) {
      yield progress;
      if (isFineTuneAtRest(progress.job)) return;
    }
    if (waitedMs + everyMs > totalMs) throw tooLate(id, totalMs);
    await sleep(everyMs, signal);
  }
}

function tooLate(id: string, totalMs: number): DragomanError {
  const detail = `the job ${id} was not at rest within ${totalMs} ms (totalMs)`;
  const advice = "watch it again later; it goes on at the vendor";
  return new DragomanError({ code: "timeout", detail, retryable: false, advice });
}
