/** `GET /v1/models`: the listing of models, both ways. One page holds a thousand rows; a token names the next. */
import type { CapabilityFacts, CapabilityName } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";

export const cohereModels: ModelsCodec = {
  path: "/v1/models?page_size=1000",
  parseResponse(body) {
    if (!isJsonObject(body) || !Array.isArray(body.models)) {
      throw new DragomanError({ code: "invalid_response", detail: "the listing of models has no models array" });
    }
    return body.models.filter(isJsonObject).flatMap(parseModel);
  },
  renderResponse(models) {
    return { models: models.map(renderModel) };
  },
  renderModel,
};

/** The token of the page after this one; undefined after the last. */
export function nextPageToken(body: unknown): string | undefined {
  const token = isJsonObject(body) ? body.next_page_token : undefined;
  return typeof token === "string" && token !== "" ? token : undefined;
}

function parseModel(row: JsonObject): readonly ListedModel[] {
  if (typeof row.name !== "string" || row.name === "") return [];
  const facts = { ...featureFacts(row), ...sizeFacts(row.context_length) };
  return [{ id: row.name, ...(Object.keys(facts).length === 0 ? {} : { facts }) }];
}

/** Features of chat models by Cohere's word. The list is complete for these, so absence is a no; null says nothing. */
const FEATURES: readonly (readonly [CapabilityName, string])[] = [
  ["tools", "tools"],
  ["images", "vision"],
  ["reasoning", "reasoning"],
  ["jsonMode", "json_mode"],
  ["jsonSchema", "json_schema"],
];

/** The word came later than the parameter, and models without it take `tool_choice`: absence is unknown. */
const TOOL_CHOICE = "tool_choice";

function featureFacts({ features, endpoints }: JsonObject): CapabilityFacts {
  const isChatModel = Array.isArray(endpoints) && endpoints.includes("chat");
  if (!Array.isArray(features) || !isChatModel) return {};
  const known: CapabilityFacts = Object.fromEntries(FEATURES.map(([name, word]) => [name, features.includes(word)]));
  return features.includes(TOOL_CHOICE) ? { ...known, toolChoiceRequired: true } : known;
}

function sizeFacts(value: JsonValue | undefined): CapabilityFacts {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? { contextWindowTokens: value } : {};
}

function renderModel({ id, capabilities }: ModelInfo): JsonObject {
  const features = FEATURES.flatMap(([name, word]) => (capabilities[name].answer === "yes" ? [word] : []));
  if (capabilities.toolChoiceRequired.answer === "yes") features.push(TOOL_CHOICE);
  const { contextWindowTokens } = capabilities;
  return {
    name: id,
    endpoints: ["chat"],
    finetuned: false,
    ...(contextWindowTokens === undefined ? {} : { context_length: contextWindowTokens }),
    // An empty list would deny every feature.
    features: features.length === 0 ? null : features,
    default_endpoints: [],
  };
}
