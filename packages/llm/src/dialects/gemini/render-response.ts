/** Completion -> GenerateContentResponse. */
import type { Completion } from "../../completion.ts";
import type { RenderedResponse } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import { toolCallsOf } from "../../message.ts";
import { candidateFields, headFields, isBlockedPrompt, renderAnswerPart, reportForeign, reportUsageLoss } from "./answer-body.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { createReporter, type Report } from "./report.ts";
import { usageMetadataOf } from "./usage.ts";
import { geminiData } from "./vendor-data.ts";

export function renderResponse(completion: Completion, quirks: ResolvedQuirks): RenderedResponse {
  const { report, warnings } = createReporter();
  const { message, finish, usage, origin } = completion;
  const data = geminiData(completion);
  reportForeign(message.vendor, "message", report);
  reportUsageLoss(usage, report);
  const usageMetadata = usageMetadataOf(usage, completion);
  const blocked = isBlockedPrompt(finish, message.parts.length, data);
  const body: JsonObject = {
    ...(blocked ? {} : { candidates: [candidateOf(completion, quirks, report), ...(data.otherCandidates ?? [])] }),
    ...(data.promptFeedback === undefined ? {} : { promptFeedback: data.promptFeedback }),
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
    ...headFields({ id: completion.id, origin, createdAt: completion.createdAt }),
    ...data.response,
  };
  return { body, warnings };
}

function candidateOf(completion: Completion, quirks: ResolvedQuirks, report: Report): JsonObject {
  const { message, finish } = completion;
  const parts = message.parts.flatMap((part, index) => {
    const rendered = renderAnswerPart(part, `message.parts[${index}]`, quirks, report);
    return rendered === undefined ? [] : [rendered];
  });
  const sources = message.parts.filter((part) => part.type === "source");
  const kept = geminiData(completion).candidate;
  return {
    content: { parts, role: "model" },
    ...candidateFields(finish, sources, toolCallsOf(message).length > 0, kept, report),
  };
}
