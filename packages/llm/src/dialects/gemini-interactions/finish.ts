/** How an answer ended: one word for the whole interaction, which has no word for a filter and none for a stop sequence. */
import type { Finish, FinishReason } from "../../completion.ts";
import type { Warning } from "../../warning.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["completed", "stop"],
  ["requires_action", "tool-calls"],
  // Recorded of answers that met `max_output_tokens`.
  ["incomplete", "length"],
  ["requires_continuation", "pause"],
  ["failed", "error"],
]);

/** Statuses under which the vendor goes on working. */
const WORKING: ReadonlySet<unknown> = new Set(["in_progress", "queued"]);

export function isWorking(status: unknown): boolean {
  return WORKING.has(status);
}

export function parseFinish(status: string | undefined, hasCalls: boolean, detail: string | undefined): Finish {
  const reason = status === undefined ? "other" : (REASONS.get(status) ?? "other");
  return {
    reason: settled(reason, hasCalls),
    ...(status === undefined ? {} : { raw: status }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Calls that wait for results decide; a request for action without any is for something that is no call. */
function settled(reason: FinishReason, hasCalls: boolean): FinishReason {
  if (reason === "stop" && hasCalls) return "tool-calls";
  return reason === "tool-calls" && !hasCalls ? "other" : reason;
}

const STATUSES: Readonly<Record<FinishReason, string>> = {
  stop: "completed",
  "tool-calls": "requires_action",
  length: "incomplete",
  "content-filter": "incomplete",
  pause: "requires_continuation",
  error: "failed",
  other: "incomplete",
};

/** `ownStatus` is the vendor's own word, where the answer came over this very wire. */
export function renderStatus(finish: Finish, ownStatus: string | undefined, warnings: Warning[]): string {
  if (ownStatus !== undefined) return ownStatus;
  const status = STATUSES[finish.reason];
  if (finish.reason === "content-filter" || finish.reason === "other") {
    warnings.push({
      type: "lossy",
      path: "finish.reason",
      detail: `the wire has no word for ${finish.reason}; ${status} was sent`,
    });
  }
  if (finish.stopSequence !== undefined) {
    warnings.push({
      type: "lossy",
      path: "finish.stopSequence",
      detail: "the wire does not name the stop sequence that was met",
    });
  }
  return status;
}
