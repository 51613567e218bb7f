/**
 * Sources of what was said, derived from Anthropic's citations. The citations stay on the text's vendor data, for these
 * places are what the wire takes back; the sources are for everybody else to read.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";

/** The sources of a block's citations, in order. Empty where there are none. */
export function sourcesOf(citations: unknown): readonly SourcePart[] {
  if (!Array.isArray(citations) || citations.length === 0) return [];
  return citations.filter(isJsonObject).map(sourceOf);
}

export function sourceOf(citation: JsonObject): SourcePart {
  const place = citation.url ?? citation.source;
  const url = isWebAddress(place) ? place : undefined;
  const documentId = text(citation.file_id) ?? (url === undefined ? text(place) : undefined);
  const title = text(citation.title) ?? text(citation.document_title);
  const citedText = text(citation.cited_text);
  return {
    type: "source",
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { citedText }),
    ...(documentId === undefined ? {} : { documentId }),
  };
}

function isWebAddress(place: JsonValue | undefined): place is string {
  return typeof place === "string" && /^https?:\/\//i.test(place);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
