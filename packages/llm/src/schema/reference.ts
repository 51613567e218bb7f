/** `$ref` inside one document. An address outside it is never fetched. */
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";

const DEFINITION = /^#\/(?:\$defs|definitions)\/[^/]+$/;

/** True for the two forms of `$ref` that vendors with references take: the root, and a definition at the root. */
export function isPlainReference(reference: string): boolean {
  return reference === "#" || DEFINITION.test(reference);
}

/**
 * What a local JSON Pointer (RFC 6901, in a URI fragment) points at; undefined when it points at nothing, at something
 * that is not a schema, or outside the document. A schema that is `true` comes back as `{}`.
 */
export function resolveReference(document: JsonSchema, reference: string): JsonSchema | undefined {
  if (reference === "#") return document;
  if (!reference.startsWith("#/")) return undefined;
  let value: JsonValue | undefined = document;
  for (const token of reference.slice(2).split("/")) value = childAt(value, unescapeToken(token));
  if (value === true) return {};
  return isJsonObject(value) ? value : undefined;
}

function childAt(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(token) ? value[Number(token)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}

function unescapeToken(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // Not percent-encoded after all: taken as it stands.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}
