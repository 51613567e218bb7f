import type { XaiModel } from "../catalogue/model-names.generated.ts";
import { XAI_CATALOGUE } from "../catalogue/xai.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { PriceRates } from "../pricing.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions, VendorCharge } from "../provider-definition.ts";
import type { SchemaProfile } from "../schema.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Source: vercel/ai packages/xai, which takes `additionalProperties: false` out as xAI refuses it. */
const XAI_SCHEMA: SchemaProfile = {
  name: "xAI",
  keywords: "all",
  removedKeywords: new Set(["$schema", "additionalProperties"]),
};

/** "Model grok-4 does not support parameter stop.", and so for the penalties. */
const REFUSED_WHILE_THINKING: ReadonlySet<string> = new Set(["stop", "presence_penalty", "frequency_penalty"]);

/** Each line avoids a refusal or a loss of xAI's API. */
export const XAI_QUIRKS: OpenAIChatQuirks = {
  // a schema with additionalProperties false is refused
  schema: XAI_SCHEMA,
  strictSchema: XAI_SCHEMA,
  // results are matched by their order, whatever ids they bear
  toolResultsInCallOrder: true,
  reasoningReplay: "reasoning_content",
  reasoningRequest: {
    form: "none",
    // "Model grok-code-fast-1 does not support parameter reasoningEffort."
    byModel: [
      { modelPrefix: "grok-3-mini", form: "reasoning_effort", efforts: ["low", "high"] },
      { modelPrefix: "grok-4.3", form: "reasoning_effort", efforts: ["none", "low", "medium", "high"] },
    ],
  },
  refusedSettings: [
    { modelPrefix: "grok-3-mini", fields: REFUSED_WHILE_THINKING },
    // turned off, and so no reasoning model
    { modelPrefix: "grok-4-fast-non-reasoning", fields: new Set() },
    { modelPrefix: "grok-4-1-fast-non-reasoning", fields: new Set() },
    { modelPrefix: "grok-4.20-non-reasoning", fields: new Set() },
    { modelPrefix: "grok-4", fields: REFUSED_WHILE_THINKING },
    { modelPrefix: "grok-code", fields: REFUSED_WHILE_THINKING },
  ],
  // an assistant's message at the end comes back in front of the answer
  echoesPrefill: true,
  media: { image: ["data", "url"], audio: [], file: [] },
  // prompt_cache_key is for the other wire; the cache needs no asking
  cache: "none",
};

const DOCS = "xAI's model pages";
const THINKING_DOCS = "xAI's reasoning guide";
const CHAT_MODEL = {
  streaming: true,
  tools: true,
  parallelToolCalls: true,
  toolChoiceRequired: true,
  images: false,
  audio: false,
  pdf: false,
  reasoning: false,
  jsonMode: true,
  jsonSchema: true,
  temperature: true,
  stopSequences: true,
  seed: true,
  promptCache: true,
  systemPrompt: true,
} as const;
const THINKING_MODEL = { ...CHAT_MODEL, reasoning: true, reasoningOff: false, stopSequences: false } as const;

const FAMILIES: readonly FamilyRule[] = [
  { prefix: "grok-2", evidence: DOCS, facts: { ...CHAT_MODEL, contextWindowTokens: 131_072 } },
  { prefix: "grok-2-vision", evidence: DOCS, facts: { images: true, contextWindowTokens: 32_768 } },
  { prefix: "grok-3", evidence: DOCS, facts: { ...CHAT_MODEL, contextWindowTokens: 131_072 } },
  { prefix: "grok-3-mini", evidence: THINKING_DOCS, facts: THINKING_MODEL },
  { prefix: "grok-4", evidence: THINKING_DOCS, facts: { ...THINKING_MODEL, images: true, contextWindowTokens: 256_000 } },
  { prefix: "grok-4.3", evidence: "effort none turns it off", facts: { reasoningOff: true } },
  { prefix: "grok-4-fast", evidence: DOCS, facts: { contextWindowTokens: 2_000_000 } },
  { prefix: "grok-4-fast-non-reasoning", evidence: DOCS, facts: { reasoning: false, stopSequences: true } },
  { prefix: "grok-4-1-fast", evidence: DOCS, facts: { contextWindowTokens: 2_000_000 } },
  { prefix: "grok-4-1-fast-non-reasoning", evidence: DOCS, facts: { reasoning: false, stopSequences: true } },
  { prefix: "grok-4.20-non-reasoning", evidence: DOCS, facts: { reasoning: false, stopSequences: true } },
  { prefix: "grok-code", evidence: THINKING_DOCS, facts: { ...THINKING_MODEL, contextWindowTokens: 256_000 } },
];

