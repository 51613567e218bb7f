import { isJsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/**
 * Hugging Face's router to its partners: `org/name` or `org/name:partner`. What a model can do depends on the partner who
 * serves it, so capabilities and prices come from the router's own listing, by model and partner. Key: `env:HF_TOKEN` unless given.
 */
export function huggingface(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "huggingface",
    name: "Hugging Face",
    baseUrl: "https://router.huggingface.co/v1",
    key: "env:HF_TOKEN",
    quirks: { maxTokensField: "max_tokens", systemRoles: [], topKField: "top_k", reasoningReplay: "none" },
    hooks: { listModels },
    embeddings: false,
    operations: {
      embed: async () => (await import("../embeddings/huggingface-embeddings.ts")).createHuggingFaceEmbeddings(),
    },
    options,
  });
}

async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const answer = await fetchJson("GET", "/models");
  const rows = isJsonObject(answer) && Array.isArray(answer.data) ? answer.data : [];
  return rows.flatMap((row: JsonValue) =>
    isJsonObject(row) && typeof row.id === "string" ? modelRows(row.id, row.providers, row.created) : [],
  );
}

/** One row for the model, which any partner may serve, and one for each partner that is live. */
function modelRows(id: string, partners: JsonValue | undefined, created: JsonValue | undefined): readonly ModelFacts[] {
  const createdAt = typeof created === "number" ? { createdAt: created } : {};
  const live = (Array.isArray(partners) ? partners : []).filter(
    (partner: JsonValue) => isJsonObject(partner) && partner.status === "live",
  );
  const ofPartners = live.flatMap((partner: JsonValue): ModelFacts[] => {
    if (!isJsonObject(partner) || typeof partner.provider !== "string") return [];
    return [
      {
        id: `${id}:${partner.provider}`,
        ...createdAt,
        ...pricesOf(partner.pricing),
        facts: {
          ...(typeof partner.supports_tools === "boolean" ? { tools: partner.supports_tools } : {}),
          ...(typeof partner.supports_structured_output === "boolean" ? { jsonSchema: partner.supports_structured_output } : {}),
          ...(typeof partner.context_length === "number" ? { contextWindowTokens: partner.context_length } : {}),
        },
      },
    ];
  });
  return [{ id, ...createdAt }, ...ofPartners];
}

/** Dollars per million tokens. */
function pricesOf(prices: JsonValue | undefined): Pick<ModelFacts, "pricing"> {
  if (!isJsonObject(prices)) return {};
  const { input, output } = prices;
  if (typeof input !== "number" || typeof output !== "number") return {};
  return { pricing: { inputPerMillionUsd: input, outputPerMillionUsd: output } };
}
