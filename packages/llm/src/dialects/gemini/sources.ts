/** Where an answer's words come from: grounding and citations -> source parts, and back into grounding chunks. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";

/** The sources that a candidate names, each once, in order. */
export function sourcesOf(candidate: JsonObject): SourcePart[] {
  const sources = new Map<string, SourcePart>();
  const add = (source: SourcePart | undefined): void => {
    if (source === undefined) return;
    const key = JSON.stringify(source);
    if (!sources.has(key)) sources.set(key, source);
  };
  for (const chunk of objects(candidate.groundingMetadata, "groundingChunks")) add(sourceOfChunk(chunk));
  for (const citation of objects(candidate.citationMetadata, "citationSources", "citations")) add(sourceOfCitation(citation));
  return [...sources.values()];
}

function objects(holder: unknown, ...names: readonly string[]): JsonObject[] {
  if (!isJsonObject(holder)) return [];
  return names.flatMap((name) => {
    const list = holder[name];
    return Array.isArray(list) ? list.filter(isJsonObject) : [];
  });
}

function sourceOfChunk(chunk: JsonObject): SourcePart | undefined {
  const { web, maps, retrievedContext, image } = chunk;
  if (isJsonObject(web)) return source({ url: web.uri, title: web.title });
  if (isJsonObject(maps)) return source({ url: maps.uri, title: maps.title, citedText: maps.text, documentId: maps.placeId });
  if (isJsonObject(image)) return source({ url: image.sourceUri, title: image.title });
  if (!isJsonObject(retrievedContext)) return undefined;
  const { uri, title, text, documentName, fileSearchStore } = retrievedContext;
  return source({ url: uri, title, citedText: text, documentId: documentName ?? fileSearchStore });
}

function sourceOfCitation(citation: JsonObject): SourcePart | undefined {
  return citation.uri === undefined ? undefined : source({ url: citation.uri, title: citation.title });
}

function source(fields: { readonly [Key in "url" | "title" | "citedText" | "documentId"]?: JsonValue | undefined }): SourcePart {
  const words = Object.entries(fields).filter(([, value]) => typeof value === "string" && value !== "");
  return { type: "source", ...Object.fromEntries(words) };
}

/** Grounding for the sources of another vendor's answer. Read back, it gives the same sources. */
export function groundingOf(sources: readonly SourcePart[]): JsonObject {
  return { groundingChunks: sources.map(chunkOf) };
}

function chunkOf({ url, title, citedText, documentId }: SourcePart): JsonObject {
  const named = title === undefined ? {} : { title };
  if (url !== undefined && citedText === undefined && documentId === undefined) return { web: { uri: url, ...named } };
  return {
    retrievedContext: {
      ...(url === undefined ? {} : { uri: url }),
      ...named,
      ...(citedText === undefined ? {} : { text: citedText }),
      ...(documentId === undefined ? {} : { documentName: documentId }),
    },
  };
}
