/** `GET /models`: Mistral's rows say what each model can do. Source: its SDK, `BaseModelCard` and `ModelCapabilities`. */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";
import { modelsCodec as plainCodec } from "../openai-chat/models.ts";

export const modelsCodec: ModelsCodec = {
  path: "/models",
  parseResponse(body) {
    const rows = rowsById(body);
    return plainCodec.parseResponse(body).map((listed) => withCapabilities(listed, rows.get(listed.id)));
  },
  renderResponse(models) {
    return { object: "list", data: models.map(renderModel) };
  },
  renderModel,
};

function rowsById(body: unknown): ReadonlyMap<string, JsonObject> {
  const rows = isJsonObject(body) ? body.data : body;
  if (!Array.isArray(rows)) return new Map();
  return new Map(rows.filter(isJsonObject).flatMap((row) => (typeof row.id === "string" ? [[row.id, row]] : [])));
}

function withCapabilities(listed: ListedModel, row: JsonObject | undefined): ListedModel {
  if (!isJsonObject(row?.capabilities)) return listed;
  const facts = { ...listed.facts, ...factsOf(row.capabilities) };
  return Object.keys(facts).length === 0 ? listed : { ...listed, facts };
}

/** Older rows leave `reasoning` out: that is unknown. What is no chat model calls no tools, whatever else it can do. */
function factsOf(capabilities: JsonObject): CapabilityFacts {
  const said = {
    tools: capabilities.function_calling,
    images: capabilities.vision,
    audio: capabilities.audio,
    reasoning: capabilities.reasoning,
    streaming: capabilities.completion_chat,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => typeof value === "boolean"));
}

/** Mistral's clients demand every capability; one that is unknown is said to be missing. */
function renderModel(model: ModelInfo): JsonObject {
  const { capabilities } = model;
  const can = (name: "streaming" | "tools" | "images" | "audio" | "reasoning"): boolean => capabilities[name].answer === "yes";
  return {
    id: model.id,
    object: "model",
    created: model.createdAt ?? 0,
    owned_by: model.provider,
    ...(model.displayName === undefined ? {} : { name: model.displayName }),
    capabilities: {
      completion_chat: capabilities.streaming.answer !== "no",
      function_calling: can("tools"),
      reasoning: can("reasoning"),
      completion_fim: false,
      fine_tuning: false,
      vision: can("images"),
      ocr: false,
      classification: false,
      moderation: false,
      audio: can("audio"),
      audio_transcription: false,
      audio_transcription_realtime: false,
      audio_speech: false,
      unified_resources: false,
    },
    ...(capabilities.contextWindowTokens === undefined ? {} : { max_context_length: capabilities.contextWindowTokens }),
    internal: false,
    type: "base",
  };
}
