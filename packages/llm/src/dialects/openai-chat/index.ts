/** The dialect `openai-chat`: OpenAI Chat Completions, and every vendor that speaks it, by quirks. */
import type { Dialect, DialectConstraints } from "../../dialect.ts";
import { parseError, renderError } from "./error.ts";
import { withAdvice } from "./error-advice.ts";
import { modelsCodec } from "./models.ts";
import { parseRequest } from "./parse-request.ts";
import { passThrough } from "./pass-through.ts";
import { type OpenAIChatQuirks, type ResolvedQuirks, resolveQuirks } from "./quirks.ts";
import { renderResponse } from "./render-response.ts";
import { OpenAIChatStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { OpenAIChatStreamParser } from "./stream.ts";
import { OPENAI_CHAT } from "./vendor-data.ts";

export type { OpenAIChatQuirks, ReasoningField, ReasoningRequestQuirk, SystemRoleRule } from "./quirks.ts";
export type { OpenAIChatVendorData } from "./vendor-data.ts";

/** Without quirks: OpenAI's own API. */
export function createOpenAIChatDialect(quirks: OpenAIChatQuirks = {}): Dialect {
  const resolved = resolveQuirks(quirks);
  return {
    id: OPENAI_CHAT,
    framing: "sse",
    constraints: constraintsOf(resolved),
    renderRequest: (request, context) => renderRequest(request, context, resolved),
    parseResponse: (body, context) => parseResponse(body, context, resolved),
    parseStream: (context) => new OpenAIChatStreamParser(context, resolved),
    parseError: (response, context) => withAdvice(parseError(response, context), resolved.errorAdvice),
    parseRequest: (input) => parseRequest(input, resolved),
    renderResponse: (completion, client) => renderResponse(completion, client, resolved),
    renderStream: (client) => new OpenAIChatStreamRenderer(client, resolved),
    renderError,
    ...(Object.keys(quirks).length === 0 ? { passThrough } : {}),
    models: modelsCodec,
  };
}

/** Images of tool results follow in a user message, so what goes for images goes for them. */
function constraintsOf(quirks: ResolvedQuirks): DialectConstraints {
  const { image, audio, file, video } = quirks.media;
  return {
    toolCallId: quirks.toolCallId,
    media: { image, audio, file: [...new Set([...file, ...video])], toolResultImage: image },
    reasoning: quirks.reasoningReplay === "none" ? "none" : "text",
  };
}
