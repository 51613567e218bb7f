import { DragomanError } from "../errors.ts";
import type { FineTuneRequest, FineTuneStatus } from "../fine-tune.ts";
import type { Warning } from "../warning.ts";

/**
 * Our status for the vendor's word. A word that nobody knows counts as running, with a warning: to call it finished would
 * end a watch too early.
 */
export function statusOf(
  word: string,
  statuses: ReadonlyMap<string, FineTuneStatus>,
): { readonly status: FineTuneStatus; readonly warnings: readonly Warning[] } {
  const status = statuses.get(word.toLowerCase());
  if (status !== undefined) return { status, warnings: [] };
  const detail = `the vendor says that the job is ${JSON.stringify(word)}, which is not known here; it counts as running`;
  return { status: "running", warnings: [{ type: "other", detail }] };
}

type Setting = "epochs" | "batchSize" | "learningRateMultiplier" | "seed" | "suffix";

/** Throws `unsupported` for settings that the vendor has no field for; `instead` is what to do about one. */
export function refuseSettings(
  provider: string,
  request: FineTuneRequest,
  missing: Readonly<{ [Name in Setting]?: string }>,
): void {
  for (const name of Object.keys(missing) as Setting[]) {
    if (request[name] === undefined) continue;
    const detail = `fine-tuning at ${provider} has no ${name}`;
    throw new DragomanError({ code: "unsupported", provider, field: name, detail, advice: missing[name] ?? "leave it out" });
  }
}
