import type { BatchStatus } from "../batch.ts";
import type { Warning } from "../warning.ts";

/**
 * Our status for the vendor's word. A word that nobody knows counts as running, with a warning: to call it finished would
 * lose results.
 */
export function statusOf(
  word: string,
  statuses: ReadonlyMap<string, BatchStatus>,
): { readonly status: BatchStatus; readonly warnings: readonly Warning[] } {
  const status = statuses.get(word.toLowerCase());
  if (status !== undefined) return { status, warnings: [] };
  const detail = `the vendor says that the batch is ${JSON.stringify(word)}, which is not known here; it counts as running`;
  return { status: "running", warnings: [{ type: "other", detail }] };
}
