/** Parts of a user's message as content parts; text made safe for every JSON reader. */
import type { MediaForm } from "../../dialect.ts";
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, MediaSource, TextPart, UserPart } from "../../message.ts";
import { audioFormatOf, dataUrl } from "./media.ts";
import { type Rendering, unsupported } from "./rendering.ts";
import { OPENAI_CHAT, vendorDataOf } from "./vendor-data.ts";

/** The text, with halves of surrogate pairs replaced by U+FFFD: several servers refuse JSON that holds one. */
export function wellFormed(rendering: Rendering, text: string, path: string): string {
  if (text.isWellFormed()) return text;
  rendering.warnings.push({ type: "lossy", path, detail: "half of a surrogate pair was replaced by U+FFFD" });
  return text.toWellFormed();
}

/** A single plain text as a string, anything else as an array of parts. */
export function renderContent(rendering: Rendering, parts: readonly UserPart[], path: string): string | JsonArray {
  if (parts.length === 0) return "";
  const allText = parts.every((part): part is TextPart => part.type === "text");
  if (allText) return renderTexts(rendering, parts, path, "\n");
  const rendered: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const value = renderPart(rendering, part, `${path}.parts[${index}]`);
    if (value !== undefined) rendered.push(value);
  }
  return rendered.length === 0 ? "" : rendered;
}

export function renderTexts(
  rendering: Rendering,
  parts: readonly TextPart[],
  path: string,
  separator: "" | "\n",
): string | JsonArray {
  const [first] = parts;
  if (first === undefined) return "";
  if (parts.length === 1 && vendorDataOf(first).fields === undefined) return wellFormed(rendering, first.text, path);
  if (rendering.quirks.textContent === "string") {
    return wellFormed(rendering, parts.map((part) => part.text).join(separator), path);
  }
  return parts.map((part, index) => renderText(rendering, part, `${path}.parts[${index}]`));
}

function renderText(rendering: Rendering, part: TextPart, path: string): JsonObject {
  return { type: "text", text: wellFormed(rendering, part.text, path), ...vendorDataOf(part).fields };
}

function renderPart(rendering: Rendering, part: UserPart, path: string): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return renderText(rendering, part, path);
    case "image":
      return renderImage(rendering, part, path);
    case "audio":
      return renderAudio(rendering, part, path);
    case "file":
      return part.mediaType.startsWith("video/") ? renderVideo(rendering, part, path) : renderFile(rendering, part, path);
    case "opaque":
      if (part.dialect === OPENAI_CHAT) return part.value;
      unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
      return undefined;
  }
}

export function renderImage(rendering: Rendering, part: ImagePart, path: string): JsonObject | undefined {
  const url = mediaUrl(rendering, part.source, part.mediaType ?? "image/png", rendering.quirks.media.image, path);
  if (url === undefined) return undefined;
  const detail = part.detail ?? vendorDataOf(part).imageDetail;
  const image: JsonObject = detail === undefined ? { url } : { url, detail };
  return { type: "image_url", image_url: image, ...vendorDataOf(part).fields };
}

function renderAudio(rendering: Rendering, part: AudioPart, path: string): JsonObject | undefined {
  const format = audioFormatOf(part.mediaType);
  const { source } = part;
  if (!isTaken(rendering, source, rendering.quirks.media.audio, path)) return undefined;
  if (format === undefined || source.type === "reference") {
    unsupported(rendering, path, `audio of type ${part.mediaType} (${source.type}) cannot be sent; it was left out`);
    return undefined;
  }
  const data = source.type === "url" ? source.url : audioData(rendering, source.data, part.mediaType);
  return { type: "input_audio", input_audio: { data, format }, ...vendorDataOf(part).fields };
}

function audioData(rendering: Rendering, data: string, mediaType: string): string {
  return rendering.quirks.audioData === "data-uri" ? dataUrl(mediaType, data) : data;
}

function renderVideo(rendering: Rendering, part: FilePart, path: string): JsonObject | undefined {
  const url = mediaUrl(rendering, part.source, part.mediaType, rendering.quirks.media.video, path);
  return url === undefined ? undefined : { type: "video_url", video_url: { url }, ...vendorDataOf(part).fields };
}

function renderFile(rendering: Rendering, part: FilePart, path: string): JsonObject | undefined {
  const { source } = part;
  if (!isTaken(rendering, source, rendering.quirks.media.file, path)) return undefined;
  const name: Record<string, JsonValue> = part.name === undefined ? {} : { filename: part.name };
  const file: JsonObject =
    source.type === "reference"
      ? { ...name, file_id: source.id }
      : { ...name, file_data: source.type === "url" ? source.url : dataUrl(part.mediaType, source.data) };
  return { type: "file", file, ...vendorDataOf(part).fields };
}

/** A URL for data or an address; references have no URL on this wire. */
function mediaUrl(
  rendering: Rendering,
  source: MediaSource,
  mediaType: string,
  taken: readonly MediaForm[],
  path: string,
): string | undefined {
  if (!isTaken(rendering, source, taken, path)) return undefined;
  if (source.type === "reference") return source.id;
  return source.type === "url" ? source.url : dataUrl(mediaType, source.data);
}

function isTaken(rendering: Rendering, source: MediaSource, taken: readonly MediaForm[], path: string): boolean {
  if (taken.includes(source.type)) return true;
  unsupported(rendering, path, `the vendor does not take such media as ${source.type}; it was left out`);
  return false;
}
