/** A completion as the body of an answer to a client of `/api/chat` or `/api/generate`. */
import type { Completion } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { AssistantPart, ImagePart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { type LineContent, renderLine } from "./answer-line.ts";
import { renderFinish } from "./finish.ts";
import { renderToolCall } from "./render-messages.ts";
import { renderMetrics, usageWarnings } from "./usage.ts";
import { ollamaDataOf } from "./vendor-data.ts";
import type { AnswerForm, WireToolCall } from "./wire.ts";

export function renderResponse(completion: Completion, client: ClientContext, form: AnswerForm): RenderedResponse {
  const warnings: Warning[] = [];
  const content = { ...renderParts(completion.message.parts, form, warnings), ...messageFields(completion) };
  const head = { model: client.model, createdAt: completion.createdAt };
  return { body: renderLine(form, head, content, renderEnd(completion, form, warnings)), warnings };
}

/** Fields of the message that the wire does not define; in a stream they go with the last line. */
export function messageFields(completion: Pick<Completion, "vendor">): Pick<LineContent, "message"> {
  const { message } = ollamaDataOf(completion);
  return message === undefined ? {} : { message };
}

/** The fields of the last line: that it is done, why, and what the engine counted. */
export function renderEnd(
  completion: Pick<Completion, "finish" | "usage" | "timing" | "vendor">,
  form: AnswerForm,
  warnings: Warning[],
): JsonObject {
  const { word, loss } = renderFinish(completion.finish);
  if (loss !== undefined) warnings.push({ type: "lossy", path: "finish", detail: loss });
  warnings.push(...usageWarnings(completion.usage));
  const { context, logprobs, answer } = ollamaDataOf(completion);
  return {
    ...answer,
    done: true,
    done_reason: word,
    ...(context === undefined || form !== "generate" ? {} : { context }),
    ...renderMetrics(completion),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}

interface Collected {
  text: string;
  thinking: string;
  readonly images: string[];
  readonly toolCalls: WireToolCall[];
}

function renderParts(parts: readonly AssistantPart[], form: AnswerForm, warnings: Warning[]): LineContent {
  const collected: Collected = { text: "", thinking: "", images: [], toolCalls: [] };
  for (const [index, part] of parts.entries()) collect(part, `message.parts[${index}]`, form, collected, warnings);
  reportJoined(parts, warnings);
  return collected;
}

function collect(part: AssistantPart, path: string, form: AnswerForm, collected: Collected, warnings: Warning[]): void {
  switch (part.type) {
    case "text":
      collected.text += part.text;
      return;
    case "refusal":
      warnings.push(refusalAsText(path));
      collected.text += part.text;
      return;
    case "reasoning":
      collected.thinking += part.text;
      return;
    case "tool-call":
      collected.toolCalls.push(renderToolCall({ warnings }, part, path, collected.toolCalls.length));
      return;
    case "image": {
      const image = renderAnswerImage(part, path, form, collected.images.length, warnings);
      if (image !== undefined) collected.images.push(image);
      return;
    }
    default:
      warnings.push(leftOut(part.type, path));
      return;
  }
}

/** Base64. `/api/generate` has room for one, and no address fits the wire. */
export function renderAnswerImage(
  part: ImagePart,
  path: string,
  form: AnswerForm,
  earlier: number,
  warnings: Warning[],
): string | undefined {
  if (part.source.type === "data" && (form === "chat" || earlier === 0)) return part.source.data;
  warnings.push(leftOut(`an image given as ${part.source.type}`, path));
  return undefined;
}

export function leftOut(what: string, path: string): Warning {
  return { type: "unsupported", path, detail: `the wire has no place for ${what}; it was left out` };
}

export function refusalAsText(path: string): Warning {
  return { type: "lossy", path, detail: "a refusal went as text" };
}

const ORDER: readonly string[] = ["reasoning", "text", "image", "tool-call"];

function reportJoined(parts: readonly AssistantPart[], warnings: Warning[]): void {
  const places = parts.map((part) => ORDER.indexOf(part.type)).filter((place) => place >= 0);
  const isOutOfOrder = places.some((place, index) => place < (places[index - 1] ?? 0));
  const isJoined = [0, 1].some((kind) => places.filter((place) => place === kind).length > 1);
  if (!isOutOfOrder && !isJoined) return;
  const detail = "the wire has one text and one thinking, and keeps no order between them, images and tool calls";
  warnings.push({ type: "lossy", path: "message.parts", detail });
}
