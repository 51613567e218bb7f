/** Content of a client's input: texts, images and files. Refuses with the field's path. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, MediaSource, OpaquePart, TextPart } from "../../message.ts";
import { invalidField, optional, readArray, readObject, readOneOf, readString } from "../wire-reader.ts";
import { opaquePart } from "./item-parts.ts";
import { fieldsBesides, vendorOf } from "./vendor-data.ts";

export type ContentPart = TextPart | ImagePart | AudioPart | FilePart | OpaquePart;

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
const IMAGE_FIELDS: ReadonlySet<string> = new Set(["type", "image_url", "file_id", "detail"]);
const FILE_FIELDS: ReadonlySet<string> = new Set(["type", "file_data", "file_url", "file_id", "filename"]);
const DETAILS = ["auto", "low", "high", "original"] as const;
/** Where neither the data nor the name tells it. Source: RFC 2046, 4.5.1. */
const UNKNOWN_MEDIA_TYPE = "application/octet-stream";

/** A string is one text. */
export function parseContent(value: JsonValue | undefined, field: string, fileKeeper: string): readonly ContentPart[] {
  if (typeof value === "string") return [{ type: "text", text: value }];
  return readArray(value, field).map((content, index) => {
    const path = `${field}[${index}]`;
    return contentPart(readObject(content, path), path, fileKeeper);
  });
}

function contentPart(content: JsonObject, field: string, fileKeeper: string): ContentPart {
  switch (readString(content.type, `${field}.type`)) {
    case "input_text":
    case "output_text":
      return textPart(content, field);
    case "input_image":
      return imagePart(content, field, fileKeeper);
    case "input_file":
      return filePart(content, field, fileKeeper);
    case "input_audio":
      return audioPart(content, field);
    default:
      return opaquePart(content);
  }
}

export function textPart(content: JsonObject, field: string): TextPart {
  const fields = fieldsBesides(content, TEXT_FIELDS);
  return { type: "text", text: readString(content.text, `${field}.text`), ...withContent(fields) };
}

function imagePart(content: JsonObject, field: string, fileKeeper: string): ImagePart {
  const detail = optional(content.detail, `${field}.detail`, (value, path) => readOneOf(value, DETAILS, path));
  const fields = fieldsBesides(content, IMAGE_FIELDS);
  const url = optional(content.image_url, `${field}.image_url`, readString);
  const fileId = optional(content.file_id, `${field}.file_id`, readString);
  const kept = detail === "original" ? { ...fields, detail } : fields;
  const common = { ...(detail === undefined || detail === "original" ? {} : { detail }), ...withContent(kept) };
  if (url !== undefined) return { type: "image", ...mediaOf(url), ...common };
  if (fileId === undefined) throw invalidField(field, `${field} has neither image_url nor file_id`);
  return { type: "image", source: { type: "reference", provider: fileKeeper, id: fileId }, ...common };
}

function filePart(content: JsonObject, field: string, fileKeeper: string): FilePart {
  const name = optional(content.filename, `${field}.filename`, readString);
  const common = { ...(name === undefined ? {} : { name }), ...withContent(fieldsBesides(content, FILE_FIELDS)) };
  const data = optional(content.file_data, `${field}.file_data`, readString);
  const url = optional(content.file_url, `${field}.file_url`, readString);
  const id = optional(content.file_id, `${field}.file_id`, readString);
  if (data !== undefined) {
    const media = data.startsWith("data:") ? mediaOf(data) : { source: { type: "data" as const, data } };
    return { type: "file", mediaType: mediaTypeByName(name), ...media, ...common };
  }
  if (url !== undefined)
    return { type: "file", source: { type: "url", url }, mediaType: mediaTypeByName(name ?? url), ...common };
  if (id === undefined) throw invalidField(field, `${field} has none of file_data, file_url and file_id`);
  return { type: "file", source: { type: "reference", provider: fileKeeper, id }, mediaType: mediaTypeByName(name), ...common };
}

function audioPart(content: JsonObject, field: string): AudioPart {
  const audio = readObject(content.input_audio, `${field}.input_audio`);
  const format = readString(audio.format, `${field}.input_audio.format`);
  const mediaType = format === "mp3" ? "audio/mpeg" : `audio/${format}`;
  return { type: "audio", source: { type: "data", data: readString(audio.data, `${field}.input_audio.data`) }, mediaType };
}

function withContent(fields: JsonObject | undefined): Pick<TextPart, "vendor"> {
  return vendorOf(fields === undefined ? {} : { content: fields });
}

/** A data URI (RFC 2397) by its value, any other by its address. */
function mediaOf(url: string): { readonly source: MediaSource; readonly mediaType?: string } {
  const comma = url.startsWith("data:") ? url.indexOf(";base64,") : -1;
  if (comma < 0) return { source: { type: "url", url } };
  const mediaType = url.slice("data:".length, comma);
  return { source: { type: "data", data: url.slice(comma + ";base64,".length) }, ...(mediaType === "" ? {} : { mediaType }) };
}

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map<string, string>([
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["html", "text/html"],
  ["json", "application/json"],
]);

function mediaTypeByName(name: string | undefined): string {
  const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(name ?? "")?.[1]?.toLowerCase() ?? "";
  return MEDIA_TYPES.get(ending) ?? UNKNOWN_MEDIA_TYPE;
}
