/** Which routes each fake vendor has, how it asks for a key, and how it words an error of the server itself. */

import { countTokens } from "./brain.ts";
import type { FakeVendorName } from "./fake-vendor.ts";
import { type Delivery, generate } from "./generate.ts";
import { type FakeRequest, jsonReply, Refusal } from "./reply.ts";
import type { Route, VendorDefinition } from "./vendor-definition.ts";
import { anthropicModelRow, anthropicWire, countAnthropicTokens } from "./wires/anthropic.ts";
import { anthropicError } from "./wires/anthropic-error.ts";
import type { ChatFlavour } from "./wires/chat-flavour.ts";
import { countGeminiTokens, geminiModelRow, geminiWire, unknownGeminiModel } from "./wires/gemini.ts";
import { geminiError } from "./wires/gemini-error.ts";
import { huggingFaceFlavour, huggingFaceModelRow } from "./wires/huggingface-flavour.ts";
import { llamaCppFlavour, llamaCppProps } from "./wires/llamacpp-flavour.ts";
import { lmStudioFlavour, lmStudioModelRow } from "./wires/lmstudio-flavour.ts";
import { moonshotFlavour } from "./wires/moonshot-flavour.ts";
import { ollamaChatWire, ollamaGenerateWire } from "./wires/ollama.ts";
import { ollamaError } from "./wires/ollama-checks.ts";
import { ollamaLoaded, ollamaShow, ollamaTags, ollamaVersion } from "./wires/ollama-listings.ts";
import { openAiModelRow } from "./wires/openai-chat.ts";
import { openAiError } from "./wires/openai-error.ts";
import { openAiFlavour } from "./wires/openai-flavour.ts";
import { openAiResponsesWire } from "./wires/openai-responses.ts";
import { readResponses } from "./wires/openai-responses-request.ts";
import { BAD_KEY, bearerKey, chatRoute, listingRoutes, modelRoutes, oneModelRoute } from "./wires/openai-routes.ts";
import { plainFlavour } from "./wires/plain-flavour.ts";
import { llamaCppTemplate, llamaCppTokenize, moonshotEstimate } from "./wires/token-counts.ts";
import type { FakeWorld } from "./world.ts";

const anthropic: VendorDefinition = {
  basePath: "/v1",
  routes: [
    { method: "POST", path: /^\/v1\/messages$/, handle: (request, world) => generate(request, anthropicWire, world) },
    { method: "POST", path: /^\/v1\/messages\/count_tokens$/, handle: countAnthropicTokens },
    {
      method: "GET",
      path: /^\/v1\/models$/,
      handle: (_request, world) => {
        const data = world.models.map(anthropicModelRow);
        return { reply: jsonReply(200, { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id }) };
      },
    },
    oneModelRoute(/^\/v1\/models\/(.+)$/, anthropicModelRow, (id) => anthropicError(`model: ${id}`, 404)),
  ],
  authorise(request) {
    const key = request.headers["x-api-key"] ?? bearerKey(request);
    if (key === undefined || key === "") throw anthropicError("x-api-key header is required", 401);
    if (key === BAD_KEY) throw anthropicError("invalid x-api-key", 401);
  },
  refuse: (status, message) => anthropicError(message, status),
};

const gemini: VendorDefinition = {
  basePath: "/v1beta",
  routes: [
    {
      method: "POST",
      path: /^\/v1(?:beta)?\/models\/[^/]+:(generateContent|streamGenerateContent)$/,
      handle: (request, world) => generate(request, geminiWire, world),
    },
    { method: "POST", path: /^\/v1(?:beta)?\/models\/[^/]+:countTokens$/, handle: countGeminiTokens },
    {
      method: "GET",
      path: /^\/v1(?:beta)?\/models$/,
      handle: (_request, world) => ({ reply: jsonReply(200, { models: world.models.map(geminiModelRow) }) }),
    },
    oneModelRoute(/^\/v1(?:beta)?\/models\/([^/:]+)$/, geminiModelRow, (id) => unknownGeminiModel(id, "generateContent")),
  ],
  authorise(request) {
    const key = request.headers["x-goog-api-key"] ?? request.query.get("key") ?? "";
    if (key === "") {
      throw geminiError(
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
        403,
      );
    }
    if (key !== BAD_KEY) return;
    const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID", domain: "googleapis.com" };
    throw geminiError("API key not valid. Please pass a valid API key.", 400, [info]);
  },
  refuse: (status, message) => geminiError(message, status),
};

