/** Content parts of a client's message. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, OpaquePart, UserPart } from "../../message.ts";
import { invalidField, optional, readObject, readString } from "../wire-reader.ts";
import { audioTypeOf, parseDataUrl, parseMediaUrl } from "./media.ts";
import { parseText } from "./parse-text.ts";
import type { Parsing } from "./parsing.ts";
import { fieldsData, OPENAI_CHAT, type OpenAIChatVendorData, unknownFields, withVendorData } from "./vendor-data.ts";

type Reader = (part: JsonObject, path: string, parsing: Parsing) => UserPart;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["text", (part, path) => parseText(part, path)],
  ["image_url", parseImage],
  ["input_audio", parseAudio],
  ["file", parseFile],
  ["video_url", parseVideo],
]);

export function parseContentPart(part: JsonObject, path: string, parsing: Parsing): UserPart {
  const type = readString(part.type, `${path}.type`);
  const read = READERS.get(type);
  if (read !== undefined) return read(part, path, parsing);
  const detail = `a content part of type ${type} is not defined; it was passed on as it is`;
  parsing.warnings.push({ type: "unknown-field", path, detail });
  return opaque(part, type);
}

function opaque(part: JsonObject, kind: string): OpaquePart {
  return { type: "opaque", dialect: OPENAI_CHAT, kind, value: part };
}

/** Fields of a part beside its own; `text` beside an image is what one client library writes, always null. */
function others(part: JsonObject, own: string): OpenAIChatVendorData | undefined {
  return fieldsData(unknownFields(part, new Set(["type", own])));
}

/** Fields within a medium that the wire does not define have no place to be kept. */
function warnOfUnread(holder: JsonObject, known: readonly string[], path: string, parsing: Parsing): void {
  for (const field of Object.keys(unknownFields(holder, new Set(known)) ?? {})) {
    const detail = "the wire does not define it; it was left out";
    parsing.warnings.push({ type: "unknown-field", path: `${path}.${field}`, detail });
  }
}

const DETAILS = ["auto", "low", "high"] as const;

/** The address as an object or, as Mistral's clients write it, as a string. */
function parseImage(part: JsonObject, path: string, parsing: Parsing): ImagePart {
  const holder = isJsonObject(part.image_url) ? part.image_url : { url: part.image_url };
  const url = readString(holder.url, `${path}.image_url.url`);
  warnOfUnread(holder, ["url", "detail"], `${path}.image_url`, parsing);
  const said = optional(holder.detail, `${path}.image_url.detail`, readString);
  const detail = DETAILS.find((word) => word === said);
  const { source, mediaType } = parseMediaUrl(url);
  const data = { ...others(part, "image_url"), ...(said === undefined || detail !== undefined ? {} : { imageDetail: said }) };
  return {
    type: "image",
    source,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(detail === undefined ? {} : { detail }),
    ...withVendorData(data),
  };
}

/** The data as base64, or as a `data:` URL or an address, which some vendors take. */
function parseAudio(part: JsonObject, path: string, parsing: Parsing): AudioPart {
  const audio = readObject(part.input_audio, `${path}.input_audio`);
  warnOfUnread(audio, ["data", "format"], `${path}.input_audio`, parsing);
  const data = readString(audio.data, `${path}.input_audio.data`);
  const format = optional(audio.format, `${path}.input_audio.format`, readString);
  const inline = parseDataUrl(data);
  const mediaType = format === undefined ? (inline?.mediaType ?? "audio/*") : audioTypeOf(format);
  const isAddress = data.startsWith("http://") || data.startsWith("https://");
  const source = isAddress ? { type: "url" as const, url: data } : { type: "data" as const, data: inline?.data ?? data };
  return { type: "audio", source, mediaType, ...withVendorData(others(part, "input_audio")) };
}

function parseFile(part: JsonObject, path: string, parsing: Parsing): FilePart {
  const file = readObject(part.file, `${path}.file`);
  warnOfUnread(file, ["filename", "file_id", "file_data"], `${path}.file`, parsing);
  const name = optional(file.filename, `${path}.file.filename`, readString);
  const rest = { ...(name === undefined ? {} : { name }), ...withVendorData(others(part, "file")) };
  const id = optional(file.file_id, `${path}.file.file_id`, readString);
  if (id !== undefined) {
    const source = { type: "reference" as const, provider: parsing.quirks.fileProvider, id };
    return { type: "file", source, mediaType: typeOfName(name), ...rest };
  }
  const data = readString(file.file_data, `${path}.file.file_data`);
  const { source, mediaType } = data.includes(":")
    ? parseMediaUrl(data)
    : { source: { type: "data" as const, data }, mediaType: undefined };
  return { type: "file", source, mediaType: mediaType ?? typeOfName(name), ...rest };
}

/** The wire takes PDF only, so a file without a type is one, unless its name says otherwise. */
function typeOfName(name: string | undefined): string {
  const isPdf = name === undefined || name.toLowerCase().endsWith(".pdf") || !name.includes(".");
  return isPdf ? "application/pdf" : "application/octet-stream";
}

/** Further fields of a video (`fps`) have no canonical place: such a part is kept whole. */
function parseVideo(part: JsonObject, path: string): FilePart | OpaquePart {
  const video = isJsonObject(part.video_url) ? part.video_url : { url: part.video_url };
  if (Object.keys(video).length > 1) return opaque(part, "video_url");
  const url = readString(video.url, `${path}.video_url.url`);
  if (url === "") throw invalidField(`${path}.video_url.url`, "the address is empty");
  const { source, mediaType } = parseMediaUrl(url);
  return { type: "file", source, mediaType: mediaType ?? "video/*", ...withVendorData(others(part, "video_url")) };
}
