/** Parts of an answer that come alike in a body and at the end of a stream: citations, audio, images, custom calls. */
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { AudioPart, ImagePart, OpaquePart, SourcePart } from "../../message.ts";
import { parseMediaUrl, sniffAudioType } from "./media.ts";
import { CUSTOM_TOOL_CALL, OPENAI_CHAT, objectsIn, withVendorData } from "./vendor-data.ts";

/** One source for each citation. OpenAI nests it under `url_citation`; Xiaomi writes it flat. */
export function sourcesOf(annotations: JsonArray): readonly SourcePart[] {
  const sources: SourcePart[] = [];
  for (const annotation of objectsIn(annotations)) {
    const citation = isJsonObject(annotation.url_citation) ? annotation.url_citation : annotation;
    const url = text(citation.url);
    if (url === undefined) continue;
    const title = text(citation.title);
    const cited = text(citation.content);
    sources.push({
      type: "source",
      url,
      ...(title === undefined ? {} : { title }),
      ...(cited === undefined ? {} : { citedText: cited }),
    });
  }
  return sources;
}

/** Perplexity and z.ai list what they read at the top level, beside an answer without annotations. */
export function searchSourcesOf(body: JsonObject): readonly SourcePart[] {
  const found = objectsIn(body.web_search).map((row) => ({ ...row, url: row.link ?? row.url }));
  const results = sourcesOf([...objectsIn(body.search_results), ...found]);
  if (results.length > 0) return results;
  const citations = Array.isArray(body.citations) ? body.citations : [];
  return citations.filter((url) => typeof url === "string").map((url) => ({ type: "source", url }));
}

export function audioPartOf(audio: JsonObject): AudioPart | undefined {
  const data = text(audio.data);
  const transcript = text(audio.transcript);
  if (data === undefined && transcript === undefined) return undefined;
  const id = text(audio.id);
  const expiresAt = typeof audio.expires_at === "number" ? { expiresAt: audio.expires_at } : {};
  return {
    type: "audio",
    source: { type: "data", data: data ?? "" },
    mediaType: sniffAudioType(data ?? ""),
    ...(transcript === undefined ? {} : { transcript }),
    ...withVendorData(id === undefined ? undefined : { audio: { id, ...expiresAt } }),
  };
}

/** OpenRouter's image answers: `images: [{ type: "image_url", image_url: { url } }]`. */
export function imagePartsOf(images: JsonValue | undefined): readonly ImagePart[] {
  const parts: ImagePart[] = [];
  for (const image of objectsIn(images)) {
    const url = isJsonObject(image.image_url) ? text(image.image_url.url) : undefined;
    if (url === undefined) continue;
    const { source, mediaType } = parseMediaUrl(url);
    parts.push({ type: "image", source, ...(mediaType === undefined ? {} : { mediaType }) });
  }
  return parts;
}

/** A call of a custom tool, whose input is free text. */
export function customCallPart(call: JsonObject): OpaquePart {
  return { type: "opaque", dialect: OPENAI_CHAT, kind: CUSTOM_TOOL_CALL, value: call };
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
