/**
 * Anthropic Messages, both ways: towards Anthropic and servers that speak like it, and towards clients that do.
 *
 * - `request.ts` and the `render-*` files make a request of a canonical one; `quirks.ts` holds what differs by model.
 * - `response.ts`, `stream.ts`, `usage.ts`, `finish.ts` and `error.ts` read what comes back.
 * - `parse-request.ts` and its neighbours read a client's request; `render-response.ts` and `render-stream.ts` answer it.
 */
import type { Dialect } from "../../dialect.ts";
import { createCountTokensCodec } from "./count-tokens.ts";
import { parseError, renderError } from "./error.ts";
import { anthropicModels } from "./models.ts";
import { parseRequest } from "./parse-request.ts";
import { passThrough } from "./pass-through.ts";
import type { AnthropicMessagesQuirks } from "./quirks.ts";
import { renderResponse } from "./render-response.ts";
import { renderStream } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { parseStream } from "./stream.ts";
import { DIALECT } from "./vendor-data.ts";

export type { AnthropicEffort, AnthropicMessagesQuirks, AnthropicModelRule } from "./quirks.ts";
export type { AnthropicVendorData } from "./vendor-data.ts";

/** Anthropic's messages wire. Quirks: what a host of it does otherwise. */
export function createAnthropicMessagesDialect(quirks: AnthropicMessagesQuirks = {}): Dialect {
  return {
    id: DIALECT,
    framing: "sse",
    constraints: {
      // Source: the vendor's refusal, "String should match pattern '^[a-zA-Z0-9_-]+$'".
      toolCallId: { pattern: /^[a-zA-Z0-9_-]+$/, lengthMax: 64 },
      media: {
        image: ["data", "url", "reference"],
        audio: [],
        file: ["data", "url", "reference"],
        toolResultImage: ["data", "url", "reference"],
      },
      reasoning: quirks.unsignedThinking === "send" ? "text" : "signed",
    },
    renderRequest: (request, context) => renderRequest(request, context, quirks),
    parseResponse,
    parseStream,
    parseError,
    parseRequest: (input) => parseRequest(input, quirks, { maxTokensRequired: true }),
    renderResponse,
    renderStream,
    renderError,
    ...(Object.keys(quirks).length === 0 ? { passThrough } : {}),
    countTokens: createCountTokensCodec(quirks),
    models: anthropicModels,
  };
}
