/** `dragoman batch collect`: the results of a batch that is at rest, with what they cost. */
import { isBatchAtRest } from "@dragoman/llm";
import { type FoundJob, findJob } from "../batch/find-job.ts";
import { createProgressNotes, type ProgressNotes } from "../batch/progress-notes.ts";
import { type BatchSummary, createTally, summaryLine } from "../batch/tally.ts";
import { openResultWriter } from "../batch/write-results.ts";
import { EXIT } from "../exit.ts";
import { listenForInterrupt } from "../interrupt.ts";

export interface CollectOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export async function collectResults(named: string | undefined, options: CollectOptions): Promise<void> {
  const found = await findJob(named);
  const notes = createProgressNotes();
  const interrupt = listenForInterrupt();
  const call = { signal: interrupt.signal };
  try {
    const job = await found.batches.get(found.id, call);
    if (!isBatchAtRest(job)) {
      notes.note(
        `${found.provider.id}:${found.id} is ${job.status}; nothing to collect yet. Next: dragoman batch watch ${found.id}`,
      );
      process.exitCode = EXIT.failed;
      return;
    }
    const total = job.counts?.total ?? found.remembered?.count;
    const summary = await collect(found, total, options, notes, interrupt.signal);
    notes.clear();
    if (options.json === true && options.out !== undefined) console.log(JSON.stringify({ file: options.out, ...summary }));
    conclude(summary, total, notes);
  } finally {
    interrupt.dispose();
  }
}

async function collect(
  { id, provider, batches }: FoundJob,
  total: number | undefined,
  options: CollectOptions,
  notes: ProgressNotes,
  signal: AbortSignal,
): Promise<BatchSummary> {
  const tally = createTally(provider);
  const writer = await openResultWriter(options.out);
  try {
    for await (const result of batches.results(id, { signal })) {
      tally.add(result);
      const { answered: succeeded, failed } = tally.summary();
      notes.show({ word: "collecting", succeeded, failed, ...(total === undefined ? {} : { total }) });
      await writer.write(result);
    }
    await writer.finish();
  } catch (error) {
    notes.clear();
    await writer.abandon();
    throw error;
  }
  return tally.summary();
}

/** A cancelled batch may have no word on what was not begun. */
function conclude(summary: BatchSummary, total: number | undefined, notes: ProgressNotes): void {
  const missing = total === undefined ? 0 : total - summary.answered - summary.failed;
  notes.note(`${summaryLine(summary)}${missing > 0 ? ` · ${missing} without a result` : ""}`);
  if (summary.failed > 0 || missing > 0) process.exitCode = EXIT.failed;
}
