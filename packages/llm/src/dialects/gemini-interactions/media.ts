/** Pictures, sound, videos and documents: one shape on the wire, wherever they stand. */
import type { JsonObject } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, MediaSource } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { fieldsBeyond, ownData, wordOf } from "./fields.ts";
import { vendorDataOf } from "./vendor-data.ts";

export type MediaPart = ImagePart | AudioPart | FilePart;

const KNOWN: ReadonlySet<string> = new Set(["type", "data", "uri", "mime_type"]);
const KNOWN_OF_VIDEO: ReadonlySet<string> = new Set([...KNOWN, "name"]);

/** Media by address may come without their type, which the canonical form wants of all but pictures. */
const TYPES_GUESSED: Readonly<Record<string, string>> = {
  audio: "audio/wav",
  video: "video/mp4",
  document: "application/pdf",
};

export function renderMedia(part: MediaPart, path: string, warnings: Warning[]): JsonObject {
  const type = wireType(part);
  const { source } = part;
  if (part.type === "file" && part.name !== undefined && type !== "video") {
    warnings.push({ type: "lossy", path: `${path}.name`, detail: `a ${type} has no name on this wire`, value: part.name });
  }
  if (part.type === "audio" && part.transcript !== undefined) {
    warnings.push({ type: "lossy", path: `${path}.transcript`, detail: "audio has no transcript on this wire; left out" });
  }
  return {
    ...ownData(part),
    type,
    ...(source.type === "data" ? { data: source.data } : { uri: source.type === "url" ? source.url : source.id }),
    ...(part.mediaType === undefined ? {} : { mime_type: part.mediaType }),
    ...(part.type === "image" && (part.detail === "low" || part.detail === "high") ? { resolution: part.detail } : {}),
    ...(part.type === "file" && part.name !== undefined && type === "video" ? { name: part.name } : {}),
  };
}

function wireType(part: MediaPart): string {
  if (part.type !== "file") return part.type;
  const [family] = part.mediaType.split("/", 1);
  return family === "video" || family === "audio" || family === "image" ? family : "document";
}

/** Undefined for a block that is no media, or has none in it. */
export function parseMedia(block: JsonObject): MediaPart | undefined {
  const source = sourceOf(block);
  if (source === undefined) return undefined;
  const mediaType = wordOf(block.mime_type);
  const { type } = block;
  if (type === "image") {
    const { resolution, ...rest } = fieldsBeyond(block, KNOWN);
    const isDetail = resolution === "low" || resolution === "high";
    const vendor = vendorDataOf(isDetail || resolution === undefined ? rest : { ...rest, resolution });
    return {
      type,
      source,
      ...(mediaType === undefined ? {} : { mediaType }),
      ...(isDetail ? { detail: resolution } : {}),
      ...(vendor === undefined ? {} : { vendor }),
    };
  }
  const guess = typeof type === "string" && Object.hasOwn(TYPES_GUESSED, type) ? TYPES_GUESSED[type] : undefined;
  if (guess === undefined) return undefined;
  const vendor = vendorDataOf(fieldsBeyond(block, type === "video" ? KNOWN_OF_VIDEO : KNOWN));
  const rest = { source, mediaType: mediaType ?? guess, ...(vendor === undefined ? {} : { vendor }) };
  if (type === "audio") return { type, ...rest };
  const name = type === "video" ? wordOf(block.name) : undefined;
  return { type: "file", ...rest, ...(name === undefined ? {} : { name }) };
}

function sourceOf(block: JsonObject): MediaSource | undefined {
  const data = wordOf(block.data);
  if (data !== undefined) return { type: "data", data };
  const url = wordOf(block.uri);
  return url === undefined ? undefined : { type: "url", url };
}
