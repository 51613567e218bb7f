/** Token counts of the wire and its many relatives, to and from inclusive totals. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import type { ResolvedQuirks } from "./quirks.ts";

type UsageQuirks = Pick<ResolvedQuirks, "cachedInput" | "reasoningOutput">;

/**
 * Usage as vendors spell it. Cached tokens: OpenAI `prompt_tokens_details.cached_tokens`, DeepSeek
 * `prompt_cache_hit_tokens`, Moonshot `cached_tokens`, Mistral `num_cached_tokens` or `prompt_token_details`, gateways to
 * Anthropic `cache_read_input_tokens`. Searches that are charged: Perplexity `num_search_queries`, xAI `num_sources_used`.
 */
export function parseUsage(raw: JsonObject, quirks: UsageQuirks): Usage {
  const input = objectAt(raw, "prompt_tokens_details") ?? objectAt(raw, "prompt_token_details");
  const output = objectAt(raw, "completion_tokens_details");
  const cacheRead =
    count(input?.cached_tokens) ??
    count(raw.prompt_cache_hit_tokens) ??
    count(raw.cached_tokens) ??
    count(raw.num_cached_tokens) ??
    count(raw.cache_read_input_tokens);
  const cacheWrite = count(input?.cache_write_tokens) ?? count(raw.cache_creation_input_tokens);
  const reasoning = count(output?.reasoning_tokens) ?? count(raw.reasoning_tokens);
  const usage: MutableUsage = { raw };
  const beside = provenBeside(raw, cacheRead ?? 0, reasoning ?? 0);
  const inputTokens = inclusiveInput(count(raw.prompt_tokens), cacheRead, beside.cached, quirks);
  const outputTokens = inclusiveOutput(raw, reasoning, beside.reasoning, quirks);
  const oneHour = count(objectAt(raw, "cache_creation")?.ephemeral_1h_input_tokens);
  set(usage, "inputTokens", inputTokens);
  set(usage, "cacheReadTokens", within(cacheRead, inputTokens));
  set(usage, "cacheWriteTokens", within(cacheWrite, inputTokens));
  set(usage, "cacheWriteOneHourTokens", within(oneHour, cacheWrite));
  set(usage, "inputAudioTokens", count(input?.audio_tokens) ?? count(raw.audio_prompt_tokens));
  set(usage, "outputTokens", outputTokens);
  set(usage, "reasoningTokens", within(reasoning, outputTokens));
  set(usage, "outputAudioTokens", count(output?.audio_tokens));
  const searches = count(raw.num_search_queries) ?? count(raw.num_sources_used);
  set(usage, "toolCalls", searches);
  set(usage, "webSearchCalls", searches);
  return usage;
}

type MutableUsage = { -readonly [K in keyof Usage]: Usage[K] };

function set(usage: MutableUsage, key: Exclude<keyof Usage, "raw">, value: number | undefined): void {
  if (value !== undefined) usage[key] = value;
}

/**
 * What the figures themselves prove to stand beside the totals: a part that is just what the grand total has beyond prompt
 * and completion, cached tokens that are more than the prompt, reasoning that is more than the completion where no total
 * denies it. Where either part alone explains the total, it is the reasoning, which vendors leave out more often.
 */
function provenBeside(raw: JsonObject, cached: number, reasoning: number): { cached: boolean; reasoning: boolean } {
  const input = count(raw.prompt_tokens) ?? 0;
  const output = count(raw.completion_tokens) ?? 0;
  const total = count(raw.total_tokens);
  const beyond = total === undefined ? 0 : total - input - output;
  const both = beyond > 0 && beyond === cached + reasoning;
  const isReasoning = reasoning > 0 && (total === undefined ? reasoning > output : both || beyond === reasoning);
  const isCached = cached > 0 && (cached > input || both || (beyond === cached && !isReasoning));
  return { cached: isCached, reasoning: isReasoning };
}

function inclusiveInput(
  tokens: number | undefined,
  cached: number | undefined,
  isProven: boolean,
  quirks: UsageQuirks,
): number | undefined {
  if (tokens === undefined || cached === undefined || quirks.cachedInput === "included") return tokens;
  return quirks.cachedInput === "excluded" || isProven ? tokens + cached : tokens;
}

