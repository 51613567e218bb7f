/** Texts and images as this wire's content: a plain text as a string, anything else as a list of blocks. */
import type { JsonArray, JsonObject } from "../../json.ts";
import type { ImagePart, TextPart, UserPart } from "../../message.ts";
import { isRefused, type Rendering, unsupported, wellFormed } from "./rendering.ts";
import { COHERE, vendorDataOf } from "./vendor-data.ts";

export function renderTexts(rendering: Rendering, parts: readonly TextPart[], path: string): string | JsonArray {
  const [first] = parts;
  if (first === undefined) return "";
  if (parts.length === 1 && vendorDataOf(first).fields === undefined) return wellFormed(rendering, first.text, path);
  return parts.map((part, index) => renderText(rendering, part, `${path}.parts[${index}]`));
}

export function renderText(rendering: Rendering, part: TextPart, path: string): JsonObject {
  return { type: "text", text: wellFormed(rendering, part.text, path), ...vendorDataOf(part).fields };
}

export function renderUserContent(rendering: Rendering, parts: readonly UserPart[], path: string): string | JsonArray {
  if (parts.every((part): part is TextPart => part.type === "text")) return renderTexts(rendering, parts, path);
  const blocks: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const block = renderUserPart(rendering, part, `${path}.parts[${index}]`);
    if (block !== undefined) blocks.push(block);
  }
  return blocks.length === 0 ? "" : blocks;
}

function renderUserPart(rendering: Rendering, part: UserPart, path: string): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return renderText(rendering, part, path);
    case "image":
      return renderImage(rendering, part, path);
    case "opaque":
      if (part.dialect === COHERE) return part.value;
      unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
      return undefined;
    case "audio":
      unsupported(rendering, path, "the wire takes no audio; it was left out");
      return undefined;
    case "file":
      unsupported(rendering, path, "the wire takes no files; send their text as documents by vendorOptions.cohere");
      return undefined;
  }
}

function renderImage(rendering: Rendering, part: ImagePart, path: string): JsonObject | undefined {
  if (isRefused(rendering, "images", path)) return undefined;
  const { source, detail, mediaType } = part;
  if (source.type === "reference") {
    unsupported(rendering, path, "the wire keeps no files; the image was left out");
    return undefined;
  }
  const url = source.type === "url" ? source.url : `data:${mediaType ?? "image/png"};base64,${source.data}`;
  const image: JsonObject = { url, ...(detail === undefined ? {} : { detail }) };
  return { type: "image_url", image_url: image, ...vendorDataOf(part).fields };
}
