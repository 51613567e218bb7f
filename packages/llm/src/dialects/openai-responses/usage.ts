/**
 * Usage on this wire: totals include what was cached and what was reasoned. Some servers count reasoning beside the output
 * (xAI's chat does); then the sum of all says so, or the part is larger than its total with no sum to deny it, and it is
 * added. A part that contradicts the sum is unknown; the raw report keeps it.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Usage } from "../../usage.ts";

export function parseUsage(raw: JsonValue | undefined): Usage {
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
    raw,
  });
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
