/** A text's citations: annotations on the wire, source parts after the text in the canonical form. */
import type { JsonObject } from "../../json.ts";
import type { SourcePart } from "../../message.ts";
import { textIn, wordOf } from "./fields.ts";

/** One part for each thing that is cited, however often. */
export function sourcesOf(annotations: readonly JsonObject[]): readonly SourcePart[] {
  const sources = new Map<string, SourcePart>();
  for (const annotation of annotations) {
    const source = sourceOf(annotation);
    if (source !== undefined) sources.set(JSON.stringify(source), source);
  }
  return [...sources.values()];
}

function sourceOf(annotation: JsonObject): SourcePart | undefined {
  const isFile = annotation.type === "file_citation";
  const url = isFile ? undefined : wordOf(annotation.url);
  const documentId = isFile ? wordOf(annotation.document_uri) : undefined;
  const title = wordOf(annotation.title) ?? wordOf(annotation.name) ?? wordOf(annotation.file_name);
  if (url === undefined && documentId === undefined) return undefined;
  return {
    type: "source",
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(documentId === undefined ? {} : { documentId }),
  };
}

/** The citation that says the same as a source; undefined where it names neither an address nor a document. */
export function annotationOf({ url, title, documentId }: SourcePart): JsonObject | undefined {
  if (url !== undefined) return { type: "url_citation", url, ...(title === undefined ? {} : { title }) };
  if (documentId === undefined) return undefined;
  return { type: "file_citation", document_uri: documentId, ...(title === undefined ? {} : { file_name: title }) };
}

/** What a thought shows of itself. */
export function summaryText(summary: readonly JsonObject[]): string {
  return summary.map(({ text }) => textIn(text)).join("");
}
