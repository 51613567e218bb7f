/**
 * Sources of what was said, derived from citations. The citations stay on the text's vendor data, for these places are what
 * the wire takes back; the sources are for everybody else to read.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";
import { textOf } from "./vendor-data.ts";

/** The sources of a block's citations, in order. Empty where there are none. */
export function sourcesOf(citations: JsonValue | undefined): readonly SourcePart[] {
  return Array.isArray(citations) ? citations.filter(isJsonObject).map(sourceOf) : [];
}

export function sourceOf(citation: JsonObject): SourcePart {
  const location = isJsonObject(citation.location) ? citation.location : {};
  const web = isJsonObject(location.web) ? location.web.url : undefined;
  const url = [web, citation.source].find(isWebAddress);
  const title = textOf(citation.title);
  const citedText = citedTextOf(citation.sourceContent);
  const documentId = url === undefined ? textOf(citation.source) : "";
  return {
    type: "source",
    ...(url === undefined ? {} : { url }),
    ...(title === "" ? {} : { title }),
    ...(citedText === "" ? {} : { citedText }),
    ...(documentId === "" ? {} : { documentId }),
  };
}

function citedTextOf(content: JsonValue | undefined): string {
  if (!Array.isArray(content)) return "";
  return content.map((piece: JsonValue) => (isJsonObject(piece) ? textOf(piece.text) : "")).join("");
}

function isWebAddress(place: JsonValue | undefined): place is string {
  return typeof place === "string" && /^https?:\/\//i.test(place);
}
