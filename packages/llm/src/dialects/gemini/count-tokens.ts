/**
 * `POST /models/{model}:countTokens`. Contents alone stand in the body itself; system instruction and tools count only
 * inside `generateContentRequest` (Gemini API) or flat beside them (Vertex AI).
 */
import type { CountTokensCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { readBody, readObject } from "../wire-reader.ts";
import { camelFields } from "./field-names.ts";
import { parseBody } from "./parse-request.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { modelPath, renderBody } from "./request.ts";
import { parsePath } from "./request-path.ts";

export function createCountTokensCodec(quirks: ResolvedQuirks): CountTokensCodec {
  return {
    renderRequest(request, context) {
      const { body, warnings } = renderBody(request, { ...context, stream: false }, quirks);
      const path = modelPath(request.model);
      const counted = quirks.countTokensBody === "flat" || hasOnlyContents(body) ? body : wrapped(body, path);
      return { method: "POST", path: `${path}:countTokens`, headers: {}, body: counted, warnings };
    },

    parseResponse(body) {
      const total = isJsonObject(body) ? camelFields(body).totalTokens : undefined;
      if (typeof total === "number" && Number.isInteger(total)) return total;
      throw new DragomanError({ code: "invalid_response", detail: "the token count has no totalTokens" });
    },

    parseRequest(input) {
      const { model } = parsePath(input.path);
      const body = camelFields(readBody(input.body));
      const inner = body.generateContentRequest;
      const parsed =
        inner === undefined
          ? parseBody(body, model, quirks)
          : parseBody(readObject(inner, "generateContentRequest"), model, quirks, "generateContentRequest.");
      return { ...parsed, stream: false, client: { model, echo: {} } };
    },

    renderResponse(tokens) {
      return { totalTokens: tokens };
    },
  };
}

function hasOnlyContents(body: JsonObject): boolean {
  return Object.keys(body).every((key) => key === "contents");
}

function wrapped(body: JsonObject, path: string): JsonObject {
  return { generateContentRequest: { model: decodeURIComponent(path.slice(1)), ...body } };
}
