/** `GET /models`: resource names, limits and methods of Google's listing. */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";
import { camelFields, listField } from "./field-names.ts";

/** The API's default page is 50 models; 1000 is its largest. Source: ai.google.dev/api/models, models.list. */
export const MODELS_CODEC: ModelsCodec = {
  path: "/models?pageSize=1000",

  parseResponse(body) {
    const listing = isJsonObject(body) ? camelFields(body) : undefined;
    const models = listing?.models ?? listing?.publisherModels;
    if (!Array.isArray(models)) throw new DragomanError({ code: "invalid_response", detail: "the listing has no models" });
    return listField(models).flatMap((model) => (isJsonObject(model) ? parseModel(camelFields(model)) : []));
  },

  renderResponse(models) {
    return { models: models.map(renderModel) };
  },

  renderModel,
};

function parseModel(model: JsonObject): ListedModel[] {
  const { name, displayName } = model;
  if (typeof name !== "string") return [];
  const facts = factsOf(model);
  return [
    {
      id: name.replace(/^(publishers\/google\/)?models\//, ""),
      ...(typeof displayName === "string" ? { displayName } : {}),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
  ];
}

function factsOf(model: JsonObject): CapabilityFacts {
  const methods = listField(model.supportedGenerationMethods);
  const { inputTokenLimit, outputTokenLimit, thinking } = model;
  return {
    ...(methods.includes("generateContent") ? { streaming: true } : {}),
    ...(methods.includes("createCachedContent") ? { promptCache: true } : {}),
    ...(typeof thinking === "boolean" ? { reasoning: thinking } : {}),
    ...(typeof inputTokenLimit === "number" ? { contextWindowTokens: inputTokenLimit } : {}),
    ...(typeof outputTokenLimit === "number" ? { outputTokensMax: outputTokenLimit } : {}),
  };
}

function renderModel({ id, displayName, capabilities }: ModelInfo): JsonObject {
  const { contextWindowTokens, outputTokensMax, reasoning } = capabilities;
  return {
    name: `models/${id}`,
    ...(displayName === undefined ? {} : { displayName }),
    ...(contextWindowTokens === undefined ? {} : { inputTokenLimit: contextWindowTokens }),
    ...(outputTokensMax === undefined ? {} : { outputTokenLimit: outputTokensMax }),
    supportedGenerationMethods: ["generateContent", "countTokens"],
    ...(reasoning.answer === "unknown" ? {} : { thinking: reasoning.answer === "yes" }),
  };
}
