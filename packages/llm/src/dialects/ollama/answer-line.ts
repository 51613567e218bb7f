/** Lines of an answer to a client, chat or generate. A whole answer is one line that is done. */
import type { JsonObject } from "../../json.ts";
import type { AnswerForm, WireToolCall } from "./wire.ts";

export interface LineContent {
  readonly text?: string;
  readonly thinking?: string;
  readonly images?: readonly string[];
  readonly toolCalls?: readonly WireToolCall[];
  /** Further fields of the message, as its vendor sent them. */
  readonly message?: JsonObject;
}

/** Go's zero time: the wire's own way to say that a time is not known. Clients demand the field. */
const UNKNOWN_TIME = "0001-01-01T00:00:00Z";

/** What all lines of one answer begin with. */
export interface LineHead {
  readonly model: string;
  readonly createdAt: number | undefined;
}

/** `rest` follows the content: `done`, and on the last line reason and counts. */
export function renderLine(form: AnswerForm, head: LineHead, content: LineContent, rest: JsonObject): JsonObject {
  const time = head.createdAt === undefined ? UNKNOWN_TIME : new Date(head.createdAt * 1000).toISOString();
  const { text = "", thinking, images = [], toolCalls = [] } = content;
  const beside = {
    ...(thinking === undefined || thinking === "" ? {} : { thinking }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  const start = { model: head.model, created_at: time };
  if (form === "generate") {
    return { ...start, response: text, ...beside, ...(images[0] === undefined ? {} : { image: images[0] }), ...rest };
  }
  const message = { role: "assistant", content: text, ...beside, ...(images.length === 0 ? {} : { images }), ...content.message };
  return { ...start, message, ...rest };
}
