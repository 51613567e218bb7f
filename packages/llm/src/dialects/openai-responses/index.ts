/** The OpenAI Responses API, spoken by OpenAI, Azure, xAI, OpenRouter, LM Studio, llama.cpp and others. */

import type { Dialect, DialectConstraints } from "../../dialect.ts";
import { modelsCodec } from "../openai-chat/models.ts";
import { createCountTokensCodec } from "./count-tokens.ts";
import { parseError, renderError } from "./error.ts";
import { parseRequest } from "./parse-request.ts";
import { passThrough } from "./pass-through.ts";
import { type OpenAIResponsesQuirks, resolveQuirks } from "./quirks.ts";
import { renderResponse } from "./render-response.ts";
import { renderStream } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { parseStream } from "./stream.ts";
import { suspended } from "./suspended.ts";
import { OPENAI_RESPONSES } from "./vendor-data.ts";

export type { OpenAIResponsesQuirks } from "./quirks.ts";
export type { OpenAIResponsesVendorData } from "./vendor-data.ts";

const CONSTRAINTS: DialectConstraints = {
  // OpenAI answers 400 to a call_id longer than 64.
  toolCallId: { pattern: /^\S+$/, lengthMax: 64 },
  media: {
    image: ["data", "url", "reference"],
    audio: [],
    file: ["data", "url", "reference"],
    toolResultImage: ["data", "url", "reference"],
  },
  reasoning: "signed",
  keptHistory: ["previous_response_id", "conversation"],
};

/** OpenAI's responses wire. Quirks: what a host of it does otherwise. */
export function createOpenAIResponsesDialect(quirks?: OpenAIResponsesQuirks): Dialect {
  const resolved = resolveQuirks(quirks);
  return {
    id: OPENAI_RESPONSES,
    framing: "sse",
    constraints: CONSTRAINTS,
    renderRequest: (request, context) => renderRequest(request, context, resolved),
    parseResponse,
    parseStream,
    suspended,
    parseError,
    parseRequest: (input) => parseRequest(input, resolved),
    renderResponse,
    renderStream,
    renderError,
    ...(quirks === undefined || Object.keys(quirks).length === 0 ? { passThrough } : {}),
    countTokens: createCountTokensCodec(resolved),
    // Both of OpenAI's wires share the listing.
    models: modelsCodec,
  };
}
