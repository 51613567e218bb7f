/**
 * Usage between Anthropic's convention and ours. Anthropic counts cached input beside `input_tokens`, not in it; our totals
 * are inclusive. `output_tokens` includes thinking on both sides.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";

export function parseUsage(usage: JsonObject): Usage {
  const read = count(usage.cache_read_input_tokens);
  const split = isJsonObject(usage.cache_creation) ? usage.cache_creation : undefined;
  const oneHour = count(split?.ephemeral_1h_input_tokens);
  const fiveMinutes = count(split?.ephemeral_5m_input_tokens);
  const write = count(usage.cache_creation_input_tokens) ?? sum(oneHour, fiveMinutes);
  const fresh = count(usage.input_tokens);
  const output = count(usage.output_tokens);
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : undefined;
  const reasoning = count(details?.thinking_tokens);
  // What the vendor fetched costs its tokens only; a search is charged by the call. Source: Anthropic, "Pricing".
  const tools = isJsonObject(usage.server_tool_use) ? usage.server_tool_use : undefined;
  const searches = count(tools?.web_search_requests);
  return {
    ...(fresh === undefined ? {} : { inputTokens: fresh + (read ?? 0) + (write ?? 0) }),
    ...(read === undefined ? {} : { cacheReadTokens: read }),
    ...(write === undefined ? {} : { cacheWriteTokens: write }),
    ...(oneHour === undefined ? {} : { cacheWriteOneHourTokens: oneHour }),
    ...(output === undefined ? {} : { outputTokens: output }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
    ...(searches === undefined ? {} : { toolCalls: searches, webSearchCalls: searches }),
    raw: usage,
  };
}

/** A later report over an earlier one. A field that is null or missing keeps its earlier value. */
export function mergeReports(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...earlier };
  for (const key in later) {
    const value = later[key];
    if (value !== null && value !== undefined) merged[key] = value;
  }
  return merged;
}

/**
 * The usage object for a client. What Anthropic itself reported goes out as it came; figures of other vendors are taken
 * apart again. Unknown figures are left out.
 */
export function renderUsage(usage: Usage, fromAnthropic: boolean): JsonObject {
  if (fromAnthropic && isJsonObject(usage.raw)) return usage.raw;
  const { inputTokens, cacheReadTokens, cacheWriteTokens, cacheWriteOneHourTokens, outputTokens, reasoningTokens } = usage;
  const searches = usage.webSearchCalls;
  const fresh = inputTokens === undefined ? undefined : inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0);
  return {
    ...(fresh === undefined ? {} : { input_tokens: Math.max(0, fresh) }),
    ...(cacheWriteTokens === undefined ? {} : { cache_creation_input_tokens: cacheWriteTokens }),
    ...(cacheReadTokens === undefined ? {} : { cache_read_input_tokens: cacheReadTokens }),
    ...cacheSplit(cacheWriteTokens, cacheWriteOneHourTokens),
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
    ...(searches === undefined ? {} : { server_tool_use: { web_search_requests: searches } }),
  };
}

function cacheSplit(write: number | undefined, oneHour: number | undefined): JsonObject {
  if (write === undefined || oneHour === undefined) return {};
  return { cache_creation: { ephemeral_5m_input_tokens: write - oneHour, ephemeral_1h_input_tokens: oneHour } };
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : first + second;
}
