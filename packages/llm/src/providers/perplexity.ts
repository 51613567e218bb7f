import type { PerplexityModel } from "../catalogue/model-names.generated.ts";
import { PERPLEXITY_CATALOGUE } from "../catalogue/perplexity.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { OpenAIEmbeddingsQuirks } from "../embeddings/openai-embeddings.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions, VendorCharge } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Perplexity's API. */
export const PERPLEXITY_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
  // "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s)."
  systemMessages: "leading",
  roles: "alternate",
  // sonar-reasoning writes its thoughts into the content
  thinkTags: true,
  // every chunk tells its usage unasked
  streamOptions: false,
  cache: "none",
  media: { audio: [], file: [] },
};

const SONAR = "Perplexity's API reference, Chat completions";

const PERPLEXITY_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "sonar",
    evidence: '"Tool calling is not supported for this model"',
    facts: { tools: false, toolChoiceRequired: false, parallelToolCalls: false },
  },
  {
    prefix: "sonar",
    evidence: SONAR,
    facts: {
      streaming: true,
      jsonSchema: true,
      jsonMode: false,
      systemPrompt: true,
      temperature: true,
      seed: false,
      audio: false,
    },
  },
  { prefix: "sonar-reasoning", evidence: SONAR, facts: { reasoning: true, reasoningOff: false } },
  { prefix: "sonar-deep-research", evidence: SONAR, facts: { reasoning: true, reasoningOff: false } },
];

/** No listing names them. */
const SONAR_MODELS = ["sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"] as const;

/** Vectors of small integers, always in base64. Source: Perplexity's API reference, Create Embeddings. */
const EMBEDDINGS: OpenAIEmbeddingsQuirks = { path: "/v1/embeddings", inputsMax: 512, vectorBytes: "int8", user: false };

/**
 * Perplexity's Sonar: answers from the web, with their sources. Key: `env:PERPLEXITY_API_KEY` unless given. How it searches
 * goes by `vendorOptions`, as in `{ "openai-chat": { search_domain_filter: ["example.org"], web_search_options: {} } }`.
 */
export function perplexity(options: ProviderOptions = {}): Provider<PerplexityModel> {
  return openaiCompatible({
    id: "perplexity",
    name: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    key: "env:PERPLEXITY_API_KEY",
    quirks: PERPLEXITY_QUIRKS,
    catalogue: PERPLEXITY_CATALOGUE,
    families: PERPLEXITY_FAMILIES,
    modelPrefixes: ["sonar"],
    hooks: { listModels, charged },
    embeddings: EMBEDDINGS,
    options,
  });
}

/** `/v1/models` names the models of another API, none of which this one takes; asking it checks the key. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  await fetchJson("GET", "/v1/models");
  return SONAR_MODELS.map((id) => ({ id }));
}

/**
 * The cost as the answer tells it: a fee for the request, or for each search, beside the tokens. Source: Perplexity's API
 * reference, the usage of a chat completion.
 */
function charged({ usage }: Pick<Completion, "usage">): VendorCharge | undefined {
  const told = isJsonObject(usage.raw) && isJsonObject(usage.raw.cost) ? usage.raw.cost : {};
  // Embeddings tell `input_cost`, and write nothing.
  const written = told.input_cost === undefined ? undefined : 0;
  const { total_cost: totalUsd, output_tokens_cost: output = written, reasoning_tokens_cost: reasoning = 0 } = told;
  if (typeof totalUsd !== "number" || typeof output !== "number" || typeof reasoning !== "number") return undefined;
  const toolsUsd = amount(told.request_cost) + amount(told.search_queries_cost);
  const outputUsd = output + reasoning;
  return { totalUsd, inputUsd: Math.max(0, totalUsd - toolsUsd - outputUsd), outputUsd, toolsUsd };
}

function amount(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
