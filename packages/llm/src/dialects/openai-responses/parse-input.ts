/**
 * A client's `instructions` and `input` -> messages. The items of one assistant turn (its thinking, its text, its calls)
 * become one message, and so do the results that follow; a message of a user or the system stays one message.
 */
import type { JsonObject, JsonValue } from "../../json.ts";
import type {
  AssistantPart,
  Message,
  SystemMessage,
  ToolResultContent,
  ToolResultPart,
  UserMessage,
  UserPart,
} from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { invalidField, readArray, readObject, readOneOf, readString } from "../wire-reader.ts";
import { opaquePart } from "./item-parts.ts";
import { type ContentPart, parseContent } from "./parse-content.ts";
import { partsOfReturned } from "./returned-items.ts";
import { fieldsBesides, vendorOf } from "./vendor-data.ts";

const ROLES = ["user", "assistant", "system", "developer"] as const;
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["type", "role", "content"]);
const RESULT_FIELDS: ReadonlySet<string> = new Set(["type", "call_id", "output"]);

/** Items that the client's side adds; they stand where a user's message would. */
const CLIENT_ITEMS: ReadonlySet<string> = new Set([
  "computer_call_output",
  "local_shell_call_output",
  "shell_call_output",
  "apply_patch_call_output",
  "custom_tool_call_output",
  "mcp_approval_response",
  "additional_tools",
  "configuration_update",
  "compaction_trigger",
]);

/** Items that a model's side made; they belong to the assistant's turn. */
const MODEL_ITEMS: ReadonlySet<string> = new Set([
  "item_reference",
  "file_search_call",
  "web_search_call",
  "computer_call",
  "code_interpreter_call",
  "local_shell_call",
  "shell_call",
  "apply_patch_call",
  "custom_tool_call",
  "mcp_list_tools",
  "mcp_call",
  "mcp_approval_request",
  "tool_search_call",
  "tool_search_output",
  "compaction",
  "program",
  "program_output",
]);

export interface InputParsing {
  readonly fileKeeper: string;
  readonly warnings: Warning[];
}

export function parseInput(
  input: JsonValue | undefined,
  instructions: string | undefined,
  parsing: InputParsing,
): readonly Message[] {
  const turns = new Turns();
  if (instructions !== undefined) {
    turns.message({ role: "system", parts: [{ type: "text", text: instructions }], ...vendorOf({ instructions: true }) });
  }
  if (typeof input === "string") turns.message({ role: "user", parts: [{ type: "text", text: input }] });
  else if (input !== undefined && input !== null) {
    for (const [index, item] of readArray(input, "input").entries()) {
      const field = `input[${index}]`;
      parseItem(readObject(item, field), field, turns, parsing);
    }
  }
  return turns.end();
}

/** Gathers what belongs to one turn of the assistant, and the results after it. */
class Turns {
  readonly #messages: Message[] = [];
  #said: AssistantPart[] = [];
  #results: ToolResultPart[] = [];

  message(message: Message): void {
    this.end();
    this.#messages.push(message);
  }

  say(parts: readonly AssistantPart[]): void {
    this.#endResults();
    this.#said.push(...parts);
  }

  result(part: ToolResultPart): void {
    this.#endSaid();
    this.#results.push(part);
  }

  end(): readonly Message[] {
    this.#endSaid();
    this.#endResults();
    return this.#messages;
  }

  #endSaid(): void {
    if (this.#said.length > 0) this.#messages.push({ role: "assistant", parts: this.#said });
    this.#said = [];
  }

  #endResults(): void {
    if (this.#results.length > 0) this.#messages.push({ role: "tool", parts: this.#results });
    this.#results = [];
  }
}

function parseItem(item: JsonObject, field: string, turns: Turns, parsing: InputParsing): void {
  // The short form of a message has no type.
  const type = item.type === undefined && item.role !== undefined ? "message" : readString(item.type, `${field}.type`);
  switch (type) {
    case "message":
      parseMessage(item, field, turns, parsing);
      return;
    case "function_call":
      checkCall(item, field);
      turns.say(partsOfReturned(item));
      return;
    case "reasoning":
      turns.say(partsOfReturned(item));
      return;
    case "image_generation_call":
      turns.say(partsOfReturned(item));
      return;
    case "function_call_output":
      turns.result(resultPart(item, field, parsing));
      return;
    default:
      parseOtherItem(item, type, field, turns, parsing);
  }
}

