/**
 * Usage on this wire: totals include what was cached and what was reasoned. Some servers count reasoning beside the output
 * (xAI's chat does); then the sum of all says so, or the part is larger than its total with no sum to deny it, and it is
 * added. A part that contradicts the sum is unknown; the raw report keeps it.
 *
 * Calls of OpenAI's own tools are counted from the answer's items; xAI tells them in the report.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";

export function parseUsage(raw: JsonValue | undefined, items: readonly JsonObject[] = []): Usage {
  if (!isJsonObject(raw)) return {};
  const input = isJsonObject(raw.input_tokens_details) ? raw.input_tokens_details : {};
  const output = isJsonObject(raw.output_tokens_details) ? raw.output_tokens_details : {};
  const cached = countOf(input.cached_tokens);
  const reasoned = countOf(output.reasoning_tokens);
  const inputTokens = inclusive(countOf(raw.input_tokens), cached);
  const outputTokens = outputTokensOf(raw, inputTokens, reasoned);
  return known({
    inputTokens,
    cacheReadTokens: cached,
    cacheWriteTokens: countOf(input.cache_write_tokens),
    inputAudioTokens: countOf(input.audio_tokens),
    outputTokens,
    reasoningTokens: reasoned !== undefined && outputTokens !== undefined && reasoned > outputTokens ? undefined : reasoned,
    outputAudioTokens: countOf(output.audio_tokens),
    ...(toldToolCalls(raw.server_side_tool_usage_details) ?? countedToolCalls(items)),
    raw,
  });
}

type ToolCalls = Pick<Usage, "toolCalls" | "webSearchCalls" | "fileSearchCalls">;

/** Source: xAI's guide of its tools; calls of MCP servers are not charged. */
function toldToolCalls(details: JsonValue | undefined): ToolCalls | undefined {
  if (!isJsonObject(details)) return undefined;
  const { mcp_calls: _free, ...charged } = details;
  const toolCalls = Object.values(charged).reduce<number>((sum, calls) => sum + (countOf(calls) ?? 0), 0);
  const webSearchCalls = countOf(details.web_search_calls);
  const fileSearchCalls = countOf(details.file_search_calls);
  return known({ toolCalls, webSearchCalls, fileSearchCalls });
}

/** What OpenAI runs and charges beside tokens; what the caller runs, and MCP, is free. Source: OpenAI, "Pricing". */
const CHARGED_ITEMS: ReadonlySet<unknown> = new Set([
  "web_search_call",
  "file_search_call",
  "code_interpreter_call",
  "image_generation_call",
]);

function countedToolCalls(items: readonly JsonObject[]): ToolCalls {
  const calls = items.filter((item) => CHARGED_ITEMS.has(item.type) && !isPageVisit(item));
  if (calls.length === 0) return {};
  const ofType = (type: string): number => calls.filter((item) => item.type === type).length;
  const [webSearchCalls, fileSearchCalls] = [ofType("web_search_call"), ofType("file_search_call")];
  return {
    toolCalls: calls.length,
    ...(webSearchCalls === 0 ? {} : { webSearchCalls }),
    ...(fileSearchCalls === 0 ? {} : { fileSearchCalls }),
  };
}

/** Opening a page that a search found, or looking into it, is part of the search. */
function isPageVisit({ action }: JsonObject): boolean {
  return isJsonObject(action) && (action.type === "open_page" || action.type === "find_in_page" || action.type === "find");
}

/** Null when no total is known: the wire has no other word for it. A detail that is unknown is left out, not 0. */
export function renderUsage(usage: Usage): JsonObject | null {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return known({
    input_tokens: inputTokens,
    input_tokens_details: known({ cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens }),
    output_tokens: outputTokens,
    output_tokens_details: known({ reasoning_tokens: usage.reasoningTokens }),
    total_tokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    // What xAI told goes out as it came; calls of others stand among the items.
    server_side_tool_usage_details: isJsonObject(usage.raw) ? usage.raw.server_side_tool_usage_details : undefined,
  });
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function outputTokensOf(raw: JsonObject, input: number | undefined, reasoned: number | undefined): number | undefined {
  const output = countOf(raw.output_tokens);
  if (output === undefined || reasoned === undefined || reasoned === 0) return output;
  const isBeside = input !== undefined && raw.total_tokens === input + output + reasoned;
  if (isBeside) return output + reasoned;
  return countOf(raw.total_tokens) === undefined ? inclusive(output, reasoned) : output;
}

function inclusive(total: number | undefined, part: number | undefined): number | undefined {
  return total !== undefined && part !== undefined && part > total ? total + part : total;
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without its undefined entries. */
function known<T extends object>(values: T): Known<T> {
  const result: Known<T> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) result[key] = value as Known<T>[typeof key];
  }
  return result;
}
