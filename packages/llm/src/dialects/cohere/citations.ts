/** Citations, which place words of the answer beside documents and tool results, and the sources that follow from them. */
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantMessage, SourcePart } from "../../message.ts";
import { vendorDataOf } from "./vendor-data.ts";

/** The sources of all citations, each once, in the order of their first mention. */
export function sourcesOf(citations: JsonArray): readonly SourcePart[] {
  const found = new Map<string, SourcePart>();
  for (const citation of citations) {
    const sources = isJsonObject(citation) && Array.isArray(citation.sources) ? citation.sources : [];
    for (const source of sources) {
      const part = isJsonObject(source) ? sourcePart(source) : undefined;
      if (part === undefined) continue;
      const key = part.documentId ?? JSON.stringify(part);
      if (!found.has(key)) found.set(key, part);
    }
  }
  return [...found.values()];
}

/** A document or a tool's output: what it says of itself under the usual names. */
function sourcePart(source: JsonObject): SourcePart | undefined {
  const holder = [source.document, source.tool_output].find(isJsonObject) ?? {};
  const documentId = word(source.id);
  const url = word(holder.url);
  const title = word(holder.title);
  if (documentId === undefined && url === undefined && title === undefined) return undefined;
  return {
    type: "source",
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(documentId === undefined ? {} : { documentId }),
  };
}

function word(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The message's own citations; where another vendor answered, one made of each source, without a place in the text. */
export function citationsOf(message: Pick<AssistantMessage, "parts" | "vendor">): JsonArray {
  const own = vendorDataOf(message).citations;
  if (own !== undefined) return own;
  return message.parts.flatMap((part) => (part.type === "source" ? [citationOf(part)] : []));
}

export function citationOf({ url, title, citedText, documentId }: SourcePart): JsonObject {
  const id = documentId ?? url;
  const document: JsonObject = {
    ...(id === undefined ? {} : { id }),
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { snippet: citedText }),
  };
  return { sources: [{ type: "document", ...(id === undefined ? {} : { id }), document }] };
}