function parseMessage(item: JsonObject, field: string, turns: Turns, parsing: InputParsing): void {
  const role = readOneOf(item.role, ROLES, `${field}.role`);
  if (role === "assistant") {
    checkAssistantContent(item.content, `${field}.content`);
    turns.say(partsOfReturned({ ...item, type: "message" }));
    return;
  }
  const fields = fieldsBesides(item, MESSAGE_FIELDS);
  const parts = parseContent(item.content, `${field}.content`, parsing.fileKeeper);
  turns.message(role === "user" ? userMessage(parts, fields) : systemMessage(role, parts, fields, field));
}

function userMessage(parts: readonly UserPart[], item: JsonObject | undefined): UserMessage {
  return { role: "user", parts, ...vendorOf(item === undefined ? {} : { item }) };
}

function systemMessage(
  role: "system" | "developer",
  parts: readonly ContentPart[],
  item: JsonObject | undefined,
  field: string,
): SystemMessage {
  const texts = parts.map((part, index) => {
    if (part.type === "text") return part;
    throw invalidField(`${field}.content[${index}]`, `a message of the role ${role} holds text only, not ${part.type}`);
  });
  const vendor = vendorOf({ ...(role === "developer" ? { role } : {}), ...(item === undefined ? {} : { item }) });
  return { role: "system", parts: texts, ...vendor };
}

function checkAssistantContent(content: JsonValue | undefined, field: string): void {
  if (typeof content === "string") return;
  for (const [index, part] of readArray(content, field).entries()) {
    const path = `${field}[${index}]`;
    const { type, text, refusal } = readObject(part, path);
    readString(type, `${path}.type`);
    if (type === "output_text" || type === "input_text") readString(text, `${path}.text`);
    if (type === "refusal") readString(refusal, `${path}.refusal`);
  }
}

function checkCall(item: JsonObject, field: string): void {
  readString(item.call_id, `${field}.call_id`);
  readString(item.name, `${field}.name`);
  readString(item.arguments, `${field}.arguments`);
}

function resultPart(item: JsonObject, field: string, parsing: InputParsing): ToolResultPart {
  const fields = fieldsBesides(item, RESULT_FIELDS);
  return {
    type: "tool-result",
    toolCallId: readString(item.call_id, `${field}.call_id`),
    ...(typeof item.name === "string" ? { toolName: item.name } : {}),
    content: parseContent(item.output, `${field}.output`, parsing.fileKeeper).map((part, index): ToolResultContent => {
      if (part.type !== "opaque") return part;
      const place = `${field}.output[${index}]`;
      throw invalidField(place, `${place} is of the unknown type ${part.kind}`);
    }),
    ...vendorOf(fields === undefined ? {} : { item: fields }),
  };
}

function parseOtherItem(item: JsonObject, type: string, field: string, turns: Turns, parsing: InputParsing): void {
  const block = opaquePart(item);
  if (type === "item_reference") {
    readString(item.id, `${field}.id`);
    const detail = "refers to what only OpenAI keeps; no other vendor can use it";
    parsing.warnings.push({ type: "other", path: field, detail, value: item });
  } else if (!CLIENT_ITEMS.has(type) && !MODEL_ITEMS.has(type)) {
    parsing.warnings.push({
      type: "unknown-field",
      path: `${field}.type`,
      detail: `an item of the unknown type ${type}; passed on unread`,
    });
  }
  const isClients = CLIENT_ITEMS.has(type) || (!MODEL_ITEMS.has(type) && isAnswerLike(type));
  if (isClients || isClientsSearch(item)) turns.message({ role: "user", parts: [block] });
  else turns.say([block]);
}

/** What a later version of the wire adds: results and answers come from the client. */
function isAnswerLike(type: string): boolean {
  return type.endsWith("_output") || type.endsWith("_response");
}

/** A tool search that the client ran answers like any other result. */
function isClientsSearch(item: JsonObject): boolean {
  return item.type === "tool_search_output" && item.execution === "client";
}
