import type { FamilyRule } from "../catalogue.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { PriceRates } from "../pricing.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions, VendorCharge } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of OpenRouter's API. */
export const OPENROUTER_QUIRKS: OpenAIChatQuirks = {
  // max_completion_tokens is not passed on to every upstream
  maxTokensField: "max_tokens",
  // not every upstream of a GPT knows the role developer
  systemRoles: [],
  topKField: "top_k",
  // effort or max_tokens: "Only one of \"reasoning.effort\" and \"reasoning.max_tokens\" can be specified"
  reasoningRequest: { form: "reasoning" },
  reasoningFormat: [{ modelPrefix: "", hidden: { reasoning: { exclude: true } } }],
  // signatures and encrypted thoughts, or the upstream refuses its own turn
  reasoningReplay: "reasoning_details",
  // Anthropic and Gemini cache only what is marked
  cache: "cache_control",
  media: { image: ["data", "url"], audio: ["data"], file: ["data", "url"] },
};

const FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "",
    evidence: "OpenRouter's API overview: the same for every model; the rest depends on the upstream and stands in the listing",
    facts: { streaming: true, systemPrompt: true },
  },
];

export interface OpenRouterOptions extends ProviderOptions {
  /** Who calls, for OpenRouter's rankings. Sent only when given. */
  readonly app?: { readonly url?: string; readonly name?: string };
}

/**
 * OpenRouter. Key: `env:OPENROUTER_API_KEY` unless given. Its routing is asked for by
 * `vendorOptions: { "openai-chat": { provider: { order: ["anthropic"] } } }`.
 */
export function openrouter({ app, ...options }: OpenRouterOptions = {}): Provider {
  return openaiCompatible({
    id: "openrouter",
    name: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    key: "env:OPENROUTER_API_KEY",
    quirks: OPENROUTER_QUIRKS,
    families: FAMILIES,
    aliases: { openrouter: "openrouter/auto", "openrouter-small": "openai/gpt-oss-20b" },
    modelPrefixes: ["openrouter/"],
    headers: {
      ...(app?.url === undefined ? {} : { "http-referer": app.url }),
      ...(app?.name === undefined ? {} : { "x-title": app.name }),
    },
    hooks: { listModels, charged },
    embeddings: { purpose: { field: "input_type", words: { query: "search_query", document: "search_document" } } },
    rerank: { path: "/rerank" },
    options,
  });
}

/**
 * Credits are dollars. With the caller's own key at the upstream, `cost` is OpenRouter's fee alone and the upstream's bill
 * stands beside it. Source: OpenRouter, "Usage accounting".
 */
function charged({ usage }: Pick<Completion, "usage">): VendorCharge | undefined {
  const raw = isJsonObject(usage.raw) ? usage.raw : {};
  if (typeof raw.cost !== "number") return undefined;
  const details = isJsonObject(raw.cost_details) ? raw.cost_details : {};
  const upstream = raw.is_byok === true ? amount(details.upstream_inference_cost) : 0;
  if (upstream === undefined) return undefined;
  const inputUsd = amount(details.upstream_inference_prompt_cost);
  const outputUsd = amount(details.upstream_inference_completions_cost);
  return {
    totalUsd: raw.cost + upstream,
    ...(inputUsd === undefined || outputUsd === undefined ? {} : { inputUsd, outputUsd }),
  };
}

function amount(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** What the wire's own listing reads, and the prices. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { modelsCodec } = await import("../dialects/openai-chat/models.ts");
  const answer = await fetchJson("GET", "/models");
  const rows = isJsonObject(answer) && Array.isArray(answer.data) ? answer.data.filter(isJsonObject) : [];
  const prices = new Map(rows.map((row) => [row.id, pricesOf(row)]));
  return modelsCodec.parseResponse(answer).map((row) => {
    const pricing = prices.get(row.id);
    return pricing === undefined ? row : { ...row, pricing };
  });
}

/** Dollars per token, as text; -1 for a router, whose price is that of the model it takes. */
function pricesOf({ pricing }: JsonObject): PriceRates | undefined {
  if (!isJsonObject(pricing)) return undefined;
  const rate = (field: string): number | undefined => {
    const text = pricing[field];
    const perToken = typeof text === "string" && text !== "" ? Number(text) : Number.NaN;
    return Number.isFinite(perToken) && perToken >= 0 ? Number((perToken * 1e6).toPrecision(12)) : undefined;
  };
  const input = rate("prompt");
  const output = rate("completion");
  if (input === undefined || output === undefined) return undefined;
  const read = rate("input_cache_read");
  const write = rate("input_cache_write");
  return {
    inputPerMillionUsd: input,
    outputPerMillionUsd: output,
    ...(read === undefined ? {} : { cacheReadPerMillionUsd: read }),
    ...(write === undefined ? {} : { cacheWritePerMillionUsd: write }),
  };
}
