/**
 * What a tool returned, as the object that Gemini wants. By the API's convention `output` holds a result and `error` a
 * failure; an object without either is the result itself. The two directions undo each other.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { JsonPart, TextPart } from "../../message.ts";

export interface FunctionOutcome {
  readonly content: readonly (TextPart | JsonPart)[];
  readonly isError: boolean;
}

/** The canonical content of a function's response. */
export function readFunctionResponse(response: JsonObject): FunctionOutcome {
  const only = onlyKey(response);
  if (only === undefined && Object.keys(response).length === 0) return { content: [], isError: false };
  if (only === "error") return { content: [valuePart(response.error ?? null)], isError: true };
  if (only !== "output") return { content: [{ type: "json", value: response }], isError: false };
  const output = response.output ?? null;
  if (isJsonObject(output) && !needsWrapping(output)) return { content: [{ type: "json", value: response }], isError: false };
  return { content: [valuePart(output)], isError: false };
}

/** The response for a result in one value. A string becomes `output` or `error`, an object stays as it is. */
export function functionResponseOf(value: JsonValue | undefined, isError: boolean): JsonObject {
  if (isError) return { error: value === undefined ? "" : value };
  if (value === undefined) return {};
  return isJsonObject(value) && !needsWrapping(value) ? value : { output: value };
}

function valuePart(value: JsonValue): TextPart | JsonPart {
  return typeof value === "string" ? { type: "text", text: value } : { type: "json", value };
}

/** True for an object that, sent as it is, would be read as something else: `{}`, a lone `error`, a lone plain `output`. */
function needsWrapping(value: JsonObject): boolean {
  if (Object.keys(value).length === 0) return true;
  const only = onlyKey(value);
  if (only === "error") return true;
  if (only !== "output") return false;
  return !isJsonObject(value.output) || needsWrapping(value.output);
}

function onlyKey(value: JsonObject): string | undefined {
  const keys = Object.keys(value);
  return keys.length === 1 ? keys[0] : undefined;
}
