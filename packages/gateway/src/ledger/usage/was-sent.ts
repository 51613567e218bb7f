import type { AttemptRecord } from "../call-record.ts";

/** Whether a vendor was asked. */
export function wasSent({ outcome, startedAt }: AttemptRecord): boolean {
  return outcome === "answered" || startedAt !== undefined;
}
