import type { CapabilityFacts } from "../capabilities.ts";
import { TOGETHER_CATALOGUE } from "../catalogue/together.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { PriceRates } from "../pricing.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Together's API. */
export const TOGETHER_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  // "Input validation error": no role developer
  systemRoles: [],
  topKField: "top_k",
  // "Input validation error": no strict on a tool
  strictTools: false,
  // a schema below json_schema is not read, and the answer is free text
  responseFormat: "top-level",
  reasoningRequest: {
    form: "reasoning-enabled",
    // reasoning.enabled has no effect on it: it always thinks, more or less
    byModel: [{ modelPrefix: "gpt-oss", form: "reasoning_effort", efforts: ["low", "medium", "high"] }],
  },
  // without it the model forgets what it thought before a tool's result
  reasoningReplay: "reasoning",
  media: { image: ["data", "url"], audio: [], file: [], video: ["url"] },
  // there is no prompt_cache_key
  cache: "none",
};

const DOCS = "Together's model pages";
const TEXT_MODEL = {
  streaming: true,
  tools: true,
  images: false,
  audio: false,
  pdf: false,
  reasoning: false,
  jsonMode: true,
  jsonSchema: true,
  temperature: true,
  stopSequences: true,
  seed: true,
  systemPrompt: true,
} as const;

const FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "",
    evidence: "Together's API reference",
    facts: { streaming: true, systemPrompt: true, stopSequences: true, seed: true },
  },
  { prefix: "meta-llama/Llama-3", evidence: DOCS, facts: { ...TEXT_MODEL, contextWindowTokens: 131_072 } },
  { prefix: "meta-llama/Llama-4", evidence: DOCS, facts: { ...TEXT_MODEL, images: true } },
  {
    prefix: "openai/gpt-oss",
    evidence: "Together's reasoning guide: effort low, medium, high; it cannot be turned off",
    facts: { ...TEXT_MODEL, reasoning: true, reasoningOff: false, contextWindowTokens: 131_072 },
  },
  { prefix: "deepseek-ai/DeepSeek-R1", evidence: DOCS, facts: { ...TEXT_MODEL, reasoning: true, reasoningOff: false } },
  {
    prefix: "deepseek-ai/DeepSeek-V3.1",
    evidence: "Together's reasoning guide: hybrid, by reasoning.enabled",
    facts: { ...TEXT_MODEL, reasoning: true, reasoningOff: true, contextWindowTokens: 131_072 },
  },
  {
    prefix: "deepseek-ai/DeepSeek-V4",
    evidence: "Together's reasoning guide: hybrid, by reasoning.enabled",
    facts: { ...TEXT_MODEL, reasoning: true, reasoningOff: true },
  },
];

/** Together. Key: `env:TOGETHER_API_KEY` unless given. */
export function together(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "together",
    name: "Together",
    baseUrl: "https://api.together.xyz/v1",
    key: "env:TOGETHER_API_KEY",
    quirks: TOGETHER_QUIRKS,
    catalogue: TOGETHER_CATALOGUE,
    families: FAMILIES,
    aliases: { together: "openai/gpt-oss-120b", "together-small": "openai/gpt-oss-20b" },
    hooks: { listModels },
    // neither knows a user
    embeddings: { user: false },
    rerank: { path: "/rerank" },
    // No factor for batches: "discounts on selected models" alone, so what one costs is unknown here.
    operations: {
      fineTuning: async (vendor) => (await import("../fine-tuning/together-fine-tuning.ts")).togetherFineTuning(vendor),
      files: async (vendor) => {
        const [{ openaiFiles }, { TOGETHER_FILES }] = await Promise.all([
          import("../files/openai-files.ts"),
          import("../files/file-quirks.ts"),
        ]);
        return openaiFiles(vendor, TOGETHER_FILES);
      },
      batches: async (vendor) => {
        const [{ openaiBatches }, { TOGETHER_BATCHES }] = await Promise.all([
          import("../batches/openai-batches.ts"),
          import("../batches/batch-quirks.ts"),
        ]);
        return openaiBatches(vendor, TOGETHER_BATCHES);
      },
    },
    options,
  });
}

/** What the wire's own listing reads, and what Together tells beside it: the kind of model, and its prices. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { modelsCodec } = await import("../dialects/openai-chat/models.ts");
  const answer = await fetchJson("GET", "/models");
  const rows = new Map((Array.isArray(answer) ? answer.filter(isJsonObject) : []).map((row) => [row.id, row]));
  return modelsCodec.parseResponse(answer).map((listed) => {
    const row = rows.get(listed.id) ?? {};
    const pricing = pricesOf(row);
    const facts = { ...listed.facts, ...factsOfKind(row) };
    return { ...listed, facts, ...(pricing === undefined ? {} : { pricing }) };
  });
}

const CONVERSES: ReadonlySet<unknown> = new Set(["chat", "language", "code", undefined]);

/** Models of images, embeddings and the like answer no conversation. */
function factsOfKind({ type }: JsonObject): CapabilityFacts {
  return CONVERSES.has(type) ? {} : { streaming: false, tools: false, reasoning: false, jsonSchema: false };
}

/** Dollars per million tokens. Nothing for both is what dedicated and free models say alike: it says nothing. */
function pricesOf({ pricing }: JsonObject): PriceRates | undefined {
  if (!isJsonObject(pricing)) return undefined;
  const { input, output, cached_input: cached } = pricing;
  if (typeof input !== "number" || typeof output !== "number" || (input === 0 && output === 0)) return undefined;
  return {
    inputPerMillionUsd: input,
    outputPerMillionUsd: output,
    ...(typeof cached === "number" && cached > 0 ? { cacheReadPerMillionUsd: cached } : {}),
  };
}
