import type { CapabilityFacts } from "../capabilities.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** What local servers of OpenAI's wire have in common: no fetching of URLs, no roles and fields of OpenAI's latest models. */
export const LOCAL_SERVER_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  media: { image: ["data"], audio: [], file: [] },
  topKField: "top_k",
  cache: "none",
  reasoningReplay: "none",
};

/** LM Studio on this machine. No key is needed; `env:LM_STUDIO_API_KEY` is sent where the server asks for one. */
export function lmStudio(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "lmstudio",
    name: "LM Studio",
    baseUrl: "http://127.0.0.1:1234/v1",
    key: "env:LM_STUDIO_API_KEY",
    keyOptional: true,
    quirks: { ...LOCAL_SERVER_QUIRKS, toolChoiceNamed: false },
    capabilities: {
      streaming: true,
      jsonSchema: true,
      // "'response_format.type' must be 'json_schema' or 'text'"
      jsonMode: false,
      systemPrompt: true,
      pdf: false,
      audio: false,
      temperature: true,
      stopSequences: true,
      seed: true,
    },
    startHint: "start its server: lms server start",
    hooks: { listModels },
    options,
  });
}

/** The native listing tells type, context and abilities; the OpenAI one only names. Source: LM Studio's REST API v0. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const answer = await fetchJson("GET", "../api/v0/models");
  const rows = isJsonObject(answer) && Array.isArray(answer.data) ? answer.data : [];
  return rows.flatMap((row: JsonValue) =>
    isJsonObject(row) && typeof row.id === "string" && row.type !== "embeddings" ? [{ id: row.id, facts: facts(row) }] : [],
  );
}

function facts(row: JsonObject): CapabilityFacts {
  const abilities = Array.isArray(row.capabilities) ? row.capabilities : undefined;
  const context = typeof row.loaded_context_length === "number" ? row.loaded_context_length : row.max_context_length;
  return {
    images: row.type === "vlm",
    ...(abilities === undefined ? {} : { tools: abilities.includes("tool_use") }),
    ...(typeof context === "number" ? { contextWindowTokens: context } : {}),
  };
}
