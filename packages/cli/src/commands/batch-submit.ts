/** `dragoman batch submit`: a file of questions as one job at the vendor, or, where it has none, as calls from here. */
import { type BatchItem, type BatchJob, type Provider, retry, runBatch, toDragomanError } from "@dragoman/llm";
import { rememberJob } from "../batch/job-store.ts";
import { createProgressNotes, type ProgressNotes } from "../batch/progress-notes.ts";
import { readItems } from "../batch/read-items.ts";
import { createTally, summaryLine } from "../batch/tally.ts";
import { openResultWriter } from "../batch/write-results.ts";
import { EXIT } from "../exit.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { openRegistry } from "../open-registry.ts";
import { type NamedModel, resolveModel, withNearestNames } from "../resolve-model.ts";

export interface SubmitOptions {
  readonly model?: string;
  readonly local?: boolean;
  readonly concurrency?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export async function submitBatch(file: string, options: SubmitOptions): Promise<void> {
  const opened = await openRegistry({ named: options.model ?? process.env.DRAGOMAN_MODEL });
  const target = await resolveModel(opened, options.model);
  const items = await readItems(file, target.model);
  const notes = createProgressNotes();
  const isLocal = options.local === true || target.provider.batches === undefined;
  try {
    await (isLocal ? runLocally(target, items, options, notes) : submitToVendor(target, items, options, notes));
  } catch (thrown) {
    notes.clear();
    throw await withNearestNames(toDragomanError(thrown), opened.registry, target.reference);
  }
}

// At the vendor

async function submitToVendor(
  { provider, reference }: NamedModel,
  items: readonly BatchItem[],
  options: SubmitOptions,
  notes: ProgressNotes,
): Promise<void> {
  for (const name of ["out", "concurrency"] as const) {
    if (options[name] !== undefined) notes.note(`--${name} is for a run from here (--local); it is not used`);
  }
  const { batches } = provider;
  if (batches === undefined) return;
  const interrupt = listenForInterrupt();
  notes.show({ word: `submitting ${counted(items.length)} to ${provider.id} …` });
  const job = await batches.submit(items, { signal: interrupt.signal });
  interrupt.dispose();
  notes.clear();
  const submittedAt = new Date().toISOString();
  await rememberJob({ id: job.id, provider: provider.id, model: reference, count: items.length, submittedAt });
  console.log(options.json === true ? JSON.stringify({ ...job, count: items.length }) : job.id);
  tellWarnings(job, notes);
  notes.note(`${counted(items.length)} submitted to ${provider.id}${discountWords(provider, items)}. Next: dragoman batch watch`);
}

function counted(count: number): string {
  return count === 1 ? "1 item" : `${count} items`;
}

function discountWords(provider: Provider, [first]: readonly BatchItem[]): string {
  const factor = first === undefined ? undefined : provider.pricing(first.request.model)?.batchFactor;
  return factor === undefined ? "" : `, at ${Math.round(factor * 100)} % of the price of calls`;
}

/** The same warning of a thousand items is told once. */
const WARNINGS_TOLD_MAX = 5;

function tellWarnings({ warnings }: BatchJob, notes: ProgressNotes): void {
  const details = new Set(warnings.map(({ detail }) => detail));
  for (const detail of [...details].slice(0, WARNINGS_TOLD_MAX)) {
    const count = warnings.filter((warning) => warning.detail === detail).length;
    notes.note(`warning: ${detail}${count === 1 ? "" : ` (${count} times)`}`);
  }
  if (details.size > WARNINGS_TOLD_MAX) notes.note(`and ${details.size - WARNINGS_TOLD_MAX} more kinds of warnings`);
}

// From here

async function runLocally(
  { provider }: NamedModel,
  items: readonly BatchItem[],
  options: SubmitOptions,
  notes: ProgressNotes,
): Promise<void> {
  const { out, concurrency = 4 } = options;
  if (provider.batches === undefined) {
    notes.note(`${provider.id} has no batches: the items are asked from here, ${concurrency} at a time, at the price of calls`);
  }
  if (out === undefined) notes.note("without --out a run that is stopped cannot go on where it was");
  const interrupt = listenForInterrupt();
  const tally = createTally(provider);
  const writer = out === undefined ? await openResultWriter(undefined) : undefined;
  try {
    const results = runBatch(retry(provider), items, {
      concurrency,
      signal: interrupt.signal,
      ...(out === undefined ? {} : { file: out }),
      onProgress: (progress) => notes.show({ ...progress, word: "running" }),
    });
    for await (const result of results) {
      tally.add(result);
      await writer?.write(result);
    }
  } catch (thrown) {
    notes.clear();
    if (!interrupt.signal.aborted) throw thrown;
    process.exitCode = EXIT.interrupted;
    notes.note(`stopped${out === undefined ? "" : `; the same command goes on from ${out}`}`);
    notes.note(summaryLine(tally.summary()));
    return;
  } finally {
    interrupt.dispose();
  }
  notes.clear();
  const summary = tally.summary();
  if (options.json === true && out !== undefined) console.log(JSON.stringify({ file: out, ...summary }));
  notes.note(summaryLine(summary));
  if (summary.failed > 0) process.exitCode = EXIT.failed;
}