/**
 * Grok at xAI. Key: `env:XAI_API_KEY` unless given. Live search is asked for by
 * `vendorOptions: { "openai-chat": { search_parameters: { mode: "auto" } } }`; what it read comes back as sources.
 */
export function xai(options: ProviderOptions = {}): Provider<XaiModel> {
  return openaiCompatible({
    id: "xai",
    name: "xAI",
    baseUrl: "https://api.x.ai/v1",
    key: "env:XAI_API_KEY",
    quirks: XAI_QUIRKS,
    catalogue: XAI_CATALOGUE,
    families: FAMILIES,
    aliases: { grok: "grok-4.3", "grok-fast": "grok-4-fast-non-reasoning" },
    modelPrefixes: ["grok-"],
    hooks: { listModels, charged },
    embeddings: false,
    options,
  });
}

/** Ticks of `usage.cost_in_usd_ticks` in a dollar. Source: xAI, "Cost tracking". */
const TICKS_PER_USD = 10_000_000_000;

function charged({ usage }: Pick<Completion, "usage">): VendorCharge | undefined {
  const ticks = isJsonObject(usage.raw) ? usage.raw.cost_in_usd_ticks : undefined;
  return typeof ticks === "number" && ticks >= 0 ? { totalUsd: ticks / TICKS_PER_USD } : undefined;
}

/** The listing that tells modalities and prices; `/models` tells ids only. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const answer = await fetchJson("GET", "/language-models");
  const rows = isJsonObject(answer) && Array.isArray(answer.models) ? answer.models : [];
  return rows.flatMap((row: JsonValue) => (isJsonObject(row) && typeof row.id === "string" ? modelRow(row, row.id) : []));
}

/** One row for the model, and one for each name that it goes by as well. */
function modelRow(row: JsonObject, id: string): readonly ModelFacts[] {
  const inputs = Array.isArray(row.input_modalities) ? row.input_modalities : undefined;
  const window = row.context_length;
  const rest = {
    ...(typeof row.created === "number" ? { createdAt: row.created } : {}),
    facts: {
      ...(inputs === undefined ? {} : { images: inputs.includes("image") }),
      ...(typeof window === "number" && window > 0 ? { contextWindowTokens: window } : {}),
    },
    pricing: pricesOf(row),
  };
  const aliases = Array.isArray(row.aliases) ? row.aliases.filter((alias) => typeof alias === "string") : [];
  return [id, ...aliases].map((name) => ({ id: name, ...rest }));
}

/** Prices are in US cents per hundred million tokens. Source: xAI's API reference, "Models". */
function pricesOf(row: JsonObject): PriceRates {
  const rate = (field: string): number | undefined => {
    const cents = row[field];
    return typeof cents === "number" ? cents / 10_000 : undefined;
  };
  const input = rate("prompt_text_token_price");
  const cached = rate("cached_prompt_text_token_price");
  const output = rate("completion_text_token_price");
  return {
    ...(input === undefined ? {} : { inputPerMillionUsd: input }),
    ...(cached === undefined ? {} : { cacheReadPerMillionUsd: cached }),
    ...(output === undefined ? {} : { outputPerMillionUsd: output }),
  };
}
