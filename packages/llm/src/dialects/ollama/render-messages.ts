/** The conversation as this wire's messages: text in one string, images, thinking and calls beside it, one message a result. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type {
  AssistantMessage,
  AssistantPart,
  ImagePart,
  Message,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from "../../message.ts";
import { imageTypeOf } from "./image-data.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";
import { ollamaDataOf } from "./vendor-data.ts";
import type { WireMessage, WireToolCall } from "./wire.ts";

export function renderMessages(rendering: Rendering): readonly WireMessage[] {
  return rendering.request.messages.flatMap((message, index) => renderMessage(rendering, message, `messages[${index}]`));
}

function renderMessage(rendering: Rendering, message: Message, path: string): readonly WireMessage[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: renderParts(rendering, message.parts, path).content }];
    case "user":
      if (message.name !== undefined)
        unsupported(rendering, `${path}.name`, "the wire has no names of speakers; it was left out");
      return [{ role: "user", ...renderParts(rendering, message.parts, path) }];
    case "assistant":
      return [renderAssistant(rendering, message, path)];
    case "tool":
      return message.parts.map((part, index) => renderToolResult(rendering, part, `${path}.parts[${index}]`));
  }
}

interface RenderedContent {
  readonly content: string;
  readonly images?: readonly string[];
}

/** Texts joined by line breaks, images beside them. Either is reported where it does not come back as it was. */
export function renderParts(rendering: Rendering, parts: readonly UserPart[], path: string): RenderedContent {
  const texts: string[] = [];
  const images: string[] = [];
  for (const [index, part] of parts.entries()) {
    const place = `${path}.parts[${index}]`;
    if (part.type === "text") {
      if (images.length > 0) lossy(rendering, place, "text after an image went before it; the wire keeps no order between them");
      texts.push(part.text);
    } else {
      pushMedia(rendering, part, place, images);
    }
  }
  if (texts.length > 1) lossy(rendering, path, "several texts were joined by line breaks; the wire has one string");
  return { content: wellFormed(rendering, texts.join("\n"), path), ...(images.length === 0 ? {} : { images }) };
}

function pushMedia(
  rendering: Rendering,
  part: Exclude<UserPart | AssistantPart | ToolResultContent, { readonly type: "text" }>,
  path: string,
  images: string[],
): void {
  const image = part.type === "image" ? renderImage(rendering, part, path) : undefined;
  if (image !== undefined) images.push(image);
  else if (part.type === "opaque") unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
  else if (part.type !== "image") unsupported(rendering, path, `the wire has no place for ${part.type}; it was left out`);
}

export function renderImage(rendering: Rendering, part: ImagePart, path: string): string | undefined {
  const { source } = part;
  if (source.type !== "data") {
    unsupported(rendering, path, `Ollama takes images as data only; one given as ${source.type} was left out`);
    return undefined;
  }
  if (part.detail !== undefined) unsupported(rendering, `${path}.detail`, "the wire has no detail of images; it was left out");
  if (part.mediaType !== undefined && part.mediaType !== imageTypeOf(source.data)) {
    lossy(rendering, `${path}.mediaType`, `the wire carries no media type, and the data does not show ${part.mediaType}`);
  }
  return source.data;
}

// Assistant

interface SortedParts {
  readonly texts: string[];
  readonly thinking: string[];
  readonly images: string[];
  readonly calls: WireToolCall[];
}

function renderAssistant(rendering: Rendering, message: AssistantMessage, path: string): WireMessage {
  const sorted: SortedParts = { texts: [], thinking: [], images: [], calls: [] };
  for (const [index, part] of message.parts.entries()) sortPart(rendering, part, `${path}.parts[${index}]`, sorted);
  reportOrder(rendering, message.parts, path);
  return {
    role: "assistant",
    content: wellFormed(rendering, sorted.texts.join(""), path),
    ...(sorted.thinking.length === 0 ? {} : { thinking: wellFormed(rendering, sorted.thinking.join("\n\n"), path) }),
    ...(sorted.images.length === 0 ? {} : { images: sorted.images }),
    ...(sorted.calls.length === 0 ? {} : { tool_calls: sorted.calls }),
  };
}

