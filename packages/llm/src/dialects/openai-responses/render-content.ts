/** Content that a user, a system message or a tool's result carries: text, images and files. */
import type { JsonObject } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, JsonPart, OpaquePart, TextPart } from "../../message.ts";
import { OPENAI_RESPONSES, ownVendor } from "./vendor-data.ts";
import type { WireInputContent, WireInputFile, WireInputImage } from "./wire.ts";

export type InputPart = TextPart | ImagePart | AudioPart | FilePart | JsonPart | OpaquePart;

export type Report = (type: "unsupported" | "lossy" | "handoff", detail: string) => void;

/** The content of a part, or undefined where the wire has no form for it; then it was reported. */
export function inputContent(part: InputPart, report: Report): (WireInputContent & JsonObject) | JsonObject | undefined {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text, ...contentFields(part) };
    case "image":
      return { ...imageContent(part), ...contentFields(part) };
    case "file":
      return { ...fileContent(part), ...contentFields(part) };
    case "json":
      report("lossy", "structured data has no form on this wire; it went over as JSON text");
      return { type: "input_text", text: JSON.stringify(part.value) };
    case "audio":
      report("unsupported", "this wire takes no audio; left out");
      return undefined;
    case "opaque":
      if (part.dialect === OPENAI_RESPONSES) return part.value;
      report("handoff", `a ${part.kind} block of ${part.dialect} means nothing here; left out`);
      return undefined;
  }
}

function contentFields(part: TextPart | ImagePart | FilePart): JsonObject {
  return ownVendor(part).content ?? {};
}

function imageContent(part: ImagePart): WireInputImage {
  const { source } = part;
  const detail = part.detail === undefined ? {} : { detail: part.detail };
  if (source.type === "reference") return { type: "input_image", file_id: source.id, ...detail };
  const url = source.type === "url" ? source.url : `data:${part.mediaType ?? "image/png"};base64,${source.data}`;
  return { type: "input_image", image_url: url, ...detail };
}

function fileContent(part: FilePart): WireInputFile {
  const { source } = part;
  const named = part.name === undefined ? {} : { filename: part.name };
  if (source.type === "reference") return { type: "input_file", file_id: source.id, ...named };
  if (source.type === "url") return { type: "input_file", file_url: source.url, ...named };
  // The vendor demands a name beside the bytes, and reads the kind of file from its ending.
  const filename = part.name ?? `file.${endingOf(part.mediaType)}`;
  return { type: "input_file", filename, file_data: `data:${part.mediaType};base64,${source.data}` };
}

function endingOf(mediaType: string): string {
  const subtype = mediaType.split("/")[1] ?? "";
  return subtype === "plain" ? "txt" : /^[a-z0-9]{1,8}$/.test(subtype) ? subtype : "bin";
}
