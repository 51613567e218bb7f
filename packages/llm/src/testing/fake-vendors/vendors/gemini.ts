/** Gemini at AI Studio: generateContent, its stream, token counts, models. */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import { jsonReply } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { geminiFileParts } from "../wires/file-references.ts";
import { countGeminiTokens, geminiModelRow, geminiWire, unknownGeminiModel } from "../wires/gemini.ts";
import { geminiBatchRoutes } from "../wires/gemini-batches.ts";
import { cachedContentRoutes } from "../wires/gemini-cached-contents.ts";
import { embedWithGemini, GEMINI_EMBED_PATH } from "../wires/gemini-embeddings.ts";
import { geminiError } from "../wires/gemini-error.ts";
import { geminiFileRoutes, noSuchFile } from "../wires/gemini-files.ts";
import { BAD_KEY, oneModelRoute } from "../wires/openai-routes.ts";
import { keepingFiles } from "./keeping-files.ts";

const calls: VendorDefinition = {
  models: [
    fakeModel("gemini-2.5-flash"),
    fakeModel("gemini-3-flash-preview", { reasoning: "always" }),
    fakeModel("gemini-2.0-flash", { reasoning: "no" }),
    fakeModel("gemini-embedding-001", { tools: false, reasoning: "no", contextTokens: 2048 }),
    fakeModel("gemini-embedding-2", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  basePath: "/v1beta",
  routes: [
    {
      method: "POST",
      path: /^\/v1(?:beta)?\/models\/[^/]+:(generateContent|streamGenerateContent)$/,
      handle: (request, world) => generate(request, geminiWire, world),
    },
    { method: "POST", path: /^\/v1(?:beta)?\/models\/[^/]+:countTokens$/, handle: countGeminiTokens },
    { method: "POST", path: GEMINI_EMBED_PATH, handle: embedWithGemini },
    {
      method: "GET",
      path: /^\/v1(?:beta)?\/models$/,
      handle: (_request, world) => ({ reply: jsonReply(200, { models: world.models.map(geminiModelRow) }) }),
    },
    ...cachedContentRoutes("/v1beta", () => ""),
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

const GENERATE = "/v1beta/models/any:generateContent";

export const gemini = keepingFiles(calls, {
  calls: [GENERATE],
  resolve: geminiFileParts(noSuchFile),
  routes: (answering) => [...geminiFileRoutes, ...geminiBatchRoutes(answering(GENERATE))],
});
