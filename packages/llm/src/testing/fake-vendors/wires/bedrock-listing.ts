/** GET /foundation-models and GET /inference-profiles, which the service has on a host of its own. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

const REGION = /^(?:us|eu|apac|global)\./;
const ACCOUNT = "000000000000";

/** Models by their plain ids. */
export function listFoundationModels(_request: FakeRequest, world: FakeWorld): Delivery {
  const plain = [...new Set(world.models.map(plainId))];
  return { reply: jsonReply(200, { modelSummaries: plain.map(foundationModel) }) };
}

function plainId({ id }: FakeModel): string {
  return id.replace(REGION, "");
}

function foundationModel(id: string): JsonObject {
  const [maker = ""] = id.split(".");
  return {
    modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${id}`,
    modelId: id,
    modelName: id,
    providerName: maker,
    inputModalities: /anthropic|nova/.test(id) ? ["TEXT", "IMAGE"] : ["TEXT"],
    outputModalities: [/embed/.test(id) ? "EMBEDDING" : "TEXT"],
    responseStreamingSupported: true,
    customizationsSupported: [],
    inferenceTypesSupported: ["ON_DEMAND"],
    modelLifecycle: { status: "ACTIVE" },
  };
}

/** One profile a page, so that a client has to turn pages. */
export function listInferenceProfiles(request: FakeRequest, world: FakeWorld): Delivery {
  const profiles = world.models.filter(({ id }) => REGION.test(id));
  const page = Number(request.query.get("nextToken") ?? "0");
  const rows = profiles.slice(page, page + 1).map(profileRow);
  const nextToken = page + 1 < profiles.length ? { nextToken: String(page + 1) } : {};
  return { reply: jsonReply(200, { inferenceProfileSummaries: rows, ...nextToken }) };
}

function profileRow(model: FakeModel): JsonObject {
  return {
    inferenceProfileId: model.id,
    inferenceProfileName: `US ${plainId(model)}`,
    inferenceProfileArn: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${model.id}`,
    models: [{ modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${plainId(model)}` }],
    status: "ACTIVE",
    type: "SYSTEM_DEFINED",
  };
}
