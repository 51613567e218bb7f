/** A completion as the answer to a client's `POST /v1/messages`. */
import type { Completion, Finish } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { sourcesOf } from "./citations.ts";
import { renderFinish } from "./finish.ts";
import { renderAnswerPart } from "./render-answer.ts";
import { renderUsage } from "./usage.ts";
import { DIALECT } from "./vendor-data.ts";

export function renderResponse(completion: Completion, client: ClientContext): RenderedResponse {
  const warnings: Warning[] = [];
  const { finish, usage } = completion;
  const content: JsonObject[] = [];
  for (const [index, part] of completion.message.parts.entries()) {
    const block = renderAnswerPart(part, `message.parts[${index}]`, warnings);
    if (block !== undefined) content.push(block);
  }
  warnings.push(...lostSources(completion.message.parts));
  const body: JsonObject = {
    id: completion.id,
    type: "message",
    role: "assistant",
    model: client.model,
    content,
    stop_reason: stopReason(finish, warnings),
    stop_sequence: finish.stopSequence ?? null,
    ...stopDetails(finish),
    ...completion.vendor?.[DIALECT],
    usage: renderUsage(usage, completion.origin.dialect === DIALECT),
  };
  warnings.push(...unknownUsage(usage));
  return { body, warnings };
}

export function stopReason(finish: Finish, warnings: Warning[]): string {
  const { word, exact } = renderFinish(finish);
  if (!exact) {
    const detail = `Anthropic has no word for the finish ${finish.reason} (${finish.raw ?? "unnamed"}); end_turn stands in`;
    warnings.push({ type: "lossy", path: "finish", detail });
  }
  return word;
}

/** The explanation of a refusal. Anthropic's own details, where there are any, go over this. */
export function stopDetails(finish: Finish): { readonly stop_details?: JsonObject } {
  if (finish.detail === undefined || finish.reason !== "content-filter") return {};
  return { stop_details: { type: "refusal", category: null, explanation: finish.detail } };
}

/** The wire demands both figures; where they are unknown they are missing, for a 0 would be a lie. */
export function unknownUsage(usage: Usage): Warning[] {
  const missing = [usage.inputTokens === undefined ? "input" : "", usage.outputTokens === undefined ? "output" : ""].filter(
    Boolean,
  );
  if (missing.length === 0) return [];
  return [
    { type: "lossy", path: "usage", detail: `the vendor did not report ${missing.join(" and ")} tokens; they are left out` },
  ];
}

/** Sources that no citation carries. */
export function lostSources(parts: readonly AssistantPart[]): Warning[] {
  let cited = 0;
  let sources = 0;
  for (const part of parts) {
    if (part.type === "text") cited += sourcesOf(part.vendor?.[DIALECT]?.citations).length;
    if (part.type === "source") sources += 1;
  }
  return sources <= cited ? [] : [{ type: "lossy", path: "message.parts", detail: lostSourcesDetail(sources - cited) }];
}

export function lostSourcesDetail(count: number): string {
  return `${count} sources without Anthropic's citations have no form here; they were left out`;
}
