/**
 * Vendor options over a rendered body. They replace top-level fields; only the fields that hold canonical settings and
 * vendor settings side by side are merged key by key.
 */
import { isJsonObject, type JsonObject } from "../../json.ts";

const MERGED: ReadonlySet<string> = new Set([
  "generationConfig",
  "generationConfig.thinkingConfig",
  "toolConfig",
  "toolConfig.functionCallingConfig",
]);

export function layOver(body: JsonObject, options: JsonObject, path = ""): JsonObject {
  const merged: { [key: string]: JsonObject[string] } = { ...body };
  for (const [key, value] of Object.entries(options)) {
    const here = path === "" ? key : `${path}.${key}`;
    const below = merged[key];
    merged[key] = MERGED.has(here) && isJsonObject(below) && isJsonObject(value) ? layOver(below, value, here) : value;
  }
  return merged;
}
