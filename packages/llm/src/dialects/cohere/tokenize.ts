/** `POST /v1/tokenize`: the tokens of a text. It knows no messages, so a count of it leaves the model's template out. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";

export const TOKENIZE_PATH = "/v1/tokenize";

/** Characters of one text that the service takes. Source: cohere-ai, `TokenizeRequest.text`. */
export const TOKENIZE_CHARACTERS_MAX = 65_536;

export function renderTokenize(model: string, text: string): JsonObject {
  return { model, text };
}

/** How many tokens. Throws `invalid_response` where the answer lists none. */
export function parseTokenize(body: unknown): number {
  if (isJsonObject(body) && Array.isArray(body.tokens)) return body.tokens.length;
  throw new DragomanError({ code: "invalid_response", detail: "the answer of tokenize has no tokens array" });
}
