/**
 * Google's generateContent, streamGenerateContent, countTokens and models, as the Gemini API and Vertex AI speak them.
 * Source: ai.google.dev/api/generate-content and the types of @google/genai.
 */
import type { Dialect } from "../../dialect.ts";
import { parseVendorError } from "../vendor-error.ts";
import { createCountTokensCodec } from "./count-tokens.ts";
import { renderError } from "./error.ts";
import { MODELS_CODEC } from "./models.ts";
import { parseRequest } from "./parse-request.ts";
import { type GeminiQuirks, resolveQuirks } from "./quirks.ts";
import { renderResponse } from "./render-response.ts";
import { createStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { createStreamParser } from "./stream.ts";

export {
  type CachedContent,
  type CachedContentInit,
  type CachedContentsCodec,
  createCachedContentsCodec,
} from "./cached-contents.ts";
export { type GeminiQuirks, type ModelRow, type ThinkingControl, VERTEX_QUIRKS } from "./quirks.ts";
export type { GeminiVendorData } from "./vendor-data.ts";

/** The dialect `gemini`. Without quirks it speaks the Gemini API; Vertex AI is `VERTEX_QUIRKS`. */
export function createGeminiDialect(quirks: GeminiQuirks = {}): Dialect {
  const resolved = resolveQuirks(quirks);
  return {
    id: "gemini",
    framing: "sse",
    constraints: {
      toolCallId: { pattern: /^[\s\S]+$/, lengthMax: Number.POSITIVE_INFINITY },
      media: {
        image: resolved.publicUrls ? ["data", "url", "reference"] : ["data", "reference"],
        audio: resolved.publicUrls ? ["data", "url", "reference"] : ["data", "reference"],
        file: resolved.publicUrls ? ["data", "url", "reference"] : ["data", "reference"],
        toolResultImage: ["data", "reference"],
      },
      reasoning: "signed",
    },
    renderRequest: (request, context) => renderRequest(request, context, resolved),
    parseResponse: (body, context) => parseResponse(body, context, resolved),
    parseStream: (context) => createStreamParser(context, resolved),
    parseError: parseVendorError,
    parseRequest: (input) => parseRequest(input, resolved),
    renderResponse: (completion) => renderResponse(completion, resolved),
    renderStream: (client) => createStreamRenderer(client, resolved),
    renderError,
    countTokens: createCountTokensCodec(resolved),
    models: MODELS_CODEC,
  };
}
