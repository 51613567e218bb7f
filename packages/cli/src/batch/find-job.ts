/** From what is named on the command line to a job and the provider that has it. */
import { type Batches, DragomanError, type Provider } from "@dragoman/llm";
import { openRegistry } from "../open-registry.ts";
import { providerOf } from "../provider-of.ts";
import { type RememberedJob, readJobs } from "./job-store.ts";

export interface FoundJob {
  readonly id: string;
  readonly provider: Provider;
  readonly batches: Batches;
  /** Where it was submitted here. */
  readonly remembered?: RememberedJob;
}

/** `named`: an id that was submitted here, or `provider:id`. Undefined: the last that was submitted. */
export async function findJob(named: string | undefined): Promise<FoundJob> {
  const jobs = await readJobs();
  const remembered =
    named === undefined ? jobs[0] : jobs.find(({ id, provider }) => id === named || `${provider}:${id}` === named);
  const { provider: vendor, id } = remembered ?? parseName(named);
  const provider = providerOf(await openRegistry({ named: `${vendor}:` }), vendor);
  return { id, provider, batches: batchesOf(provider), ...(remembered === undefined ? {} : { remembered }) };
}

export function batchesOf(provider: Provider): Batches {
  if (provider.batches !== undefined) return provider.batches;
  const detail = `${provider.id} has no batches`;
  const advice = "dragoman batch submit --local runs one from here";
  throw new DragomanError({ code: "unsupported", provider: provider.id, detail, advice });
}

function parseName(named: string | undefined): Pick<RememberedJob, "id" | "provider"> {
  const [, provider, id] = /^([^:]+):(.+)$/s.exec(named ?? "") ?? [];
  if (provider !== undefined && id !== undefined) return { provider, id };
  const detail = named === undefined ? "no batch was submitted from here" : `${named} was not submitted from here`;
  const advice = "name a batch as provider:id; dragoman batch list shows those that are remembered";
  throw new DragomanError({ code: "invalid_request", detail, advice });
}
