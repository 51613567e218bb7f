/** A client's messages. Empty and null fields that clients copy from answers say nothing and are dropped. */
import { toolCallPart } from "../../fold.ts";
import type { JsonObject } from "../../json.ts";
import type { AssistantMessage, AssistantPart, Message, TextPart, ToolMessage, ToolResultContent } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { invalidField, optional, readArray, readObject, readString } from "../wire-reader.ts";
import { parseAssistantBlock, parseResultBlock, parseText, parseUserBlock } from "./parse-content.ts";
import { otherFieldsData, withVendorData } from "./vendor-data.ts";

/** What the messages of one request share while they are read. */
interface Reading {
  readonly warnings: Warning[];
  /** Names of the tools called so far, by the call's id: results do not repeat them. */
  readonly names: Map<string, string>;
}

type MessageReader = (message: JsonObject, path: string, reading: Reading) => Message;

const READERS: ReadonlyMap<string, MessageReader> = new Map<string, MessageReader>([
  ["system", parseSystem],
  ["developer", parseSystem],
  ["user", parseUser],
  ["assistant", parseAssistant],
  ["tool", parseTool],
]);

export function parseMessages(value: unknown, warnings: Warning[]): readonly Message[] {
  const messages = readArray(value, "messages");
  if (messages.length === 0) throw invalidField("messages", "messages is empty");
  const reading: Reading = { warnings, names: new Map() };
  return messages.map((item, index) => {
    const path = `messages[${index}]`;
    const message = readObject(item, path);
    const role = readString(message.role, `${path}.role`);
    const read = READERS.get(role);
    if (read === undefined)
      throw invalidField(`${path}.role`, `${path}.role must be system, user, assistant or tool, not ${role}`);
    return read(message, path, reading);
  });
}

const PLAIN_FIELDS: ReadonlySet<string> = new Set(["role", "content"]);

function parseSystem(message: JsonObject, path: string): Message {
  const parts = blocksOf(message, path, parseText);
  return { role: "system", parts, ...withVendorData(otherFieldsData(message, PLAIN_FIELDS)) };
}

function parseUser(message: JsonObject, path: string, { warnings }: Reading): Message {
  const parts = blocksOf(message, path, (block, place) => parseUserBlock(block, place, warnings));
  return { role: "user", parts, ...withVendorData(otherFieldsData(message, PLAIN_FIELDS)) };
}

/** A string is one text. */
function blocksOf<Part>(
  message: JsonObject,
  path: string,
  read: (block: JsonObject, path: string) => Part,
): readonly (Part | TextPart)[] {
  const { content } = message;
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, `${path}.content`).map((item, index) => {
    const place = `${path}.content[${index}]`;
    return read(readObject(item, place), place);
  });
}

// An assistant's turn

const ASSISTANT_FIELDS: ReadonlySet<string> = new Set([...PLAIN_FIELDS, "tool_plan", "tool_calls", "citations"]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function"]);

function parseAssistant(message: JsonObject, path: string, reading: Reading): AssistantMessage {
  const calls = optional(message.tool_calls, `${path}.tool_calls`, readArray) ?? [];
  const plan = optional(message.tool_plan, `${path}.tool_plan`, readString) ?? "";
  const citations = optional(message.citations, `${path}.citations`, readArray) ?? [];
  const parts: AssistantPart[] = [
    ...contentParts(message, path, calls.length > 0, reading),
    ...(plan === "" ? [] : [{ type: "text" as const, text: plan, ...withVendorData({ toolPlan: true }) }]),
    ...calls.map((call, index) =>
      parseCall(readObject(call, `${path}.tool_calls[${index}]`), `${path}.tool_calls[${index}]`, reading),
    ),
  ];
  const kept = { ...otherFieldsData(message, ASSISTANT_FIELDS), ...(citations.length === 0 ? {} : { citations }) };
  return { role: "assistant", parts, ...withVendorData(kept) };
}

/** Text beside calls is told apart from a plan. Empty text says nothing. */
function contentParts(message: JsonObject, path: string, hasCalls: boolean, { warnings }: Reading): readonly AssistantPart[] {
  const { content } = message;
  if (content === null || content === undefined || content === "") return [];
  const parts = blocksOf(message, path, (block, place) => parseAssistantBlock(block, place, warnings));
  const beside = { toolPlan: false };
  return parts.flatMap((part): readonly AssistantPart[] => {
    if (part.type !== "text" || !hasCalls) return [part];
    if (part.text === "") return [];
    return [{ ...part, vendor: { ...part.vendor, ...withVendorData({ ...part.vendor?.cohere, ...beside }).vendor } }];
  });
}

function parseCall(call: JsonObject, path: string, { names }: Reading): AssistantPart {
  const target = readObject(call.function, `${path}.function`);
  const id = readString(call.id, `${path}.id`);
  const name = readString(target.name, `${path}.function.name`);
  const text = optional(target.arguments, `${path}.function.arguments`, readString) ?? "";
  names.set(id, name);
  return { ...toolCallPart(id, name, text), ...withVendorData(otherFieldsData(call, CALL_FIELDS)) };
}

// Tool results

const TOOL_FIELDS: ReadonlySet<string> = new Set([...PLAIN_FIELDS, "tool_call_id"]);

function parseTool(message: JsonObject, path: string, { warnings, names }: Reading): ToolMessage {
  const toolCallId = readString(message.tool_call_id, `${path}.tool_call_id`);
  const toolName = names.get(toolCallId);
  return {
    role: "tool",
    parts: [
      {
        type: "tool-result",
        toolCallId,
        ...(toolName === undefined ? {} : { toolName }),
        content: resultContent(message, path, warnings),
        ...withVendorData(otherFieldsData(message, TOOL_FIELDS)),
      },
    ],
  };
}

function resultContent(message: JsonObject, path: string, warnings: Warning[]): readonly ToolResultContent[] {
  const { content } = message;
  if (content === null || content === undefined || content === "") return [];
  return blocksOf(message, path, (block, place) => parseResultBlock(block, place, warnings));
}
