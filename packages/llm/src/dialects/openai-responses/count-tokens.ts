/** `POST /responses/input_tokens`: how many tokens a request would read. */
import type { ClientRequest, CountTokensCodec, ParsedRequest, RenderContext, RenderedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { parseRequest } from "./parse-request.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderBody } from "./request.ts";

/** What the endpoint takes; it answers 400 to the rest. Source: `InputTokenCountParams` of the `openai` package. */
const COUNTED_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "reasoning",
  "truncation",
  "previous_response_id",
  "conversation",
  "personality",
]);

export function createCountTokensCodec(quirks: ResolvedQuirks): CountTokensCodec {
  return {
    renderRequest(request: CompletionRequest, context: RenderContext): RenderedRequest {
      const warnings: Warning[] = [];
      const body: Record<string, JsonValue> = {};
      for (const [key, value] of Object.entries(renderBody(request, context, quirks, warnings))) {
        if (COUNTED_FIELDS.has(key) && value !== undefined) body[key] = value;
      }
      return { method: "POST", path: "/responses/input_tokens", headers: {}, body, warnings };
    },
    parseResponse(body: unknown): number {
      const tokens = isJsonObject(body) ? body.input_tokens : undefined;
      if (typeof tokens === "number" && Number.isInteger(tokens) && tokens >= 0) return tokens;
      throw new DragomanError({ code: "invalid_response", detail: "the token count has no input_tokens" });
    },
    parseRequest(input: ClientRequest): ParsedRequest {
      return parseRequest(input, quirks);
    },
    renderResponse(tokens: number): JsonObject {
      return { object: "response.input_tokens", input_tokens: tokens };
    },
  };
}
