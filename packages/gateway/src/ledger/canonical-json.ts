import { isJsonObject, type JsonValue } from "@dragoman/llm";

/** The same text for the same value: keys in order, fields that are undefined left out. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))
      : inner,
  );
}
