/** Annotations of an output text, and the sources that they come to. */
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";

/** The sources that a text's annotations name, in their order. An annotation of an unknown kind names none. */
export function sourcesOf(annotations: JsonValue | undefined): readonly SourcePart[] {
  if (!Array.isArray(annotations)) return [];
  const sources: SourcePart[] = [];
  for (const annotation of annotations) {
    const source = sourceOf(annotation);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

export function sourceOf(annotation: unknown): SourcePart | undefined {
  if (!isJsonObject(annotation)) return undefined;
  switch (annotation.type) {
    case "url_citation":
      return typeof annotation.url === "string"
        ? { type: "source", url: annotation.url, ...titled(annotation.title) }
        : undefined;
    case "file_citation":
    case "container_file_citation":
    case "file_path":
      return typeof annotation.file_id === "string"
        ? { type: "source", documentId: annotation.file_id, ...titled(annotation.filename) }
        : undefined;
    default:
      return undefined;
  }
}

function titled(title: unknown): { readonly title?: string } {
  return typeof title === "string" && title !== "" ? { title } : {};
}

/** The text's own annotations, and one more for each source that they do not name. */
export function annotationsFor(own: JsonValue | undefined, sources: readonly SourcePart[], text: string): JsonArray {
  const annotations: readonly JsonValue[] = Array.isArray(own) ? own : [];
  const named = sourcesOf(annotations).map(keyOf);
  const added: JsonObject[] = [];
  for (const source of sources) {
    const at = named.indexOf(keyOf(source));
    if (at >= 0) named.splice(at, 1);
    else added.push(annotationOf(source, text.length));
  }
  return added.length === 0 ? annotations : [...annotations, ...added];
}

function keyOf(source: SourcePart): string {
  return `${source.url ?? ""}\n${source.documentId ?? ""}\n${source.title ?? ""}`;
}

/** The wire demands a place in the text. Where it is unknown, it is the empty range at the end. */
function annotationOf(source: SourcePart, end: number): JsonObject {
  if (source.url !== undefined) {
    return { type: "url_citation", url: source.url, title: source.title ?? "", start_index: end, end_index: end };
  }
  return { type: "file_citation", file_id: source.documentId ?? "", filename: source.title ?? "", index: end };
}
