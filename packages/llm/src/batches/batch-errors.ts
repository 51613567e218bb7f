/** Errors that batches of all vendors have in common. */
import type { BatchJob } from "../batch.ts";
import { isBatchAtRest } from "../batch.ts";
import { DragomanError } from "../errors.ts";

/** Throws `invalid_request` while a job has no results: it still runs, or was refused as a whole. */
export function assertHasResults(job: BatchJob): void {
  const { id, provider, status } = job;
  if (!isBatchAtRest(job)) {
    const detail = `the batch ${id} is ${status}; it has results once it is at rest`;
    throw new DragomanError({ code: "invalid_request", provider, detail, advice: "watch it until it is at rest" });
  }
  if (status !== "failed") return;
  const detail = `the batch ${id} was refused as a whole and has no results: ${job.error ?? "the vendor does not say why"}`;
  throw new DragomanError({ code: "invalid_request", provider, detail, advice: "correct what is named and submit it again" });
}

/** Of an item that was not begun, or not finished, when its batch was cancelled. */
export function cancelledItem(provider: string): DragomanError {
  const detail = "the batch was cancelled before this item was answered";
  return new DragomanError({ code: "aborted", provider, detail, advice: "submit it again if it is still wanted" });
}

export function expiredItem(provider: string): DragomanError {
  const detail = "the batch expired before this item was answered";
  return new DragomanError({ code: "timeout", provider, detail, advice: "submit it again" });
}

/** A result that says nothing which we know. */
export function unreadableItem(provider: string, id: string): DragomanError {
  return new DragomanError({
    code: "invalid_response",
    provider,
    detail: `the result of ${id} holds neither an answer nor an error`,
  });
}
