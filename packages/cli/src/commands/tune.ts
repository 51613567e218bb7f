/** `dragoman tune`: trains a model of one's own at a vendor that offers it. */
import type { FineTuneEvent, FineTuneJob, FineTuneProgress, FineTuning } from "@dragoman/llm";
import { isFineTuneAtRest, watchFineTune } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { createStatusLine } from "../status-line.ts";
import { type Column, renderTable } from "../table.ts";
import { eventCells, eventText, jobText, progressText, referenceOf, timeText } from "../tune/job-text.ts";
import { openTuning } from "../tune/open-tuning.ts";
import { readTraining, trainingSource } from "../tune/read-training.ts";

interface Output {
  readonly json?: boolean;
}

export async function uploadTraining(providerId: string, file: string, { json }: Output): Promise<void> {
  const { examples, warnings } = await readTraining(file);
  for (const { path = "", detail } of warnings) warn(`${path}: ${detail}`);
  const { tuning, provider } = await openTuning(providerId);
  const uploaded = await tuning.upload({ examples, name: baseName(file) });
  for (const { path = "", detail } of uploaded.warnings) warn(`${path}: ${detail}`);
  const told = { provider: provider.id, ...uploaded };
  if (json === true) console.log(JSON.stringify(told, null, 2));
  else console.log(printable(`${uploaded.fileId}: ${uploaded.examples} examples, ${uploaded.sizeBytes} bytes at ${provider.id}`));
}

interface StartOptions extends Output {
  readonly validation?: string;
  readonly suffix?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly seed?: number;
  readonly watch?: boolean;
  readonly every: number;
}

export async function startTuning(reference: string, training: string, options: StartOptions): Promise<void> {
  const { json, watch, every, validation, ...settings } = options;
  const [trained, validated] = await Promise.all([
    trainingSource(training, warn),
    validation === undefined ? undefined : trainingSource(validation, warn),
  ]);
  const { tuning, name: model } = await openTuning(reference, "model");
  const job = await tuning.start({
    model,
    training: trained,
    ...(validated === undefined ? {} : { validation: validated }),
    ...settings,
  });
  for (const { path = "", detail } of job.warnings) warn(`${path}: ${detail}`);
  if (watch === true) return follow(tuning, job.id, { every, ...(json === undefined ? {} : { json }) });
  tellJob(job, json);
}

export async function watchTuning(reference: string, options: Output & { readonly every: number }): Promise<void> {
  const { tuning, name } = await openTuning(reference, "job");
  await follow(tuning, name, options);
}

/** Events as they come on standard output, how far it is on standard error. The exit status says how it ended. */
async function follow(tuning: FineTuning, id: string, { json, every }: Output & { readonly every: number }): Promise<void> {
  const interrupt = listenForInterrupt();
  const status = createStatusLine();
  const onFailure = (error: Error): void => status.show(`asking again: ${error.message}`);
  let latest: FineTuneEvent | undefined;
  let last: FineTuneJob | undefined;
  try {
    for await (const progress of watchFineTune(tuning, id, { everyMs: every * 1000, signal: interrupt.signal, onFailure })) {
      latest = progress.events.findLast(({ step }) => step !== undefined) ?? latest;
      last = progress.job;
      status.clear();
      tellProgress(progress, json);
      if (!isFineTuneAtRest(progress.job))
        status.show(`${progressText(progress.job, latest)}; Ctrl+C stops watching, not the job`);
    }
  } finally {
    status.clear();
    interrupt.dispose();
  }
  if (last === undefined) return;
  if (json !== true) console.log(printable(jobText(last)));
  if (last.status !== "succeeded") process.exitCode = EXIT.failed;
}

/** As JSON lines: the job with what has happened since the line before. */
function tellProgress({ job, events }: FineTuneProgress, json: boolean | undefined): void {
  if (json === true) console.log(JSON.stringify({ job, events }));
  else for (const event of events) console.log(printable(eventText(event)));
}

const COLUMNS: readonly Column[] = [
  { title: "JOB", whole: true },
  { title: "STATUS" },
  { title: "FROM", expendable: 2 },
  { title: "MODEL", expendable: 1 },
  { title: "CREATED", expendable: 3 },
];

export async function listTunings(providerId: string, { json }: Output): Promise<void> {
  const { tuning } = await openTuning(providerId);
  const jobs = await tuning.list();
  if (json === true) {
    console.log(JSON.stringify(jobs, null, 2));
    return;
  }
  const rows = jobs.map((job) => [referenceOf(job), job.status, job.model, job.tunedModel ?? "", timeText(job.createdAt)]);
  if (!process.stdout.isTTY) {
    for (const row of rows) console.log(tabSeparated(row));
    return;
  }
  if (rows.length === 0) {
    console.error(`${providerId} has no fine-tuning jobs`);
    return;
  }
  const { bold } = createPalette(process.stdout);
  const [titles = "", ...lines] = renderTable(COLUMNS, rows, process.stdout.columns || 80);
  console.log([bold(titles), ...lines].join("\n"));
}

export async function cancelTuning(reference: string, { json }: Output): Promise<void> {
  const { tuning, name } = await openTuning(reference, "job");
  tellJob(await tuning.cancel(name), json);
}

export async function tuningEvents(reference: string, { json }: Output): Promise<void> {
  const { tuning, name } = await openTuning(reference, "job");
  const events = await tuning.events(name);
  if (json === true) console.log(JSON.stringify(events, null, 2));
  else
    for (const event of events) console.log(process.stdout.isTTY ? printable(eventText(event)) : tabSeparated(eventCells(event)));
}

function tellJob(job: FineTuneJob, json: boolean | undefined): void {
  console.log(json === true ? JSON.stringify(job, null, 2) : printable(jobText(job)));
}

function tabSeparated(cells: readonly string[]): string {
  return cells.map((cell) => printable(cell).replaceAll(/[\t\n]/g, " ")).join("\t");
}

function warn(text: string): void {
  console.error(printable(`note: ${text}`));
}

/** Vendors ask for a name that ends in `.jsonl`. */
function baseName(file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? "training.jsonl";
  return name.endsWith(".jsonl") ? name : `${name}.jsonl`;
}
