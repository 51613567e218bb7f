/** `dragoman batch cancel`: what has not begun is given up; what was answered can be collected, and is paid for. */
import { findJob } from "../batch/find-job.ts";
import { printable } from "../printable.ts";

export async function cancelJob(named: string, options: { readonly json?: boolean }): Promise<void> {
  const { id, provider, batches } = await findJob(named);
  const job = await batches.cancel(id);
  console.log(options.json === true ? JSON.stringify(job) : printable(`${provider.id}:${id} is ${job.status}`));
}
