/** `dragoman batch list`: the batches that were submitted from here, or all that a vendor has. */
import { type BatchJob, toDragomanError } from "@dragoman/llm";
import { batchesOf } from "../batch/find-job.ts";
import { type RememberedJob, readJobs } from "../batch/job-store.ts";
import { openRegistry } from "../open-registry.ts";
import { printable } from "../printable.ts";
import { providerOf } from "../provider-of.ts";
import { type Column, renderTable } from "../table.ts";

interface ListOptions {
  readonly json?: boolean;
  /** Remembered jobs that are asked after. */
  readonly last: number;
}

interface Row {
  readonly id: string;
  readonly provider: string;
  /** Absent where it could not be asked; `problem` then says why. */
  readonly job?: BatchJob;
  readonly problem?: string;
  readonly remembered?: RememberedJob;
}

export async function listJobs(vendor: string | undefined, options: ListOptions): Promise<void> {
  const rows = vendor === undefined ? await rememberedRows(options.last) : await rowsOf(vendor);
  if (options.json === true) console.log(JSON.stringify(rows, null, 2));
  else if (rows.length === 0)
    console.error(vendor === undefined ? "no batch was submitted from here" : `${vendor} has no batches of yours`);
  else
    for (const line of renderTable(COLUMNS, rows.map(cells), process.stdout.isTTY ? process.stdout.columns : undefined))
      console.log(line);
  for (const { provider, id, problem } of rows)
    if (problem !== undefined) console.error(printable(`${provider}:${id}: ${problem}`));
}

async function rowsOf(vendor: string): Promise<readonly Row[]> {
  const provider = providerOf(await openRegistry({ named: `${vendor}:` }), vendor);
  const jobs = await batchesOf(provider).list();
  return jobs.map((job) => ({ id: job.id, provider: vendor, job }));
}

/** How long a vendor may take to say how far one is. Milliseconds. */
const ASKING_LIMIT_MS = 15_000;

async function rememberedRows(last: number): Promise<readonly Row[]> {
  const jobs = (await readJobs()).slice(0, last);
  if (jobs.length === 0) return [];
  const opened = await openRegistry();
  return Promise.all(
    jobs.map(async (remembered): Promise<Row> => {
      const { id, provider } = remembered;
      try {
        const batches = batchesOf(providerOf(opened, provider));
        return { id, provider, remembered, job: await batches.get(id, { signal: AbortSignal.timeout(ASKING_LIMIT_MS) }) };
      } catch (thrown) {
        return { id, provider, remembered, problem: toDragomanError(thrown).message };
      }
    }),
  );
}

const COLUMNS: readonly Column[] = [
  { title: "BATCH", whole: true },
  { title: "STATUS" },
  { title: "DONE", align: "right" },
  { title: "MODEL", expendable: 2 },
  { title: "SUBMITTED", expendable: 1 },
];

function cells({ id, provider, job, remembered }: Row): readonly string[] {
  const { counts, createdAt } = job ?? {};
  const total = counts?.total ?? remembered?.count;
  const done = counts === undefined ? "?" : String(counts.succeeded + counts.failed);
  const at = remembered?.submittedAt ?? (createdAt === undefined ? "" : new Date(createdAt * 1000).toISOString());
  return [
    `${provider}:${id}`,
    job?.status ?? "unknown",
    total === undefined ? "" : `${done} of ${total}`,
    remembered?.model ?? "",
    at.slice(0, 16).replace("T", " "),
  ];
}
