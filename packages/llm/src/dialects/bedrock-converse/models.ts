/** `GET /foundation-models` and `GET /inference-profiles` of the control plane: the listings of models, both ways. */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";
import { textOf } from "./vendor-data.ts";

export const FOUNDATION_MODELS_PATH = "/foundation-models";
export const INFERENCE_PROFILES_PATH = "/inference-profiles?maxResults=1000";

export const modelsCodec: ModelsCodec = {
  path: FOUNDATION_MODELS_PATH,
  parseResponse(body) {
    if (!isJsonObject(body) || !Array.isArray(body.modelSummaries)) throw noListing("modelSummaries");
    return body.modelSummaries.filter(isJsonObject).flatMap(parseModel);
  },
  renderResponse(models) {
    return { modelSummaries: models.map(renderModel) };
  },
  renderModel: (model) => ({ modelDetails: renderModel(model) }),
};

/** Models that write; those that embed or draw have no place in a completion. */
function parseModel(row: JsonObject): readonly ListedModel[] {
  const id = textOf(row.modelId);
  if (id === "" || (Array.isArray(row.outputModalities) && !row.outputModalities.includes("TEXT"))) return [];
  const displayName = [textOf(row.providerName), textOf(row.modelName)].filter(Boolean).join(" ");
  const facts = factsOf(row);
  return [
    {
      id,
      ...(displayName === "" ? {} : { displayName }),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
  ];
}

function factsOf({ inputModalities, responseStreamingSupported }: JsonObject): CapabilityFacts {
  return {
    ...(Array.isArray(inputModalities) ? { images: inputModalities.includes("IMAGE") } : {}),
    ...(typeof responseStreamingSupported === "boolean" ? { streaming: responseStreamingSupported } : {}),
  };
}

function renderModel({ id, displayName, capabilities }: ModelInfo): JsonObject {
  const { images, streaming } = capabilities;
  const inputModalities: JsonValue = images.answer === "yes" ? ["TEXT", "IMAGE"] : ["TEXT"];
  return {
    modelArn: `arn:aws:bedrock:::foundation-model/${id}`,
    modelId: id,
    modelName: displayName ?? id,
    providerName: "",
    ...(images.answer === "unknown" ? {} : { inputModalities }),
    outputModalities: ["TEXT"],
    ...(streaming.answer === "unknown" ? {} : { responseStreamingSupported: streaming.answer === "yes" }),
  };
}

export interface InferenceProfilePage {
  readonly profiles: readonly {
    readonly id: string;
    readonly displayName?: string /** Ids of its models. */;
    readonly models: readonly string[];
  }[];
  /** Undefined on the last page. */
  readonly nextToken: string | undefined;
}

export function parseInferenceProfiles(body: unknown): InferenceProfilePage {
  if (!isJsonObject(body) || !Array.isArray(body.inferenceProfileSummaries)) throw noListing("inferenceProfileSummaries");
  const profiles = body.inferenceProfileSummaries.filter(isJsonObject).flatMap((row) => {
    const id = textOf(row.inferenceProfileId);
    if (id === "" || (typeof row.status === "string" && row.status !== "ACTIVE")) return [];
    const displayName = textOf(row.inferenceProfileName);
    return [{ id, ...(displayName === "" ? {} : { displayName }), models: modelIdsOf(row.models) }];
  });
  const nextToken = textOf(body.nextToken);
  return { profiles, nextToken: nextToken === "" ? undefined : nextToken };
}

function modelIdsOf(models: JsonValue | undefined): readonly string[] {
  const rows = Array.isArray(models) ? models.filter(isJsonObject) : [];
  return rows.map((row) => textOf(row.modelArn).split("/").at(-1) ?? "").filter((id) => id !== "");
}

function noListing(field: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `the listing of models has no ${field}` });
}
