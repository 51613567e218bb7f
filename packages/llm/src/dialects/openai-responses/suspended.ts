/**
 * Answers in the background: `background: true` is replied to at once, and the response is worked at until it is asked
 * for. Source: OpenAI's guide on background mode; its streams may be taken up again after a sequence number.
 */
import type { RenderedRequest, SuspendedAnswer } from "../../dialect.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";

export function suspended(body: unknown): SuspendedAnswer | undefined {
  if (!isJsonObject(body) || !isUnderWay(body) || typeof body.id !== "string" || body.id === "") return undefined;
  const path = responsePath(body.id);
  return {
    poll: { method: "GET", path, headers: {}, warnings: [] },
    cancel: { method: "POST", path: `${path}/cancel`, headers: {}, body: {}, warnings: [] },
  };
}

function isUnderWay({ status }: JsonObject): boolean {
  return status === "queued" || status === "in_progress";
}

/** The stream of a response in the background from the event after the last one that was read. */
export function resumedStream(id: string, sequenceNumber: number): RenderedRequest {
  return {
    method: "GET",
    path: `${responsePath(id)}?stream=true&starting_after=${sequenceNumber}`,
    headers: {},
    warnings: [],
  };
}

function responsePath(id: string): string {
  return `/responses/${encodeURIComponent(id)}`;
}
