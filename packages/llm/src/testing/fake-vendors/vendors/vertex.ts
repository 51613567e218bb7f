/**
 * Google Vertex AI: Gemini and Claude under a project's path, an access token or a key of express mode, and the endpoints
 * that issue tokens. Paths and words: Google's reference, and recorded answers.
 */
import type { JsonObject } from "../../../json.ts";
import { fakeModel } from "../fake-model.ts";
import { type Delivery, generate } from "../generate.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, Refusal } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { anthropicWire, countAnthropicTokens } from "../wires/anthropic.ts";
import { anthropicError } from "../wires/anthropic-error.ts";
import { countGeminiTokens, geminiWire } from "../wires/gemini.ts";
import { cachedContentRoutes } from "../wires/gemini-cached-contents.ts";
import { geminiError, geminiFailure } from "../wires/gemini-error.ts";
import { isGoodToken, TOKEN_ROUTES } from "../wires/google-tokens.ts";
import { BAD_KEY, bearerKey } from "../wires/openai-routes.ts";
import { embedAtVertex } from "../wires/vertex-embeddings.ts";
import type { FakeWorld } from "../world.ts";

const VERSION = "vertex-2023-10-16";
const PLACE = "/(v1|v1beta1)(?:/(projects/[^/]+/locations/[^/]+))?";
const GOOGLE_CALL = new RegExp(
  `^${PLACE}/publishers/google/models/([^/:]+):(generateContent|streamGenerateContent|countTokens|predict|embedContent)$`,
);
const CLAUDE_CALL = new RegExp(`^${PLACE}/publishers/anthropic/models/([^/:]+):(rawPredict|streamRawPredict)$`);

export const vertex: VendorDefinition = {
  models: [
    fakeModel("gemini-2.5-flash"),
    fakeModel("gemini-3-flash-preview", { reasoning: "always" }),
    fakeModel("gemini-embedding-001", { tools: false, reasoning: "no", contextTokens: 2048 }),
    fakeModel("gemini-embedding-2", { tools: false, reasoning: "no", contextTokens: 8192 }),
    fakeModel("text-embedding-005", { tools: false, reasoning: "no", contextTokens: 2048 }),
    fakeModel("claude-sonnet-4-5@20250929"),
    fakeModel("claude-3-5-haiku@20241022", { reasoning: "no" }),
  ],
  basePath: "/v1",
  routes: [
    { method: "POST", path: GOOGLE_CALL, handle: callGemini },
    { method: "POST", path: CLAUDE_CALL, handle: callClaude },
    ...cachedContentRoutes("/v1(?:beta1)?/projects/[^/]+/locations/[^/]+", (path) => `${placeIn(path)}/`),
    { method: "GET", path: /^\/v1beta1\/publishers\/(google|anthropic)\/models$/, handle: listPublisherModels },
    ...TOKEN_ROUTES,
  ],
  authorise(request, world) {
    const key = request.headers["x-goog-api-key"] ?? request.query.get("key");
    const token = bearerKey(request);
    if (key === BAD_KEY)
      throw unauthenticated("API_KEY_INVALID", "API keys are not supported by this API or the key is not valid.");
    if (key !== undefined && key !== null && key !== "") return;
    if (token === undefined)
      throw unauthenticated("CREDENTIALS_MISSING", `Request is missing required authentication credential. ${EXPECTED}`);
    if (token === BAD_KEY || !isGoodToken(token, world)) {
      throw unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", `Request had invalid authentication credentials. ${EXPECTED}`);
    }
  },
  refuse: (status, message) => geminiError(message, status),
};

const EXPECTED =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";

function unauthenticated(reason: string, message: string): Refusal {
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
  return new Refusal(401, { error: { code: 401, message, status: "UNAUTHENTICATED", details: [info] } });
}

function placeIn(path: string): string {
  return /projects\/[^/]+\/locations\/[^/]+/.exec(path)?.[0] ?? "";
}

// Gemini

const vertexGeminiWire: typeof geminiWire = {
  ...geminiWire,
  failure: (kind, model, retryAfter) => {
    if (kind === "rate-limit" && retryAfter === undefined) return EXHAUSTED.reply;
    return kind === "quota" ? BILLING.reply : geminiFailure(kind, model, retryAfter);
  },
};

