/** What the last words of a user ask a fake for, by a key before a colon: `failed generation: {…}`. */
import type { JsonObject } from "../../../json.ts";
import { objectsOf } from "../json-reading.ts";
import { contentText } from "./openai-chat.ts";

/** The words after the key; undefined where the user did not say it. */
export function askedFor(key: string, body: JsonObject): string | undefined {
  const said = contentText(objectsOf(body.messages).findLast((message) => message.role === "user")?.content);
  return said.startsWith(`${key}:`) ? said.slice(key.length + 1).trim() : undefined;
}
