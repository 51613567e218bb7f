/** A tool's result -> `functionResponse`, with its media inside where the model takes them there. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, JsonPart, TextPart, ToolResultPart } from "../../message.ts";
import { functionResponseOf } from "./function-response.ts";
import { type PartContext, renderMedia } from "./render-part.ts";
import { geminiData } from "./vendor-data.ts";
import type { WireMedia, WirePart } from "./wire.ts";

export interface ToolResultContext extends PartContext {
  readonly mediaInside: boolean;
}

export interface RenderedToolResult {
  readonly part: WirePart;
  /** Parts that have to follow the turn's responses in a content of their own. */
  readonly following: readonly WirePart[];
}

type MediaPart = ImagePart | AudioPart | FilePart;

export function renderToolResult(
  part: ToolResultPart,
  name: string,
  path: string,
  context: ToolResultContext,
): RenderedToolResult {
  const values: (TextPart | JsonPart)[] = [];
  const media: WireMedia[] = [];
  let valueAfterMedia = false;
  for (const [index, content] of part.content.entries()) {
    if (isMedia(content)) media.push(renderMedia(content, `${path}.content[${index}]`, context));
    else {
      valueAfterMedia ||= media.length > 0;
      values.push(content);
    }
  }
  if (valueAfterMedia) context.report("lossy", `${path}.content`, "Gemini keeps values and media apart; the media went last");
  const data = geminiData(part);
  const id = context.ids && data.madeUpId !== true ? { id: part.toolCallId } : {};
  const response = responseOf(values, part.isError === true, path, context);
  const inside = media.length > 0 && context.mediaInside ? { parts: media } : {};
  const functionResponse = { ...data.functionResponse, ...id, name, response, ...inside };
  return {
    part: { ...data.fields, functionResponse },
    following: context.mediaInside ? [] : followingParts(media, name, path, context),
  };
}

function isMedia(content: ToolResultPart["content"][number]): content is MediaPart {
  return content.type === "image" || content.type === "audio" || content.type === "file";
}

function responseOf(
  values: readonly (TextPart | JsonPart)[],
  isError: boolean,
  path: string,
  context: ToolResultContext,
): JsonObject {
  const [first] = values;
  if (values.length <= 1) return functionResponseOf(first === undefined ? undefined : plainValue(first), isError);
  context.report("lossy", `${path}.content`, "Gemini takes one value; the parts were joined into one text, line by line");
  return functionResponseOf(values.map(textOfValue).join("\n"), isError);
}

function plainValue(part: TextPart | JsonPart): JsonValue {
  return part.type === "text" ? part.text : part.value;
}

function textOfValue(part: TextPart | JsonPart): string {
  return part.type === "text" ? part.text : JSON.stringify(part.value);
}

function followingParts(media: readonly WireMedia[], name: string, path: string, context: ToolResultContext): WirePart[] {
  if (media.length === 0) return [];
  context.report("lossy", `${path}.content`, "the model takes no media inside a function response; they follow as user content");
  return [{ text: `Returned by ${name}:` }, ...media];
}
