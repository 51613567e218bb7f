import { CEREBRAS_CATALOGUE } from "../catalogue/cerebras.generated.ts";
import type { CerebrasModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { SchemaProfile } from "../schema.ts";
import type { EngineTiming } from "../usage.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/**
 * Strict schemas. Source: inference-docs.cerebras.ai, "Structured outputs", limitations: every object closed, no patterns,
 * no formats, no counts of items, no recursion. Properties may stay optional.
 */
const CEREBRAS_STRICT: SchemaProfile = {
  name: "Cerebras strict",
  keywords: "all",
  removedKeywords: new Set(["$schema", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength"]),
  closedObjects: true,
  oneOfAsAnyOf: true,
  rootObject: true,
};

/** Each line avoids a refusal or a loss of Cerebras' API. Unknown fields are refused: "property 'top_k' is unsupported". */
export const CEREBRAS_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_completion_tokens",
  systemRoles: [],
  // "messages.2.assistant.reasoning_content: property 'messages.2.assistant.reasoning_content' is unsupported"
  reasoningReplay: "reasoning",
  // "property 'frequency_penalty' is unsupported"
  refusedSettings: [{ modelPrefix: "", fields: new Set(["frequency_penalty", "presence_penalty"]) }],
  // gpt-oss always thinks, and knows three grades
  reasoningRequest: { form: "reasoning_effort", byModel: [{ modelPrefix: "gpt-oss", efforts: ["low", "medium", "high"] }] },
  strictSchema: CEREBRAS_STRICT,
  // prefixes are cached without being asked
  cache: "none",
  media: { audio: [], file: [] },
};

const DOCS = "Cerebras' API reference and model pages";

const CEREBRAS_FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "",
    evidence: DOCS,
    facts: {
      streaming: true,
      systemPrompt: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      promptCache: true,
      audio: false,
      pdf: false,
    },
  },
  { prefix: "gpt-oss", evidence: DOCS, facts: { tools: true, jsonSchema: true, reasoning: true, reasoningOff: false } },
  { prefix: "zai-glm", evidence: "reasoning_effort none", facts: { tools: true, reasoning: true, reasoningOff: true } },
];

/** Cerebras. Key: `env:CEREBRAS_API_KEY` unless given. */
export function cerebras(options: ProviderOptions = {}): Provider<CerebrasModel> {
  return openaiCompatible({
    id: "cerebras",
    name: "Cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    key: "env:CEREBRAS_API_KEY",
    quirks: CEREBRAS_QUIRKS,
    catalogue: CEREBRAS_CATALOGUE,
    families: CEREBRAS_FAMILIES,
    // the other models are everybody's
    modelPrefixes: ["zai-glm-"],
    hooks: { listModels, engineTiming },
    embeddings: false,
    options,
  });
}

/** What the key may use; windows and abilities stand only in the public listing. Source: `GET /public/v1/models`. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { modelsCodec } = await import("../dialects/openai-chat/models.ts");
  const own = modelsCodec.parseResponse(await fetchJson("GET", "/models"));
  const published = await fetchJson("GET", "../public/v1/models").then(modelsCodec.parseResponse, () => []);
  const byId = new Map(published.map((row) => [row.id, row]));
  return own.map((row) => ({ ...byId.get(row.id), ...row }));
}

/** `time_info`, in seconds; `queue_time` is waiting, not work. */
function engineTiming({ vendor }: Pick<Completion, "vendor">): EngineTiming | undefined {
  const info = vendor?.["openai-chat"]?.body?.time_info;
  if (!isJsonObject(info)) return undefined;
  const prefillMs = milliseconds(info.prompt_time);
  const decodeMs = milliseconds(info.completion_time);
  if (prefillMs === undefined && decodeMs === undefined) return undefined;
  return { ...(prefillMs === undefined ? {} : { prefillMs }), ...(decodeMs === undefined ? {} : { decodeMs }) };
}

function milliseconds(seconds: JsonValue | undefined): number | undefined {
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : undefined;
}
