/** Counts and durations of an answer, both ways. Durations are nanoseconds on the wire and milliseconds with us. */
import type { Completion } from "../../completion.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import type { EngineTiming, Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import type { WireMetrics } from "./wire.ts";

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

export const METRIC_FIELDS = [
  "total_duration",
  "load_duration",
  "prompt_eval_count",
  "prompt_eval_duration",
  "eval_count",
  "eval_duration",
] as const satisfies readonly (keyof WireMetrics)[];

/** Go leaves a field out where it is zero, so a count that is missing is unknown: a cached prompt may have none. */
export function parseUsage(line: JsonObject): Usage {
  const raw = metricsIn(line);
  const inputTokens = countOf(line.prompt_eval_count);
  const outputTokens = countOf(line.eval_count);
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(Object.keys(raw).length === 0 ? {} : { raw }),
  };
}

/** Undefined when the engine reports nothing. */
export function parseEngineTiming(line: JsonObject): EngineTiming | undefined {
  const timing: { -readonly [K in keyof EngineTiming]: EngineTiming[K] } = {};
  const put = (key: keyof EngineTiming, value: number | undefined): void => {
    if (value !== undefined) timing[key] = value;
  };
  put("loadMs", millisecondsOf(line.load_duration));
  put("prefillTokens", countOf(line.prompt_eval_count));
  put("prefillMs", millisecondsOf(line.prompt_eval_duration));
  put("decodeTokens", countOf(line.eval_count));
  put("decodeMs", millisecondsOf(line.eval_duration));
  return Object.keys(timing).length === 0 ? undefined : timing;
}

/** What the engine reported, out of a completion's vendor data. */
export function ollamaEngineTiming(vendor: VendorData | undefined): EngineTiming | undefined {
  return vendor?.ollama?.engine;
}

/** The figures of an answer for a client: the engine's own where it was Ollama, else what is known of them. */
export function renderMetrics({ usage, timing, vendor }: Pick<Completion, "usage" | "timing" | "vendor">): WireMetrics {
  if (isJsonObject(usage.raw) && countOf(usage.raw.total_duration) !== undefined) return metricsIn(usage.raw);
  const engine = timing?.engine ?? ollamaEngineTiming(vendor);
  return {
    ...nanoseconds("total_duration", timing?.totalMs),
    ...nanoseconds("load_duration", engine?.loadMs),
    ...(usage.inputTokens === undefined ? {} : { prompt_eval_count: usage.inputTokens }),
    ...nanoseconds("prompt_eval_duration", engine?.prefillMs),
    ...(usage.outputTokens === undefined ? {} : { eval_count: usage.outputTokens }),
    ...nanoseconds("eval_duration", engine?.decodeMs),
  };
}

const DETAILS = [
  "cacheReadTokens",
  "cacheWriteTokens",
  "cacheWriteOneHourTokens",
  "inputAudioTokens",
  "reasoningTokens",
  "outputAudioTokens",
  "toolCalls",
] as const satisfies readonly (keyof Usage)[];

/** The parts of the totals, for which the wire has no fields. */
export function usageWarnings(usage: Usage): readonly Warning[] {
  const lost = DETAILS.filter((name) => usage[name] !== undefined);
  if (lost.length === 0) return [];
  return [{ type: "lossy", path: "usage", detail: `the wire has totals only; left out: ${lost.join(", ")}` }];
}

function nanoseconds(field: keyof WireMetrics, milliseconds: number | undefined): WireMetrics {
  return milliseconds === undefined ? {} : { [field]: Math.round(milliseconds * NANOSECONDS_PER_MILLISECOND) };
}

function metricsIn(line: JsonObject): WireMetrics {
  const metrics: { -readonly [K in keyof WireMetrics]: WireMetrics[K] } = {};
  for (const field of METRIC_FIELDS) {
    const value = countOf(line[field]);
    if (value !== undefined) metrics[field] = value;
  }
  return metrics;
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function millisecondsOf(value: JsonValue | undefined): number | undefined {
  const duration = countOf(value);
  return duration === undefined ? undefined : duration / NANOSECONDS_PER_MILLISECOND;
}
