/** `POST /model/{id}/count-tokens`: the same prompt under `input.converse`, without what only an answer needs. */
import type { CountTokensCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";
import { readBody, readObject } from "../wire-reader.ts";
import { modelOf, parseConverse } from "./parse-request.ts";
import { modelPath, renderRequest } from "./request.ts";

/** Source: ConverseTokensRequest of @aws-sdk/client-bedrock-runtime. */
const COUNTED_FIELDS = ["messages", "system", "toolConfig", "additionalModelRequestFields"] as const;

export const countTokensCodec: CountTokensCodec = {
  renderRequest(request, context) {
    const rendered = renderRequest(request, { ...context, stream: false });
    const converse: Record<string, JsonValue> = {};
    for (const field of COUNTED_FIELDS) {
      const value = rendered.body?.[field];
      if (value !== undefined) converse[field] = value;
    }
    return { ...rendered, path: modelPath(request.model, "count-tokens"), body: { input: { converse } } };
  },
  parseResponse(body) {
    const tokens = isJsonObject(body) ? body.inputTokens : undefined;
    if (typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
    throw new DragomanError({ code: "invalid_response", detail: "the token count has no inputTokens" });
  },
  parseRequest(input) {
    const body = readBody(input.body);
    const { converse } = readObject(body.input, "input");
    return parseConverse(readObject(converse, "input.converse"), modelOf(input.path, body), false);
  },
  renderResponse: (tokens) => ({ inputTokens: tokens }),
};
