/** Azure OpenAI: both surfaces, a key or an Entra token, and the services that issue tokens. */
import type { JsonObject } from "../../../json.ts";
import { fakeModel } from "../fake-model.ts";
import { type Delivery, type GenerationWire, generate, type Reading } from "../generate.ts";
import { stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, Refusal } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route, VendorDefinition } from "../vendor-definition.ts";
import {
  azureChatWire,
  azureError,
  azureFailure,
  checkDeployment,
  deploymentNotFound,
  modelBehind,
  refusedResponse,
} from "../wires/azure-flavour.ts";
import { openAiFileParts } from "../wires/file-references.ts";
import { batchRoutes, openAiBatchRow } from "../wires/openai-batches.ts";
import { openAiModelRow } from "../wires/openai-chat.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { fileRoutes, openAiFileRow } from "../wires/openai-files.ts";
import { fineTuningRoutes } from "../wires/openai-fine-tuning.ts";
import { openAiResponsesWire } from "../wires/openai-responses.ts";
import { BAD_KEY, bearerKey, listingRoutes } from "../wires/openai-routes.ts";
import type { FakeWorld } from "../world.ts";
import { keepingFiles } from "./keeping-files.ts";

/** The client secret that no fake accepts. */
const WRONG_SECRET = "wrong-secret";

const responsesWire: typeof openAiResponsesWire = {
  read(request, world) {
    checkDeployment(stringOf(request.body.model), world);
    return openAiResponsesWire.read(request, world);
  },
  compose(read, answer, world) {
    refusedResponse(answer);
    return openAiResponsesWire.compose(modelBehind(read), answer, world);
  },
  failure: azureFailure,
};

const embeddings = embeddingsRoute(
  embeddingsLike({ failure: azureFailure, unknownModel: deploymentNotFound }),
  /^\/openai\/v1\/embeddings$/,
);

