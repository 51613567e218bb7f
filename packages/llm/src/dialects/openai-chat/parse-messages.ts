/** A client's messages. Empty and null fields that clients copy from answers say nothing and are dropped. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { Message, ToolMessage, ToolResultContent } from "../../message.ts";
import { invalidField, optional, readArray, readObject, readString } from "../wire-reader.ts";
import { CallsSoFar } from "./calls-so-far.ts";
import { parseAssistant } from "./parse-assistant.ts";
import { parseContentPart } from "./parse-content.ts";
import { parseTexts } from "./parse-text.ts";
import type { Parsing } from "./parsing.ts";
import { fieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

export function parseMessages(value: unknown, parsing: Parsing): readonly Message[] {
  const messages = readArray(value, "messages");
  if (messages.length === 0) throw invalidField("messages", "messages is empty");
  const calls = new CallsSoFar();
  return messages.map((value, index) => {
    const path = `messages[${index}]`;
    const message = parseMessage(readObject(value, path), path, parsing, calls);
    if (message.role === "assistant") calls.add(message);
    return message;
  });
}

function parseMessage(message: JsonObject, path: string, parsing: Parsing, calls: CallsSoFar): Message {
  const role = readString(message.role, `${path}.role`);
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", parts: parseTexts(message.content, `${path}.content`), ...otherMessageFields(message, NAMELESS) };
    case "user":
      return parseUser(message, path, parsing);
    case "assistant":
      return parseAssistant(message, path, parsing, calls);
    case "tool":
      return parseTool(message, path, parsing, readString(message.tool_call_id, `${path}.tool_call_id`), calls);
    case "function":
      return parseTool(message, path, parsing, calls.answer(readString(message.name, `${path}.name`)), calls);
    default:
      throw invalidField(`${path}.role`, `${path}.role must be system, developer, user, assistant or tool, not ${role}`);
  }
}

/** Fields that hold what clients repeat from answers, always null here. */
const NAMELESS: ReadonlySet<string> = new Set(["role", "content", "tool_calls"]);
const USER_FIELDS: ReadonlySet<string> = new Set([...NAMELESS, "name"]);
const TOOL_FIELDS: ReadonlySet<string> = new Set([...USER_FIELDS, "tool_call_id"]);

function otherMessageFields(message: JsonObject, known: ReadonlySet<string>) {
  return withVendorData(fieldsData(unknownFields(message, known)));
}

function parseUser(message: JsonObject, path: string, parsing: Parsing): Message {
  const { content } = message;
  const field = `${path}.content`;
  const name = optional(message.name, `${path}.name`, readString);
  const parts =
    typeof content === "string"
      ? [{ type: "text" as const, text: content }]
      : readArray(content, field).map((part, index) =>
          parseContentPart(readObject(part, `${field}[${index}]`), `${field}[${index}]`, parsing),
        );
  return { role: "user", parts, ...(name === undefined ? {} : { name }), ...otherMessageFields(message, USER_FIELDS) };
}

/** Tool results hold text by the wire's definition; images, which several servers take, are read too. */
function parseTool(message: JsonObject, path: string, parsing: Parsing, toolCallId: string, calls: CallsSoFar): ToolMessage {
  const name = optional(message.name, `${path}.name`, readString) ?? calls.nameOf(toolCallId);
  return {
    role: "tool",
    parts: [
      {
        type: "tool-result",
        toolCallId,
        ...(name === undefined ? {} : { toolName: name }),
        content: parseResultContent(message.content, `${path}.content`, parsing),
        ...otherMessageFields(message, TOOL_FIELDS),
      },
    ],
  };
}

function parseResultContent(content: JsonValue | undefined, path: string, parsing: Parsing): readonly ToolResultContent[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, path).map((item, index) => {
    const place = `${path}[${index}]`;
    const part = parseContentPart(readObject(item, place), place, parsing);
    if (part.type === "opaque") throw invalidField(`${place}.type`, `a tool's result cannot hold ${part.kind}`);
    return part;
  });
}
