/** The conversation of one line: a prompt, or messages in our form, whose text may stand as `content`. Throws an Error. */
import { isJsonObject, type JsonObject, type JsonValue, type Message, systemMessage, userMessage } from "@dragoman/llm";

const PART_TYPES: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["text"]),
  user: new Set(["text", "image", "audio", "file", "opaque"]),
  assistant: new Set(["text", "reasoning", "tool-call", "refusal", "source", "image", "audio", "file", "opaque"]),
  tool: new Set(["tool-result"]),
};

export function readMessages({ prompt, system, messages }: JsonObject): readonly Message[] {
  if ((prompt === undefined) === (messages === undefined)) throw new Error("it needs either prompt or messages");
  if (system !== undefined && typeof system !== "string") throw new Error("system must be a string");
  const before = system === undefined ? [] : [systemMessage(system)];
  if (prompt !== undefined) {
    if (typeof prompt !== "string" || prompt.trim() === "") throw new Error("prompt must be a string with words in it");
    return [...before, userMessage(prompt)];
  }
  if (!Array.isArray(messages) || messages.length === 0) throw new Error("messages must be an array with something in it");
  return [...before, ...messages.map(readMessage)];
}

function readMessage(message: JsonValue, index: number): Message {
  const place = `messages[${index}]`;
  if (!isJsonObject(message)) throw new Error(`${place} must be an object`);
  const { role, parts, content, ...rest } = message;
  const types = typeof role === "string" && Object.hasOwn(PART_TYPES, role) ? PART_TYPES[role] : undefined;
  if (types === undefined) throw new Error(`${place}.role must be one of ${Object.keys(PART_TYPES).join(", ")}`);
  if ((parts === undefined) === (content === undefined)) throw new Error(`${place} needs either parts or content`);
  const read = parts === undefined ? textParts(content, place) : parts;
  if (!Array.isArray(read) || read.length === 0) throw new Error(`${place}.parts must be an array with something in it`);
  for (const [at, part] of read.entries()) checkPart(part, `${place}.parts[${at}]`, types);
  // Parts are trusted in their depth, as they are wherever a program makes them.
  return { ...rest, role, parts: read } as unknown as Message;
}

function textParts(content: JsonValue | undefined, place: string): readonly JsonObject[] {
  if (typeof content !== "string") throw new Error(`${place}.content must be a string; anything else goes as parts`);
  return [{ type: "text", text: content }];
}

function checkPart(part: unknown, place: string, types: ReadonlySet<string>): void {
  if (!isJsonObject(part) || typeof part.type !== "string" || !types.has(part.type)) {
    throw new Error(`${place}.type must be one of ${[...types].join(", ")}`);
  }
  if (part.type === "text" && typeof part.text !== "string") throw new Error(`${place}.text must be a string`);
}
