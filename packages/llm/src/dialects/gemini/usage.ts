/**
 * Token counts. Gemini counts thinking beside the answer and tool results beside the prompt; ours are inclusive totals.
 * A count of 0 is left out on the wire (proto3), so a count missing beside a known sibling is 0; alone it is unknown.
 * Searches, which are charged by the query, stand with the candidate's grounding.
 */

import type { Completion } from "../../completion.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { camelFields } from "./field-names.ts";
import type { WireUsage } from "./wire.ts";

/** `report` is the vendor's `usageMetadata`, in either spelling; it stays untouched as `raw`. */
export function usageOf(report: JsonObject): Usage {
  const metadata = camelFields(report);
  const prompt = count(metadata.promptTokenCount);
  const toolUse = count(metadata.toolUsePromptTokenCount);
  const candidates = count(metadata.candidatesTokenCount);
  const thoughts = count(metadata.thoughtsTokenCount);
  const output = sum(candidates, thoughts);
  return defined({
    inputTokens: sum(prompt, toolUse),
    cacheReadTokens: count(metadata.cachedContentTokenCount),
    inputAudioTokens: audioCount(metadata.promptTokensDetails),
    outputTokens: output,
    reasoningTokens: thoughts,
    outputAudioTokens: audioCount(metadata.candidatesTokensDetails),
    raw: report,
  });
}

/** Gemini's own figures when they still say what the usage says, else ours taken apart. */
export function usageMetadataOf(usage: Usage, completion: Pick<Completion, "origin">): JsonObject | undefined {
  if (completion.origin.dialect === "gemini" && isJsonObject(usage.raw) && sameCounts(usageOf(usage.raw), usage)) {
    return usage.raw;
  }
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens } = usage;
  const wire: WireUsage = {
    ...(inputTokens === undefined ? {} : { promptTokenCount: inputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cachedContentTokenCount: cacheReadTokens }),
    ...(outputTokens === undefined ? {} : { candidatesTokenCount: outputTokens - (reasoningTokens ?? 0) }),
    ...(reasoningTokens === undefined ? {} : { thoughtsTokenCount: reasoningTokens }),
    ...(inputTokens === undefined || outputTokens === undefined ? {} : { totalTokenCount: inputTokens + outputTokens }),
  };
  const details = {
    ...(usage.inputAudioTokens === undefined ? {} : { promptTokensDetails: audioDetails(usage.inputAudioTokens) }),
    ...(usage.outputAudioTokens === undefined ? {} : { candidatesTokensDetails: audioDetails(usage.outputAudioTokens) }),
  };
  const metadata = { ...wire, ...details };
  return Object.keys(metadata).length === 0 ? undefined : metadata;
}

function sameCounts(one: Usage, other: Usage): boolean {
  const left = tokensOf(one);
  const right = tokensOf(other);
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]) as Set<keyof typeof left>;
  return [...keys].every((key) => left[key] === right[key]);
}

/** Calls of tools are no part of the report. */
function tokensOf({ raw: _raw, toolCalls: _calls, webSearchCalls: _searches, ...tokens }: Usage): Usage {
  return tokens;
}

/** Queries that the vendor sent to its search for an answer; unknown where nothing was grounded. */
export function searchesOf(candidate: JsonObject): Pick<Usage, "toolCalls" | "webSearchCalls"> {
  const { groundingMetadata } = candidate;
  const queries = isJsonObject(groundingMetadata) ? groundingMetadata.webSearchQueries : undefined;
  return Array.isArray(queries) ? { toolCalls: queries.length, webSearchCalls: queries.length } : {};
}

function audioDetails(tokens: number): JsonObject[] {
  return [{ modality: "AUDIO", tokenCount: tokens }];
}

function audioCount(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const audio = details.find((detail) => isJsonObject(detail) && detail.modality === "AUDIO");
  return isJsonObject(audio) ? count(audio.tokenCount) : undefined;
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function defined(usage: { readonly [Key in keyof Usage]: Usage[Key] | undefined }): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
