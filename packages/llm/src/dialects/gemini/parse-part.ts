/**
 * Wire part -> canonical part, for answers and for requests alike. What a part carries besides its data (signature, video
 * metadata) stays on it as vendor data. A kind that has no canonical form becomes an opaque part, whole.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, MediaSource, OpaquePart, ReasoningPart, TextPart } from "../../message.ts";
import { camelFields } from "./field-names.ts";
import { type GeminiVendorData, withGeminiData } from "./vendor-data.ts";

/** A function call as read; its id is settled by whoever knows the conversation. */
export interface ReadFunctionCall {
  readonly type: "function-call";
  readonly id: string | undefined;
  readonly name: string;
  readonly args: JsonObject;
  /** The arguments come in pieces (Vertex AI, on request). */
  readonly partial: boolean;
  readonly data: GeminiVendorData;
}

export type ReadPart = TextPart | ReasoningPart | ImagePart | AudioPart | FilePart | OpaquePart | ReadFunctionCall;

/** Fields that are part of a part's meaning, or that come back by themselves. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "text",
  "thought",
  "thoughtSignature",
  "inlineData",
  "fileData",
  "functionCall",
]);

/** Reads one part whose keys may be in either spelling. Undefined for a part without any data. */
export function readPart(part: JsonObject, fileKeeper: string): ReadPart | undefined {
  const fields = camelFields(part);
  const data = vendorDataOf(fields);
  if (isJsonObject(fields.functionCall)) return readFunctionCall(camelFields(fields.functionCall), fields, data);
  const media = isJsonObject(fields.inlineData) || isJsonObject(fields.fileData);
  if (media && fields.thought !== true) return readMedia(fields, data, fileKeeper);
  if (typeof fields.text === "string") {
    const type = fields.thought === true ? "reasoning" : "text";
    return { type, text: fields.text, ...withGeminiData(data) };
  }
  // A bare signature belongs to an empty text.
  if (data.thoughtSignature !== undefined && isEmpty(fields)) return { type: "text", text: "", ...withGeminiData(data) };
  return isEmpty(fields) ? undefined : opaquePart(part, fields);
}

function vendorDataOf(fields: JsonObject): GeminiVendorData {
  const { thoughtSignature } = fields;
  let others: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(fields)) {
    if (OWN_FIELDS.has(key) || value === undefined) continue;
    others ??= {};
    others[key] = value;
  }
  return {
    ...(typeof thoughtSignature === "string" ? { thoughtSignature } : {}),
    ...(others === undefined ? {} : { fields: others }),
  };
}

function readFunctionCall(call: JsonObject, part: JsonObject, data: GeminiVendorData): ReadFunctionCall {
  const thought = part.thought === true ? { fields: { ...data.fields, thought: true } } : {};
  return {
    type: "function-call",
    id: typeof call.id === "string" && call.id !== "" ? call.id : undefined,
    name: typeof call.name === "string" ? call.name : "",
    args: isJsonObject(call.args) ? call.args : {},
    partial: call.partialArgs !== undefined || call.willContinue === true,
    data: { ...data, ...thought },
  };
}

function readMedia(fields: JsonObject, data: GeminiVendorData, fileKeeper: string): ImagePart | AudioPart | FilePart {
  const media = camelFields(isJsonObject(fields.inlineData) ? fields.inlineData : (fields.fileData as JsonObject));
  const mediaType = typeof media.mimeType === "string" ? media.mimeType : undefined;
  const source = sourceOf(media, fileKeeper);
  const name = typeof media.displayName === "string" ? media.displayName : undefined;
  const kept = withGeminiData(name === undefined ? data : { ...data, displayName: name });
  if (mediaType?.startsWith("image/")) return { type: "image", source, mediaType, ...kept };
  if (mediaType?.startsWith("audio/")) return { type: "audio", source, mediaType, ...kept };
  const fileName = name === undefined ? {} : { name };
  return { type: "file", source, mediaType: mediaType ?? "application/octet-stream", ...fileName, ...withGeminiData(data) };
}

function sourceOf(media: JsonObject, fileKeeper: string): MediaSource {
  if (typeof media.fileUri === "string") {
    return isKeptByGoogle(media.fileUri)
      ? { type: "reference", provider: fileKeeper, id: media.fileUri }
      : { type: "url", url: media.fileUri };
  }
  return { type: "data", data: standardBase64(typeof media.data === "string" ? media.data : "") };
}

/** Addresses that only Google can read: its file store, its cloud storage, YouTube by name. */
function isKeptByGoogle(uri: string): boolean {
  return /^(gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|https:\/\/(www\.)?(youtube\.com|youtu\.be)\/|files\/)/.test(
    uri,
  );
}

/** Google's Python client writes the URL alphabet of base64; other vendors refuse it. */
export function standardBase64(data: string): string {
  if (!/[-_]/.test(data)) return data;
  const standard = data.replaceAll("-", "+").replaceAll("_", "/");
  return standard.padEnd(standard.length + ((4 - (standard.length % 4)) % 4), "=");
}

function opaquePart(part: JsonObject, fields: JsonObject): OpaquePart {
  const kind = Object.keys(fields).find((key) => key !== "thought" && key !== "thoughtSignature") ?? "unknown";
  const { thought, ...rest } = part;
  return { type: "opaque", dialect: "gemini", kind, value: thought === true ? part : rest };
}

function isEmpty(fields: JsonObject): boolean {
  return Object.keys(fields).every((key) => key === "thought" || key === "thoughtSignature");
}
