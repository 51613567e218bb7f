/** `GET /models`: the listing of models, both ways. */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";

export const anthropicModels: ModelsCodec = {
  // The longest page there is; the listing has some dozens of rows.
  path: "/models?limit=1000",
  parseResponse(body) {
    if (!isJsonObject(body) || !Array.isArray(body.data)) {
      throw new DragomanError({ code: "invalid_response", detail: "the listing of models has no data array" });
    }
    return body.data.filter(isJsonObject).flatMap(parseModel);
  },
  renderResponse(models) {
    return {
      data: models.map(renderModel),
      has_more: false,
      first_id: models[0]?.id ?? null,
      last_id: models.at(-1)?.id ?? null,
    };
  },
  renderModel,
};

function parseModel(row: JsonObject): ListedModel[] {
  if (typeof row.id !== "string") return [];
  const createdAt = typeof row.created_at === "string" ? Date.parse(row.created_at) / 1000 : Number.NaN;
  const facts = factsOf(row);
  return [
    {
      id: row.id,
      ...(typeof row.display_name === "string" ? { displayName: row.display_name } : {}),
      // The epoch stands for an unknown date.
      ...(createdAt > 0 ? { createdAt } : {}),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
  ];
}

function factsOf(row: JsonObject): CapabilityFacts {
  const capabilities = isJsonObject(row.capabilities) ? row.capabilities : {};
  const images = supported(capabilities.image_input);
  const pdf = supported(capabilities.pdf_input);
  const reasoning = supported(capabilities.thinking);
  const jsonSchema = supported(capabilities.structured_outputs);
  return {
    ...(images === undefined ? {} : { images }),
    ...(pdf === undefined ? {} : { pdf }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(jsonSchema === undefined ? {} : { jsonSchema }),
    ...(isCount(row.max_input_tokens) ? { contextWindowTokens: row.max_input_tokens } : {}),
    ...(isCount(row.max_tokens) ? { outputTokensMax: row.max_tokens } : {}),
  };
}

function supported(capability: JsonValue | undefined): boolean | undefined {
  return isJsonObject(capability) && typeof capability.supported === "boolean" ? capability.supported : undefined;
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && value > 0;
}

function renderModel(model: ModelInfo): JsonObject {
  const { contextWindowTokens, outputTokensMax } = model.capabilities;
  return {
    type: "model",
    id: model.id,
    display_name: model.displayName ?? model.id,
    created_at: new Date((model.createdAt ?? 0) * 1000).toISOString().replace(".000Z", "Z"),
    ...(contextWindowTokens === undefined ? {} : { max_input_tokens: contextWindowTokens }),
    ...(outputTokensMax === undefined ? {} : { max_tokens: outputTokensMax }),
  };
}