/** Google's layer leaves reasoning out without telling how much it is: only its total has it. */
function inclusiveOutput(
  raw: JsonObject,
  reasoning: number | undefined,
  isProven: boolean,
  quirks: UsageQuirks,
): number | undefined {
  const output = count(raw.completion_tokens);
  if (output === undefined || quirks.reasoningOutput === "included") return output;
  if (quirks.reasoningOutput === "by-figures") return isProven ? output + (reasoning ?? 0) : output;
  if (reasoning !== undefined) return output + reasoning;
  const input = count(raw.prompt_tokens);
  const total = count(raw.total_tokens);
  return total !== undefined && input !== undefined && total > input + output ? total - input : output;
}

/** A part that is more than its whole is a vendor's mistake; it is unknown then. The raw report keeps it. */
function within(part: number | undefined, whole: number | undefined): number | undefined {
  return part !== undefined && whole !== undefined && part > whole ? undefined : part;
}

/** Where a chunk or a body tells its usage: the standard place, Groq's `x_groq`, or a choice (some Moonshot endpoints). */
export function usageIn(body: JsonObject, choice: JsonObject | undefined): JsonObject | undefined {
  return objectAt(body, "usage") ?? objectAt(objectAt(body, "x_groq"), "usage") ?? objectAt(choice, "usage");
}

/** For clients that are told no usage as one of the totals is unknown, though something is known; and of the vendor's tools. */
export function usageWarnings(usage: Usage): readonly Warning[] {
  const { raw: _raw, toolCalls, webSearchCalls: _searches, fileSearchCalls: _files, ...rest } = usage;
  const isLost = toolCalls !== undefined && Object.keys(toldSearches(usage)).length === 0;
  return [...totalsWarnings(rest), ...(isLost ? [LOST_TOOL_CALLS] : [])];
}

function totalsWarnings({ inputTokens, outputTokens, ...parts }: Usage): readonly Warning[] {
  const isTold = inputTokens !== undefined && outputTokens !== undefined;
  const isKnown = [inputTokens, outputTokens, ...Object.values(parts)].some((value) => value !== undefined);
  if (isTold || !isKnown) return [];
  const detail = "one of the totals is unknown, for which the wire has no word; no usage was told";
  return [{ type: "lossy", path: "usage", detail }];
}

const LOST_TOOL_CALLS: Warning = {
  type: "lossy",
  path: "usage.toolCalls",
  detail: "the wire has no word for calls of the vendor's own tools; they were left out",
};

/** How a vendor of this wire told its searches, as it spelt it; nothing where another wire told them. */
function toldSearches({ raw, webSearchCalls }: Usage): JsonObject {
  if (!isJsonObject(raw) || webSearchCalls === undefined) return {};
  const field = ["num_search_queries", "num_sources_used"].find((name) => raw[name] === webSearchCalls);
  return field === undefined ? {} : { [field]: webSearchCalls };
}

/**
 * Usage in OpenAI's spelling and in the dialect's own convention. Undefined where a total is not known: the wire has no
 * word for unknown, and 0 would be a lie.
 */
export function renderUsage(usage: Usage, quirks: UsageQuirks): JsonObject | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const input = compact({
    cached_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    audio_tokens: usage.inputAudioTokens,
  });
  const output = compact({ reasoning_tokens: usage.reasoningTokens, audio_tokens: usage.outputAudioTokens });
  const oneHour = usage.cacheWriteOneHourTokens;
  return {
    prompt_tokens: inputTokens - (quirks.cachedInput === "excluded" ? (usage.cacheReadTokens ?? 0) : 0),
    completion_tokens: outputTokens - (quirks.reasoningOutput === "excluded" ? (usage.reasoningTokens ?? 0) : 0),
    total_tokens: inputTokens + outputTokens,
    ...(input === undefined ? {} : { prompt_tokens_details: input }),
    ...(output === undefined ? {} : { completion_tokens_details: output }),
    ...toldSearches(usage),
    ...(oneHour === undefined ? {} : { cache_creation: { ephemeral_1h_input_tokens: oneHour } }),
  };
}

function compact(counts: Record<string, number | undefined>): JsonObject | undefined {
  const known = Object.entries(counts).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}