const EXHAUSTED = geminiError(
  "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.",
  429,
);
const BILLING = geminiError(
  "This API method requires billing to be enabled. Please enable billing on project #fake-project by visiting https://console.developers.google.com/billing/enable?project=fake-project then retry.",
  403,
  [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "BILLING_DISABLED", domain: "googleapis.com" }],
);

function callGemini(request: FakeRequest, world: FakeWorld): Delivery {
  const [, version = "", place, name = "", method = ""] = GOOGLE_CALL.exec(request.path) ?? [];
  const id = decodeURIComponent(name);
  const model = world.model(id);
  if (model === undefined || id.startsWith("claude-")) throw unknownModel(`${place ?? ""}/publishers/google/models/${id}`);
  if (version === "v1") refuseCallIds(request.body);
  if (method === "predict" || method === "embedContent") {
    return embedAtVertex(request.body, model, method, vertexGeminiWire.failure, world);
  }
  const inner = { ...request, path: `/v1beta/models/${name}:${method}` };
  if (method !== "countTokens") return generate(inner, vertexGeminiWire, world);
  if (request.body.generateContentRequest !== undefined) throw unknownField("generateContentRequest", "");
  return countGeminiTokens(inner, world);
}

/** `FunctionCall` and `FunctionResponse` of v1 have no `id`. */
function refuseCallIds(body: JsonObject): void {
  for (const [turn, content] of objectsOf(body.contents).entries()) {
    for (const [at, part] of objectsOf(content.parts).entries()) {
      for (const field of ["functionCall", "functionResponse"] as const) {
        if (objectOf(part[field]).id === undefined) continue;
        const proto = field === "functionCall" ? "function_call" : "function_response";
        throw unknownField("id", ` at 'contents[${turn}].parts[${at}].${proto}'`);
      }
    }
  }
}

function unknownField(name: string, place: string): Refusal {
  return geminiError(`Invalid JSON payload received. Unknown name "${name}"${place}: Cannot find field.`);
}

function unknownModel(resource: string): Refusal {
  return geminiError(`Publisher Model \`${resource}\` not found.`, 404);
}

// Claude

/** Google counts and bills, and says so in its own words; the rest comes from Anthropic. */
const vertexClaudeWire: typeof anthropicWire = {
  ...anthropicWire,
  compose: (read, answer, world) => anthropicWire.compose({ ...read, model: read.model.replace("@", "-") }, answer, world),
  failure: (kind, model, retryAfter, world) => {
    if (kind === "quota") return BILLING.reply;
    return kind === "rate-limit" && retryAfter === undefined
      ? EXHAUSTED.reply
      : anthropicWire.failure(kind, model, retryAfter, world);
  },
};

function callClaude(request: FakeRequest, world: FakeWorld): Delivery {
  const [, , place, name = "", method = ""] = CLAUDE_CALL.exec(request.path) ?? [];
  const { anthropic_version: version, ...body } = request.body;
  const counts = name === "count-tokens";
  const id = counts ? stringOf(body.model) : decodeURIComponent(name);
  if (place === undefined || world.model(id) === undefined || !id.startsWith("claude-")) {
    throw unknownModel(`${place ?? ""}/publishers/anthropic/models/${id}`);
  }
  // The model stands in the path, and the version in the body, where Anthropic's own API has them the other way round.
  const inner = {
    ...request,
    headers: { ...request.headers, "anthropic-version": VERSION },
    body: { ...body, model: id },
  };
  if (counts) return countAnthropicTokens(inner, world);
  if (version !== VERSION) throw anthropicError(`anthropic_version: Input should be '${VERSION}'`);
  if (body.model !== undefined) throw anthropicError("model: Extra inputs are not permitted");
  if ((body.stream === true) !== (method === "streamRawPredict")) {
    throw anthropicError("stream: does not fit the method of the request");
  }
  return generate(inner, vertexClaudeWire, world);
}

// Listings

function listPublisherModels(request: FakeRequest, world: FakeWorld): Delivery {
  const isAnthropic = request.path.includes("/anthropic/");
  const rows = world.models.filter(({ id }) => id.startsWith("claude-") === isAnthropic);
  const publisherModels = rows.map(({ id }) => {
    const [name = id, versionId = "default"] = id.split("@");
    return { name: `publishers/${isAnthropic ? "anthropic" : "google"}/models/${name}`, versionId };
  });
  return { reply: jsonReply(200, { publisherModels }) };
}
