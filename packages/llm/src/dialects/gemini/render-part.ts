/** Canonical part -> wire part. One function per type; what has no room is reported by the caller's `report`. */

import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart, AudioPart, FilePart, ImagePart, Part, TextPart, ToolCallPart, UserPart } from "../../message.ts";
import type { Report } from "./report.ts";
import { geminiData } from "./vendor-data.ts";
import type { WireMedia, WirePart } from "./wire.ts";

/** What a part needs to know of its surroundings. */
export interface PartContext {
  readonly ids: boolean;
  readonly displayNames: boolean;
  readonly report: Report;
}

type MediaPart = ImagePart | AudioPart | FilePart;

/** The wire part, or undefined when Gemini has nothing like it. */
export function renderPart(part: UserPart | AssistantPart, path: string, context: PartContext): WirePart | undefined {
  switch (part.type) {
    case "text":
      return renderText(part);
    case "refusal":
      context.report("lossy", path, "Gemini has no refusals; it was sent as text");
      return { text: part.text, ...signed(part) };
    case "reasoning":
      return { text: part.text, thought: true, ...signed(part) };
    case "tool-call":
      return renderToolCall(part, path, context);
    case "image":
    case "audio":
    case "file":
      return { ...renderMedia(part, path, context), ...signed(part) };
    case "opaque":
      if (part.dialect === "gemini") return part.value;
      context.report("lossy", path, `a ${part.kind} block of ${part.dialect} means nothing to Gemini and was left out`);
      return undefined;
    case "source":
      return undefined;
  }
}

function renderText(part: TextPart): WirePart {
  return { text: part.text, ...signed(part) };
}

function renderToolCall(part: ToolCallPart, path: string, context: PartContext): WirePart {
  const id = context.ids && geminiData(part).madeUpId !== true ? { id: part.id } : {};
  return { functionCall: { ...id, name: part.name, args: argumentsOf(part, path, context) }, ...signed(part) };
}

function argumentsOf(part: ToolCallPart, path: string, context: PartContext): JsonObject {
  if (part.invalid !== undefined) {
    context.report("lossy", `${path}.arguments`, "the arguments were not JSON; Gemini gets an empty object");
    return {};
  }
  if (isJsonObject(part.arguments)) return part.arguments;
  context.report("lossy", `${path}.arguments`, "Gemini takes only an object; the value was sent as its field `value`");
  return { value: part.arguments };
}

/** Inline data or a file by its address. */
export function renderMedia(part: MediaPart, path: string, context: PartContext): WireMedia {
  if (part.type === "audio" && part.transcript !== undefined) {
    context.report("lossy", `${path}.transcript`, "Gemini takes no transcript beside audio; it was left out");
  }
  if (part.type === "image" && part.detail !== undefined && part.detail !== "auto") {
    context.report("unsupported", `${path}.detail`, "the detail of a single image was left out");
  }
  const name = displayName(part, path, context);
  const source = part.source;
  if (source.type === "data") {
    return { inlineData: { mimeType: part.mediaType ?? sniffedImageType(source.data), data: source.data, ...name } };
  }
  const type = part.mediaType ?? (part.type === "image" && source.type === "url" ? addressedImageType(source.url) : undefined);
  const mimeType = type === undefined ? {} : { mimeType: type };
  return { fileData: { ...mimeType, fileUri: source.type === "url" ? source.url : source.id, ...name } };
}

function displayName(part: MediaPart, path: string, context: PartContext): { displayName?: string } {
  const name = geminiData(part).displayName ?? (part.type === "file" ? part.name : undefined);
  if (name === undefined) return {};
  if (context.displayNames) return { displayName: name };
  context.report("lossy", `${path}.name`, "the Gemini API takes no file names; it was left out");
  return {};
}

/** Only an image may come without its type. First bytes of the formats in base64; PNG where none fits. */
function sniffedImageType(data: string): string {
  if (data.startsWith("/9j/")) return "image/jpeg";
  if (data.startsWith("R0lG")) return "image/gif";
  return data.startsWith("UklG") ? "image/webp" : "image/png";
}

const IMAGE_TYPE_BY_ENDING: ReadonlyMap<string, string> = new Map<string, string>([
  ["png", "image/png"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
]);

/** Gemini demands a type for what it fetches; of an image whose address does not tell, JPEG is the likeliest. */
function addressedImageType(url: string): string {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  return IMAGE_TYPE_BY_ENDING.get(ending) ?? "image/jpeg";
}

/** The signature and other fields that came with the part, back on it. */
function signed(part: Part): JsonObject {
  if (part.type === "opaque") return {};
  const { thoughtSignature, fields } = geminiData(part);
  return { ...fields, ...(thoughtSignature === undefined ? {} : { thoughtSignature }) };
}
