/** `POST /messages/count_tokens`: the same prompt without what only an answer needs. */
import type { CountTokensCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";
import { parseRequest } from "./parse-request.ts";
import type { AnthropicMessagesQuirks } from "./quirks.ts";
import { renderRequest } from "./request.ts";

/** Fields that the endpoint takes. Source: MessageCountTokensParams of @anthropic-ai/sdk, stable and beta. */
const COUNTED_FIELDS = [
  "model",
  "system",
  "tools",
  "tool_choice",
  "messages",
  "thinking",
  "output_config",
  "cache_control",
  "context_management",
  "mcp_servers",
] as const;

export function createCountTokensCodec(quirks: AnthropicMessagesQuirks): CountTokensCodec {
  return {
    renderRequest(request, context) {
      const rendered = renderRequest(request, { ...context, stream: false }, quirks);
      const body: Record<string, JsonValue> = {};
      for (const field of COUNTED_FIELDS) {
        const value = rendered.body?.[field];
        if (value !== undefined) body[field] = value;
      }
      return { ...rendered, path: "/messages/count_tokens", body };
    },
    parseResponse(body) {
      const tokens = isJsonObject(body) ? body.input_tokens : undefined;
      if (typeof tokens === "number") return tokens;
      throw new DragomanError({ code: "invalid_response", detail: "the token count has no input_tokens" });
    },
    parseRequest: (input) => parseRequest(input, quirks, { maxTokensRequired: false }),
    renderResponse: (tokens) => ({ input_tokens: tokens }),
  };
}
