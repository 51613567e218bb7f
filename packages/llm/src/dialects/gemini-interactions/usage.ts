/**
 * Usage: thoughts and the prompts of the vendor's own tools stand beside input and output on this wire, as
 * `total_tokens` adds all four up.
 */
import type { JsonObject } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { countOf, objectOf, objectsOf } from "./fields.ts";

/** Undefined where nothing was reported. */
export function parseUsage(value: unknown): Usage | undefined {
  const report = objectOf(value);
  if (Object.keys(report).length === 0) return undefined;
  const input = countOf(report.total_input_tokens);
  const output = countOf(report.total_output_tokens);
  const thoughts = countOf(report.total_thought_tokens);
  return present({
    inputTokens: sum(input, countOf(report.total_tool_use_tokens)),
    cacheReadTokens: countOf(report.total_cached_tokens),
    inputAudioTokens: ofModality(report.input_tokens_by_modality, "audio"),
    outputTokens: sum(output, thoughts),
    reasoningTokens: thoughts,
    outputAudioTokens: ofModality(report.output_tokens_by_modality, "audio"),
    ...toolCalls(objectsOf(report.grounding_tool_count)),
    raw: report,
  });
}

type Figures = { readonly [K in keyof Usage]: Usage[K] | undefined };

function present(figures: Figures): Usage {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

/** A total is known only with its main part. */
function sum(main: number | undefined, beside: number | undefined): number | undefined {
  return main === undefined ? undefined : main + (beside ?? 0);
}

function ofModality(rows: unknown, modality: string): number | undefined {
  const row = objectsOf(rows).find((one) => one.modality === modality);
  return row === undefined ? undefined : countOf(row.tokens);
}

function toolCalls(rows: readonly JsonObject[]): Figures {
  if (rows.length === 0) return {};
  const of = (type: string): number | undefined => countOf(rows.find((row) => row.type === type)?.count);
  const toolCalls = rows.reduce((total, row) => total + (countOf(row.count) ?? 0), 0);
  return { toolCalls, webSearchCalls: of("google_search"), fileSearchCalls: of("retrieval") };
}

/** Undefined where no total is known. */
export function renderUsage(usage: Usage, warnings: Warning[]): JsonObject | undefined {
  const lost = (["cacheWriteTokens", "cacheWriteOneHourTokens"] as const).filter((name) => (usage[name] ?? 0) > 0);
  if (lost.length > 0) {
    warnings.push({ type: "lossy", path: "usage", detail: `the wire has no such figures; left out: ${lost.join(", ")}` });
  }
  const { inputTokens, outputTokens, reasoningTokens = 0 } = usage;
  const rendered = {
    ...(inputTokens === undefined ? {} : { total_input_tokens: inputTokens }),
    ...(usage.cacheReadTokens === undefined ? {} : { total_cached_tokens: usage.cacheReadTokens }),
    ...modality("input", usage.inputAudioTokens),
    ...(outputTokens === undefined ? {} : { total_output_tokens: Math.max(0, outputTokens - reasoningTokens) }),
    ...(usage.reasoningTokens === undefined ? {} : { total_thought_tokens: usage.reasoningTokens }),
    ...modality("output", usage.outputAudioTokens),
    ...(inputTokens === undefined || outputTokens === undefined ? {} : { total_tokens: inputTokens + outputTokens }),
    ...groundingCounts(usage),
  };
  return Object.keys(rendered).length === 0 ? undefined : rendered;
}

function modality(side: "input" | "output", tokens: number | undefined): JsonObject {
  return tokens === undefined ? {} : { [`${side}_tokens_by_modality`]: [{ modality: "audio", tokens }] };
}

function groundingCounts({ webSearchCalls, fileSearchCalls, toolCalls }: Usage): JsonObject {
  const named = (webSearchCalls ?? 0) + (fileSearchCalls ?? 0);
  const other = toolCalls === undefined ? 0 : toolCalls - named;
  const rows = [
    ...(webSearchCalls === undefined ? [] : [{ type: "google_search", count: webSearchCalls }]),
    ...(fileSearchCalls === undefined ? [] : [{ type: "retrieval", count: fileSearchCalls }]),
    ...(other > 0 ? [{ type: "other", count: other }] : []),
  ];
  return rows.length === 0 ? {} : { grounding_tool_count: rows };
}