const calls: VendorDefinition = {
  models: [
    fakeModel("my-gpt-4-1", { reasoning: "no" }),
    fakeModel("my-gpt-5-mini", { reasoning: "always" }),
    fakeModel("my-embedding-3-small", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  basePath: "/openai/v1",
  routes: [
    answering(/^\/openai\/v1\/chat\/completions$/, azureChatWire),
    answering(/^\/openai\/v1\/responses$/, responsesWire),
    ...listingRoutes(
      /^\/openai\/(?:v1\/)?models$/,
      /^\/openai\/(?:v1\/)?models\/(.+)$/,
      (model) => openAiModelRow(model, "azure"),
      deploymentNotFound,
    ),
    { method: "POST", path: /^\/openai\/deployments\/([^/]+)\/chat\/completions$/, handle: classicChat },
    embeddings,
    { method: "POST", path: /^\/openai\/deployments\/([^/]+)\/embeddings$/, handle: classicEmbeddings },
    {
      method: "POST",
      path: /^\/openai\/responses$/,
      handle: versioned((request, world) => generate(request, responsesWire, world)),
    },
    { method: "POST", path: /^\/[^/]+\/oauth2\/v2\.0\/token$/, open: true, body: "any", handle: issueToken },
    { method: "GET", path: /^\/metadata\/identity\/oauth2\/token$/, open: true, handle: issueIdentityToken },
  ],
  authorise(request, world) {
    const key = request.headers["api-key"];
    if (key !== undefined && key !== BAD_KEY) return;
    const token = bearerKey(request);
    if (token !== undefined && world.unseal(token) !== undefined) return;
    throw azureError(
      401,
      "401",
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
    );
  },
  refuse: (status, message) => azureError(status, String(status), status === 404 ? "Resource not found" : message),
};

const CHAT = "/openai/v1/chat/completions";
const RESPONSES = "/openai/v1/responses";

const FILES = {
  purposes: ["assistants", "batch", "fine-tune"],
  rowOf: checkedFileRow,
  refuse: (status: number, message: string) => azureError(status, String(status), message),
} as const;

export const azure = keepingFiles(calls, {
  calls: [CHAT, RESPONSES, "/openai/responses"],
  resolve: openAiFileParts((id) => azureError(404, "404", `No such File object: ${id}`)),
  routes: (handleOf) =>
    [
      ...fileRoutes({ ...FILES, prefix: "/openai/v1", paging: "after" }),
      ...fileRoutes({ ...FILES, prefix: "/openai", paging: "none" }),
      ...fineTuningRoutes({
        prefix: "/openai(?:/v1)?",
        refuse: (status, message) => azureError(status, String(status), message),
      }),
      ...batchRoutes({
        prefix: "/openai(?:/v1)?",
        endpoints: { "/chat/completions": handleOf(CHAT), "/v1/responses": handleOf(RESPONSES) },
        filePurpose: "batch",
        rowOf: openAiBatchRow,
        refuse: (status, message) => azureError(status, String(status), message),
        listing: "paged",
      }),
    ].map((route) => ({ ...route, handle: versionedUnlessNew(route.handle) })),
});

/** Lines are checked after the upload: the file is not ready at once. */
function checkedFileRow(file: StoredFile): JsonObject {
  const status = file.purpose === "batch" && file.polls === 0 ? "pending" : "processed";
  file.polls += 1;
  return { ...openAiFileRow(file), status };
}

function versionedUnlessNew(handle: Route["handle"]): Route["handle"] {
  return (request, world) => (request.path.startsWith("/openai/v1/") ? handle : versioned(handle))(request, world);
}

function answering<Read extends Reading>(path: RegExp, wire: GenerationWire<Read>): Route {
  return { method: "POST", path, handle: (request, world) => generate(request, wire, world) };
}

/** The classic surface answers to no call without a version. */
function versioned(handle: Route["handle"]): Route["handle"] {
  return (request, world) => {
    if ((request.query.get("api-version") ?? "") === "") throw azureError(404, "404", "Resource not found");
    return handle(request, world);
  };
}

function classicChat(request: FakeRequest, world: FakeWorld): Delivery | Promise<Delivery> {
  const deployment = decodeURIComponent(request.path.split("/")[3] ?? "");
  const body = { ...request.body, model: deployment };
  return versioned((asked) => generate(asked, azureChatWire, world))({ ...request, body }, world);
}

function classicEmbeddings(request: FakeRequest, world: FakeWorld): Delivery | Promise<Delivery> {
  const deployment = decodeURIComponent(request.path.split("/")[3] ?? "");
  const body = { ...request.body, model: deployment };
  return versioned((asked) => embeddings.handle(asked, world))({ ...request, body }, world);
}

/** Entra's own endpoint: one form, one token for the scope that it names. */
function issueToken(request: FakeRequest, world: FakeWorld): Delivery {
  const form = new URLSearchParams(Buffer.from(request.bytes).toString("utf8"));
  const isWhole =
    form.get("grant_type") === "client_credentials" && form.has("client_id") && /\/\.default$/.test(form.get("scope") ?? "");
  if (!isWhole || form.get("client_secret") === WRONG_SECRET) {
    throw new Refusal(401, {
      error: "invalid_client",
      error_description: `AADSTS7000215: Invalid client secret provided: '${form.get("client_secret")}'.\r\nTrace ID: fake`,
      error_codes: [7_000_215],
    });
  }
  return { reply: jsonReply(200, { token_type: "Bearer", expires_in: 3599, access_token: tokenOf(world) }) };
}

/** The metadata service and App Service's: a header proves that no redirect asks. */
function issueIdentityToken(request: FakeRequest, world: FakeWorld): Delivery {
  const isAsked = request.headers.metadata === "true" || request.headers["x-identity-header"] !== undefined;
  if (!isAsked || request.query.get("resource") === null) {
    throw new Refusal(400, { error: "invalid_request", error_description: "Required metadata header not specified" });
  }
  return { reply: jsonReply(200, { token_type: "Bearer", expires_on: "4102444800", access_token: tokenOf(world) }) };
}

function tokenOf(world: FakeWorld): string {
  return world.seal(world.id("entra-"));
}
