/** `dragoman batch watch`: how far a batch is, until nothing can change any more. */
import { type BatchJob, toDragomanError, watchBatch } from "@dragoman/llm";
import { findJob } from "../batch/find-job.ts";
import { createProgressNotes, type ProgressNotes } from "../batch/progress-notes.ts";
import { EXIT } from "../exit.ts";
import { listenForInterrupt } from "../interrupt.ts";

export interface WatchOptions {
  readonly json?: boolean;
  /** Seconds. */
  readonly every: number;
  /** Seconds. */
  readonly timeout?: number;
}

export async function watchJob(named: string | undefined, options: WatchOptions): Promise<void> {
  const { id, provider, batches, remembered } = await findJob(named);
  const notes = createProgressNotes();
  const interrupt = listenForInterrupt();
  let last: BatchJob | undefined;
  try {
    const watching = watchBatch(batches, id, {
      signal: interrupt.signal,
      everyMs: options.every * 1000,
      ...(options.timeout === undefined ? {} : { totalMs: options.timeout * 1000 }),
      onFailure: (error) => notes.note(`${provider.id} ${error.code}; asking again`),
    });
    for await (const job of watching) {
      tell(job, last, remembered?.count, options, notes);
      last = job;
    }
  } catch (thrown) {
    notes.clear();
    if (!interrupt.signal.aborted) throw toDragomanError(thrown);
    process.exitCode = EXIT.interrupted;
    notes.note(`no longer watched; ${provider.id}:${id} goes on at the vendor`);
    return;
  } finally {
    interrupt.dispose();
  }
  notes.clear();
  if (last !== undefined) conclude(last, notes);
}

/** As JSON, one line for each change. */
function tell(
  job: BatchJob,
  before: BatchJob | undefined,
  count: number | undefined,
  options: WatchOptions,
  notes: ProgressNotes,
): void {
  const line = JSON.stringify(job);
  if (options.json === true && line !== JSON.stringify(before)) process.stdout.write(`${line}\n`);
  const { total = count, ...counts } = job.counts ?? {};
  notes.show({ word: job.status, ...(total === undefined ? {} : { total }), ...counts });
}

function conclude(job: BatchJob, notes: ProgressNotes): void {
  const { id, provider, status, counts, error } = job;
  const figures = counts === undefined ? "" : `: ${counts.succeeded} answered, ${counts.failed} failed`;
  const next = status === "failed" ? "" : `. Next: dragoman batch collect ${provider}:${id}`;
  notes.note(`${provider}:${id} is ${status}${figures}${error === undefined ? "" : `: ${error}`}${next}`);
  if (status !== "completed") process.exitCode = EXIT.failed;
}
