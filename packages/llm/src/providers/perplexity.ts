import type { Catalogue, FamilyRule } from "../catalogue.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { StreamEvent } from "../stream.ts";
import type { Cost, Usage } from "../usage.ts";
import { wrapProvider } from "../wrap-provider.ts";
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

/** No listing names them. Without prices: a request costs by its search, which only the answer tells. */
const SONAR_MODELS: Catalogue = {
  version: "Perplexity's model pages",
  models: [
    { id: "sonar", contextWindowTokens: 128_000 },
    { id: "sonar-pro", contextWindowTokens: 200_000 },
    { id: "sonar-reasoning-pro", contextWindowTokens: 128_000 },
    { id: "sonar-deep-research", contextWindowTokens: 128_000 },
  ],
};

/**
 * Perplexity's Sonar: answers from the web, with their sources. Key: `env:PERPLEXITY_API_KEY` unless given. How it searches
 * goes by `vendorOptions`, as in `{ "openai-chat": { search_domain_filter: ["example.org"], web_search_options: {} } }`.
 */
export function perplexity(options: ProviderOptions = {}): Provider {
  const provider = openaiCompatible({
    id: "perplexity",
    name: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    key: "env:PERPLEXITY_API_KEY",
    quirks: PERPLEXITY_QUIRKS,
    catalogue: SONAR_MODELS,
    families: PERPLEXITY_FAMILIES,
    modelPrefixes: ["sonar"],
    hooks: { listModels },
    options,
  });
  return withToldCost(provider);
}

/** `/v1/models` names the models of another API, none of which this one takes; asking it checks the key. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  await fetchJson("GET", "/v1/models");
  return SONAR_MODELS.models.map(({ id }) => ({ id }));
}

/** A request's fee is no price of a token: the cost is what the answer says, where it says it. */
function withToldCost(provider: Provider): Provider {
  return wrapProvider(provider, {
    complete: async (call) => {
      const completion = await provider.complete(call);
      return { ...completion, ...toldCost(completion.usage) };
    },
    stream: (call) => withCostAtEnd(provider.stream(call)),
  });
}

async function* withCostAtEnd(events: AsyncIterable<StreamEvent>): AsyncGenerator<StreamEvent> {
  for await (const event of events) yield event.type === "finish" ? { ...event, ...toldCost(event.usage) } : event;
}

/** The fee of the search is counted to the input. */
function toldCost({ raw }: Usage): { readonly cost?: Cost } {
  const told = isJsonObject(raw) && isJsonObject(raw.cost) ? raw.cost : {};
  const { total_cost: totalUsd, output_tokens_cost: outputUsd } = told;
  if (typeof totalUsd !== "number" || typeof outputUsd !== "number") return {};
  return { cost: { totalUsd, inputUsd: totalUsd - outputUsd, outputUsd, catalogue: "perplexity" } };
}
