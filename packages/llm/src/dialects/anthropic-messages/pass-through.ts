/** Anthropic's own clients before Anthropic itself: the body goes on as it came, with the version and the betas that it was written for. */
import type { PassThroughCodec } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { lacksThinking, MESSAGES_BLOCKS, openTurnOf, turnsOf } from "./open-turn.ts";
import { VERSION } from "./request.ts";
import { DIALECT } from "./vendor-data.ts";

/** The headers that are part of the wire. No other leaves. */
const HEADERS = ["anthropic-version", "anthropic-beta"] as const;

export const passThrough: PassThroughCodec = {
  parseRequest({ body, headers }, { request }) {
    if (!isJsonObject(body) || isOfAnother(body)) return undefined;
    const kept = HEADERS.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { dialect: DIALECT, body, headers: Object.fromEntries(kept), request };
  },
  renderRequest: ({ body, headers }, { model }) => ({
    method: "POST",
    path: "/messages",
    headers: { "anthropic-version": VERSION, ...headers },
    body: { ...body, model },
    warnings: [],
  }),
};

/** Whether Anthropic would refuse the history for what is in it of another maker, as it was written for the client. */
function isOfAnother({ messages, thinking }: JsonObject): boolean {
  if (!Array.isArray(messages)) return false;
  for (const message of messages) if (hasForeignBlock(message)) return true;
  const thinks = isJsonObject(thinking) && thinking.type === "enabled";
  return thinks && lacksThinking(openTurnOf(turnsOf(messages), MESSAGES_BLOCKS), MESSAGES_BLOCKS);
}

/** Thinking that nobody signed, and text that says nothing: Anthropic takes neither back. */
function hasForeignBlock(message: JsonValue | undefined): boolean {
  if (!isJsonObject(message) || message.role !== "assistant" || !Array.isArray(message.content)) return false;
  for (const block of message.content) {
    if (!isJsonObject(block)) continue;
    if (block.type === "thinking" && (typeof block.signature !== "string" || block.signature === "")) return true;
    if (block.type === "text" && block.text === "") return true;
  }
  return false;
}
