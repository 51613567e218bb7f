/** A completion as the answer to a client's `POST /model/{id}/converse`. */
import type { Completion, Finish } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { Timing } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { renderFinish, renderStopSequence } from "./finish.ts";
import { lossy, lostSources, renderAnswerPart } from "./render-answer.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { vendorDataOf } from "./vendor-data.ts";

export function renderResponse(completion: Completion, _client: ClientContext): RenderedResponse {
  const warnings: Warning[] = [];
  const { message, finish, usage } = completion;
  const content: JsonObject[] = [];
  for (const [index, part] of message.parts.entries()) {
    const block = renderAnswerPart(part, `message.parts[${index}]`, warnings);
    if (block !== undefined) content.push(block);
  }
  warnings.push(...lostSources(message.parts), ...usageWarnings(usage));
  const body: JsonObject = {
    ...renderMetrics(completion.timing),
    output: { message: { role: "assistant", content } },
    stopReason: stopReason(finish, warnings),
    ...renderStopSequence(finish),
    usage: renderUsage(usage),
    ...vendorDataOf(completion).body,
  };
  return { body, warnings };
}

/** The vendor's own figure, where there is one, lies over this. */
export function renderMetrics(timing: Timing | undefined): { readonly metrics?: JsonObject } {
  return timing === undefined ? {} : { metrics: { latencyMs: Math.round(timing.totalMs) } };
}

export function stopReason(finish: Finish, warnings: Warning[]): string {
  const { word, loss } = renderFinish(finish);
  if (loss !== undefined) warnings.push(lossy("finish", loss));
  return word;
}
