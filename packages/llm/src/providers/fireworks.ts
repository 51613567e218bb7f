import { FIREWORKS_CATALOGUE } from "../catalogue/fireworks.generated.ts";
import type { FireworksModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import type { EngineTiming } from "../usage.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Fireworks' API. */
export const FIREWORKS_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
  // the default, `truncate`, lowers `max_tokens` in silence; `error` is answered with 400
  alwaysSent: [{ modelPrefix: "", fields: { context_length_exceeded_behavior: "error" } }],
  // told under `reasoning_content`, and read there of earlier turns
  reasoningReplay: "reasoning_content",
  media: { audio: [], file: [] },
};

const DOCS = "Fireworks' API reference, Create chat completion";

const FIREWORKS_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "accounts/",
    evidence: DOCS,
    facts: {
      streaming: true,
      jsonMode: true,
      jsonSchema: true,
      systemPrompt: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      promptCache: true,
      audio: false,
      pdf: false,
    },
  },
];

/**
 * Fireworks. Models are paths: `accounts/fireworks/models/NAME`, or an account's own. Key: `env:FIREWORKS_API_KEY` unless
 * given. With `vendorOptions: { "openai-chat": { perf_metrics_in_response: true } }` an answer has its engine's timing.
 */
export function fireworks(options: ProviderOptions = {}): Provider<FireworksModel> {
  return openaiCompatible({
    id: "fireworks",
    name: "Fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    key: "env:FIREWORKS_API_KEY",
    quirks: FIREWORKS_QUIRKS,
    catalogue: FIREWORKS_CATALOGUE,
    families: FIREWORKS_FAMILIES,
    modelPrefixes: ["accounts/"],
    hooks: { engineTiming },
    rerank: { path: "/rerank" },
    options,
  });
}

/** Seconds, as text or number. Source: `perf_metrics` in the same reference. */
function engineTiming({ vendor }: Pick<Completion, "vendor">): EngineTiming | undefined {
  const metrics = vendor?.["openai-chat"]?.body?.perf_metrics;
  if (!isJsonObject(metrics)) return undefined;
  const firstMs = milliseconds(metrics["server-time-to-first-token"]);
  const allMs = milliseconds(metrics["server-processing-time"]);
  const fields = {
    prefillTokens: figure(metrics["prompt-tokens"]),
    prefillMs: firstMs,
    decodeMs: firstMs === undefined || allMs === undefined ? undefined : Math.max(0, allMs - firstMs),
    cachedTokens: figure(metrics["cached-prompt-tokens"]),
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function milliseconds(seconds: JsonValue | undefined): number | undefined {
  const value = figure(seconds);
  return value === undefined ? undefined : value * 1000;
}

function figure(value: JsonValue | undefined): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}