function sortPart(rendering: Rendering, part: AssistantPart, path: string, sorted: SortedParts): void {
  switch (part.type) {
    case "text":
      sorted.texts.push(part.text);
      return;
    case "reasoning":
      sorted.thinking.push(part.text);
      return;
    case "refusal":
      lossy(rendering, path, "a refusal went as text");
      sorted.texts.push(part.text);
      return;
    case "tool-call":
      sorted.calls.push(renderToolCall(rendering, part, path));
      return;
    default:
      pushMedia(rendering, part, path, sorted.images);
      return;
  }
}

const ORDER: readonly AssistantPart["type"][] = ["reasoning", "text", "image", "tool-call"];

/** The wire keeps thinking, text, images and calls apart, one of each kind but calls and images. */
function reportOrder(rendering: Rendering, parts: readonly AssistantPart[], path: string): void {
  const places = parts.map((part) => ORDER.indexOf(part.type === "refusal" ? "text" : part.type)).filter((place) => place >= 0);
  if (places.some((place, index) => place < (places[index - 1] ?? 0))) {
    lossy(rendering, path, "the wire keeps no order between thinking, text and tool calls");
  }
  for (const [kind, place] of [["thinking", 0] as const, ["text", 1] as const]) {
    if (places.filter((other) => other === place).length > 1) lossy(rendering, path, `several parts of ${kind} were joined`);
  }
}

/** Arguments are an object on this wire. The spelling that the model chose is not kept; what it could not spell is not sent. */
export function renderToolCall(
  rendering: Pick<Rendering, "warnings">,
  part: ToolCallPart,
  path: string,
  index: number | undefined = ollamaDataOf(part).index,
): WireToolCall {
  const id = ollamaDataOf(part).idGenerated === true ? {} : { id: part.id };
  const place = index === undefined ? {} : { index };
  const data = ollamaDataOf(part);
  return {
    ...data.call,
    ...id,
    function: { ...place, name: part.name, arguments: argumentsOf(rendering, part, path), ...data.function },
  };
}

function argumentsOf({ warnings }: Pick<Rendering, "warnings">, part: ToolCallPart, path: string): JsonObject {
  if (part.invalid !== undefined) {
    const detail = "arguments that are not JSON cannot be sent; an empty object was";
    warnings.push({ type: "lossy", path: `${path}.arguments`, detail, value: part.argumentsText ?? "" });
    return {};
  }
  if (isJsonObject(part.arguments)) return part.arguments;
  const detail = "the wire takes only an object as arguments; the value went under `value`";
  warnings.push({ type: "lossy", path: `${path}.arguments`, detail });
  return { value: part.arguments };
}

// Results

function renderToolResult(rendering: Rendering, part: ToolResultPart, path: string): WireMessage {
  const texts: string[] = [];
  const images: string[] = [];
  for (const [index, content] of part.content.entries()) {
    const place = `${path}.content[${index}]`;
    if (content.type === "text") texts.push(content.text);
    else if (content.type === "json") {
      lossy(rendering, place, "structured data went as JSON text");
      texts.push(JSON.stringify(content.value));
    } else {
      pushMedia(rendering, content, place, images);
    }
  }
  if (texts.length > 1) lossy(rendering, path, "several texts were joined by line breaks; the wire has one string");
  if (part.isError === true) lossy(rendering, `${path}.isError`, "the wire cannot mark a result as failed");
  return {
    role: "tool",
    content: wellFormed(rendering, texts.join("\n"), path),
    ...(images.length === 0 ? {} : { images }),
    ...(part.toolName === undefined ? {} : { tool_name: part.toolName }),
    ...(ollamaDataOf(part).idGenerated === true ? {} : { tool_call_id: part.toolCallId }),
  };
}

/** The text, with halves of surrogate pairs replaced: Go's JSON reader would do it without a word. */
export function wellFormed(rendering: Pick<Rendering, "warnings">, text: string, path: string): string {
  if (text.isWellFormed()) return text;
  rendering.warnings.push({ type: "lossy", path, detail: "half of a surrogate pair was replaced by U+FFFD" });
  return text.toWellFormed();
}
