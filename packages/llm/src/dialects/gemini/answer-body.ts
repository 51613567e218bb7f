/** What a whole answer and a chunk of one share when they are written for a client. */
import type { Finish } from "../../completion.ts";
import type { JsonObject } from "../../json.ts";
import type { AssistantPart, Origin, SourcePart, VendorData } from "../../message.ts";
import type { Usage } from "../../usage.ts";
import { finishOf, finishReasonOf } from "./finish.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderPart } from "./render-part.ts";
import type { Report } from "./report.ts";
import { groundingOf, sourcesOf } from "./sources.ts";
import type { GeminiVendorData } from "./vendor-data.ts";
import type { WirePart } from "./wire.ts";

/** Who answered, under which id. */
export interface AnswerHead {
  readonly id: string;
  readonly origin: Origin;
  readonly createdAt?: number | undefined;
}

export function headFields({ id, origin, createdAt }: AnswerHead): JsonObject {
  return {
    modelVersion: origin.model,
    ...(id === "" ? {} : { responseId: id }),
    ...(createdAt === undefined ? {} : { createTime: new Date(createdAt * 1000).toISOString() }),
  };
}

/** The wire part for a client; undefined for a source, which goes into the grounding, and for what has no room. */
export function renderAnswerPart(
  part: AssistantPart,
  path: string,
  quirks: ResolvedQuirks,
  report: Report,
): WirePart | undefined {
  if (part.type === "source") return undefined;
  if (part.type !== "opaque") reportForeign(part.vendor, path, report);
  if (part.type === "text" && part.text === "" && part.vendor?.gemini === undefined) {
    report("lossy", path, "an empty text is nothing to Gemini; it was left out");
    return undefined;
  }
  return renderPart(part, path, { ids: quirks.functionCallIds, displayNames: true, report });
}

/** Another maker's signatures cannot go through a Gemini client; without them its thinking cannot be replayed. */
export function reportForeign(vendor: VendorData | undefined, path: string, report: Report): void {
  for (const dialect of Object.keys(vendor ?? {})) {
    if (dialect !== "gemini") report("lossy", `${path}.vendor.${dialect}`, "Gemini's wire has no room for another vendor's data");
  }
}

/** The candidate's fields beside its content. */
export function candidateFields(
  finish: Finish,
  sources: readonly SourcePart[],
  hasToolCalls: boolean,
  kept: JsonObject | undefined,
  report: Report,
): JsonObject {
  const finishReason = finishReasonOf(finish);
  if (finish.stopSequence !== undefined) {
    report("lossy", "finish.stopSequence", "Gemini does not say which stop sequence was met");
  }
  if (finishOf(finishReason, undefined, hasToolCalls).reason !== finish.reason) {
    report("lossy", "finish.reason", `Gemini has no finish reason ${finish.reason} here; ${finishReason} was sent`);
  }
  return {
    finishReason,
    ...(finish.detail === undefined ? {} : { finishMessage: finish.detail }),
    index: 0,
    ...kept,
    ...groundingFields(sources, kept),
  };
}

/** The vendor's own grounding where it names these sources, else grounding made from them. */
function groundingFields(sources: readonly SourcePart[], kept: JsonObject | undefined): JsonObject {
  if (sources.length === 0) return {};
  const plain = sources.map(({ vendor: _vendor, ...source }) => source);
  if (kept !== undefined && JSON.stringify(sourcesOf(kept)) === JSON.stringify(plain)) return {};
  return { groundingMetadata: groundingOf(plain) };
}

/** The prompt was refused: an answer without candidates. */
export function isBlockedPrompt(finish: Finish, partCount: number, data: GeminiVendorData): boolean {
  return finish.reason === "content-filter" && partCount === 0 && data.promptFeedback?.blockReason !== undefined;
}

export function reportUsageLoss(usage: Usage, report: Report): void {
  if (usage.cacheWriteTokens !== undefined && usage.cacheWriteTokens > 0) {
    report("lossy", "usage.cacheWriteTokens", "Gemini counts no cache writes; they are in the prompt's total only");
  }
}