const ollama: VendorDefinition = {
  basePath: "",
  routes: [
    { method: "POST", path: /^\/api\/chat$/, handle: (request, world) => generate(request, ollamaChatWire, world) },
    { method: "POST", path: /^\/api\/generate$/, handle: (request, world) => generate(request, ollamaGenerateWire, world) },
    { method: "GET", path: /^\/api\/tags$/, handle: ollamaTags },
    { method: "GET", path: /^\/api\/ps$/, handle: ollamaLoaded },
    { method: "GET", path: /^\/api\/version$/, handle: ollamaVersion },
    { method: "POST", path: /^\/api\/show$/, handle: ollamaShow },
  ],
  authorise(request) {
    if (bearerKey(request) === BAD_KEY) throw ollamaError(401, "unauthorized");
  },
  refuse: (status, message) => ollamaError(status, status === 404 ? "404 page not found" : message),
};

/** A vendor that asks for a bearer key and words its errors as OpenAI does. */
function keyed(routes: readonly Route[], missing: () => Refusal, wrong: () => Refusal): VendorDefinition {
  return {
    basePath: "/v1",
    routes,
    authorise(request) {
      const key = bearerKey(request);
      if (key === undefined) throw missing();
      if (key === BAD_KEY) throw wrong();
    },
    refuse: (status, message) => openAiError(message, { status }),
  };
}

/** An engine on the same machine: no key needed, a wrong one refused. */
function local(routes: readonly Route[]): VendorDefinition {
  return {
    ...keyed(routes, refuseKey, refuseKey),
    authorise(request) {
      if (bearerKey(request) === BAD_KEY) throw refuseKey();
    },
  };
}

function refuseKey(): Refusal {
  return new Refusal(401, { error: { code: 401, message: "Invalid API Key", type: "authentication_error" } });
}

function chatRoutes(flavour: ChatFlavour, rows = openAiRows): readonly Route[] {
  return [chatRoute(flavour), ...modelRoutes(rows, (id) => flavour.unknownModel(id))];
}

type Rows = Parameters<typeof modelRoutes>[0];
const openAiRows: Rows = (model) => openAiModelRow(model, "fake");

function countResponsesTokens(request: FakeRequest, world: FakeWorld): Delivery {
  const { question } = readResponses(request, world);
  return { reply: jsonReply(200, { object: "response.input_tokens", input_tokens: countTokens(question.prompt) }) };
}

const incorrectKey = () =>
  openAiError("Incorrect API key provided: bad-key. You can find your API key at https://platform.openai.com/account/api-keys.", {
    status: 401,
    code: "invalid_api_key",
  });

const missingOpenAiKey = () =>
  openAiError(
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    { status: 401 },
  );

const invalidAuthentication = () =>
  new Refusal(401, { error: { message: "Invalid Authentication", type: "invalid_authentication_error" } });

const invalidCredentials = () => new Refusal(401, { error: "Invalid credentials in Authorization header" });

const unauthorised = () => new Refusal(401, { error: "Unauthorized" });

export const VENDORS: Readonly<Record<FakeVendorName, VendorDefinition>> = {
  openai: keyed(
    [
      ...chatRoutes(openAiFlavour),
      { method: "POST", path: /^\/v1\/responses$/, handle: (request, world) => generate(request, openAiResponsesWire, world) },
      { method: "POST", path: /^\/v1\/responses\/input_tokens$/, handle: countResponsesTokens },
    ],
    missingOpenAiKey,
    incorrectKey,
  ),
  anthropic,
  gemini,
  ollama,
  lmstudio: local([
    ...chatRoutes(lmStudioFlavour),
    ...listingRoutes(/^\/api\/v0\/models$/, /^\/api\/v0\/models\/(.+)$/, lmStudioModelRow, (id) =>
      lmStudioFlavour.unknownModel(id),
    ),
  ]),
  llamacpp: local([
    ...chatRoutes(llamaCppFlavour),
    { method: "GET", path: /^\/(v1\/)?health$/, open: true, handle: () => ({ reply: jsonReply(200, { status: "ok" }) }) },
    { method: "POST", path: /^\/apply-template$/, handle: llamaCppTemplate },
    { method: "POST", path: /^\/tokenize$/, handle: llamaCppTokenize },
    {
      method: "GET",
      path: /^\/props$/,
      handle: (_request, world) => ({
        reply: jsonReply(200, llamaCppProps(world.models[0]?.id ?? "", world.models[0]?.contextTokens ?? 0)),
      }),
    },
  ]),
  huggingface: keyed(chatRoutes(huggingFaceFlavour, huggingFaceModelRow), invalidCredentials, invalidCredentials),
  moonshot: keyed(
    [
      ...chatRoutes(moonshotFlavour),
      { method: "POST", path: /^\/v1\/tokenizers\/estimate-token-count$/, handle: moonshotEstimate },
    ],
    invalidAuthentication,
    invalidAuthentication,
  ),
  "openai-compatible": keyed(chatRoutes(plainFlavour), unauthorised, unauthorised),
};
