/**
 * Token counts. `tokens` is what the model read and wrote, its own template and cached tokens included, images beside;
 * `billed_units` is what is charged, mostly a smaller figure, and stays under `raw`.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";

export function parseUsage(value: JsonValue | undefined): Usage {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return {};
  const tokens = isJsonObject(value.tokens) ? value.tokens : {};
  const text = count(tokens.input_tokens);
  const inputTokens = text === undefined ? undefined : text + (count(tokens.image_tokens) ?? 0);
  const outputTokens = count(tokens.output_tokens);
  const cacheReadTokens = count(value.cached_tokens);
  const reasoningTokens = count(tokens.reasoning_tokens);
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    raw: value,
  };
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Undefined where nothing is known. What is billed is the vendor's to say, so it is told only where Cohere answered. */
export function renderUsage(usage: Usage, billed: JsonValue | undefined): JsonObject | undefined {
  const tokens: JsonObject = {
    ...(usage.inputTokens === undefined ? {} : { input_tokens: usage.inputTokens }),
    ...(usage.outputTokens === undefined ? {} : { output_tokens: usage.outputTokens }),
    ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
  };
  const rendered: JsonObject = {
    ...(isJsonObject(billed) ? { billed_units: billed } : {}),
    ...(Object.keys(tokens).length === 0 ? {} : { tokens }),
    ...(usage.cacheReadTokens === undefined ? {} : { cached_tokens: usage.cacheReadTokens }),
  };
  return Object.keys(rendered).length === 0 ? undefined : rendered;
}

/** Figures for which the wire has no field. */
export function usageWarnings(usage: Usage): readonly Warning[] {
  const figures = ["cacheWriteTokens", "inputAudioTokens", "outputAudioTokens", "toolCalls"] as const;
  return figures
    .filter((figure) => usage[figure] !== undefined)
    .map((figure) => ({ type: "lossy", path: `usage.${figure}`, detail: "the wire has no such figure; it was left out" }));
}
