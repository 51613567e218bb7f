/** The batches that were submitted here, `batches.json` in the user's folder: so that nobody has to keep their ids. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DragomanError, isJsonObject } from "@dragoman/llm";
import { userFolder } from "../user-data.ts";

export interface RememberedJob {
  readonly id: string;
  readonly provider: string;
  /** As it was named: `provider:model`, or a bare id. */
  readonly model: string;
  /** Items. */
  readonly count: number;
  /** RFC 3339. */
  readonly submittedAt: string;
}

/** The oldest are forgotten; no vendor keeps results for so long. */
const REMEMBERED_MAX = 500;

export function jobsFile(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "batches.json");
}

/** The newest first. Throws `configuration` for a file that is not ours. */
export async function readJobs(environment: NodeJS.ProcessEnv = process.env): Promise<readonly RememberedJob[]> {
  const file = jobsFile(environment);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw damaged(file);
  }
  const jobs = parsedJobs(text);
  if (jobs === undefined) throw damaged(file);
  return jobs;
}

/** Written beside and renamed, so that a crash leaves the old file whole. */
export async function rememberJob(job: RememberedJob, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const others = (await readJobs(environment)).filter(({ id, provider }) => id !== job.id || provider !== job.provider);
  const file = jobsFile(environment);
  await mkdir(userFolder(environment), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify({ jobs: [job, ...others].slice(0, REMEMBERED_MAX) }, null, 2)}\n`);
  await rename(beside, file);
}

function parsedJobs(text: string): readonly RememberedJob[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const jobs: unknown = isJsonObject(value) ? value.jobs : undefined;
  return Array.isArray(jobs) && jobs.every(isJob) ? jobs : undefined;
}

function isJob(value: unknown): value is RememberedJob {
  if (!isJsonObject(value) || typeof value.count !== "number") return false;
  return [value.id, value.provider, value.model, value.submittedAt].every((field) => typeof field === "string");
}

function damaged(file: string): DragomanError {
  const advice = "delete or restore the file; dragoman batch submit writes it";
  return new DragomanError({ code: "configuration", detail: `${file} does not hold submitted batches`, advice });
}
