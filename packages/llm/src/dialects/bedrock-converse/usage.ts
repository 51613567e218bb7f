/**
 * Token counts. `inputTokens` leaves out what the cache read and wrote; ours is the whole. Reasoning is part of the output
 * and is not told apart.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";

export function parseUsage(value: JsonValue | undefined): Usage {
  if (!isJsonObject(value)) return {};
  const fresh = count(value.inputTokens);
  const outputTokens = count(value.outputTokens);
  const cacheReadTokens = count(value.cacheReadInputTokens);
  const cacheWriteTokens = count(value.cacheWriteInputTokens);
  const oneHour = oneHourTokens(value.cacheDetails);
  return {
    ...(fresh === undefined ? {} : { inputTokens: fresh + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(oneHour === undefined || cacheWriteTokens === undefined ? {} : { cacheWriteOneHourTokens: oneHour }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    raw: value,
  };
}

function oneHourTokens(details: JsonValue | undefined): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const counts = details.filter(isJsonObject).map((detail) => (detail.ttl === "1h" ? count(detail.inputTokens) : 0));
  return counts.includes(undefined) ? undefined : counts.reduce((sum: number, each) => sum + (each ?? 0), 0);
}

function count(value: JsonValue | undefined): number | undefined {
  // Half of what a double counts exactly, so that a sum of such figures stays one.
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 51 ? value : undefined;
}

/** What is unknown is missing: a 0 would be a lie. */
export function renderUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWriteOneHourTokens } = usage;
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  return {
    ...(inputTokens === undefined ? {} : { inputTokens: Math.max(0, inputTokens - cached) }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(inputTokens === undefined || outputTokens === undefined ? {} : { totalTokens: inputTokens + outputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadInputTokens: cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteInputTokens: cacheWriteTokens }),
    ...(cacheWriteTokens === undefined || cacheWriteOneHourTokens === undefined
      ? {}
      : { cacheDetails: renderDetails(cacheWriteTokens, cacheWriteOneHourTokens) }),
  };
}

function renderDetails(written: number, oneHour: number): readonly JsonObject[] {
  return [
    { ttl: "1h", inputTokens: oneHour },
    { ttl: "5m", inputTokens: Math.max(0, written - oneHour) },
  ];
}

const WITHOUT_PLACE = ["reasoningTokens", "inputAudioTokens", "outputAudioTokens", "toolCalls"] as const;

/** Figures for which the wire has no field, and figures that it demands and nobody knows. */
export function usageWarnings(usage: Usage): readonly Warning[] {
  const warnings: Warning[] = [];
  for (const figure of WITHOUT_PLACE) {
    if (usage[figure] === undefined) continue;
    warnings.push({ type: "lossy", path: `usage.${figure}`, detail: "the wire has no such figure; it was left out" });
  }
  for (const figure of ["inputTokens", "outputTokens"] as const) {
    if (usage[figure] !== undefined) continue;
    warnings.push({ type: "lossy", path: `usage.${figure}`, detail: "the vendor did not report it; it is left out" });
  }
  return warnings;
}
