/** Reads Responses requests from the wire's definition. */
import { isRawObject, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import {
  argumentsValue,
  normaliseToolChoice,
  type RequestFacts,
  RequestItems,
  type RequestTool,
  says,
  settingsOf,
} from "../request-facts.ts";

/** Fields of an item that only report what a server did with it. */
const REPORTING: readonly string[] = ["type", "status"];

export function readOpenAIResponsesRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  items.text("system", body.instructions);
  if (typeof body.input === "string") items.text("user", body.input);
  for (const item of objectsIn(body.input)) readItem(item, items);
  const settings = settingsOf(body, new Set(["instructions", "input", "tools"]));
  normaliseToolChoice(settings, "tool_choice");
  readText(settings);
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

function readItem(item: RawObject, items: RequestItems): void {
  const type = stringIn(item.type) ?? "message";
  if (type === "message") readMessage(item, items);
  else if (type === "function_call") readCall(item, items);
  else if (type === "function_call_output") readResult(item, items);
  else if (type === "reasoning") readReasoning(item, items);
  else items.add("other", "item", item);
}

function readMessage(item: RawObject, items: RequestItems): void {
  const role = item.role === "developer" ? "system" : (stringIn(item.role) ?? "unknown");
  if (typeof item.content === "string") items.text(role, item.content);
  for (const part of objectsIn(item.content)) readPart(role, part, items);
  items.fields(role, item, new Set([...REPORTING, "role", "content"]));
}

function readPart(role: string, part: RawObject, items: RequestItems): void {
  const { annotations, logprobs: _logprobs, prompt_cache_breakpoint: mark, ...rest } = part;
  if (part.type === "input_text" || part.type === "output_text" || part.type === "text") items.text(role, part.text);
  else if (part.type === "refusal") items.text(`${role} refusal`, part.refusal);
  else items.add("media", role, withoutDefaults(rest));
  if (says(annotations)) items.add("field", role, { annotations });
  if (isRawObject(mark)) items.add("cache", role, { breakpoint: mark });
}

/** A picture's `detail: auto` is what happens unasked. */
function withoutDefaults(part: RawObject): RawObject {
  const { detail, ...rest } = part;
  return detail === undefined || detail === null || detail === "auto" ? rest : part;
}

function readCall(item: RawObject, items: RequestItems): void {
  items.add("tool-call", "assistant", { id: item.call_id, name: item.name, arguments: argumentsValue(item.arguments) });
  items.fields("assistant", item, new Set([...REPORTING, "call_id", "name", "arguments"]));
}

function readResult(item: RawObject, items: RequestItems): void {
  const content = new RequestItems();
  if (typeof item.output === "string") content.text("tool", item.output);
  for (const part of objectsIn(item.output)) readPart("tool", part, content);
  items.add("tool-result", "tool", { id: item.call_id, content: content.items.map((one) => one.value) });
  items.fields("tool", item, new Set([...REPORTING, "call_id", "output"]));
}

function readReasoning(item: RawObject, items: RequestItems): void {
  const { summary, content, ...rest } = item;
  for (const part of [...objectsIn(summary), ...objectsIn(content)]) items.reasoning("assistant", part.text);
  if (says(item.encrypted_content)) items.add("other", "assistant", { encrypted_content: item.encrypted_content });
  items.fields("assistant", rest, new Set([...REPORTING, "encrypted_content"]));
}

/** Some clients nest the function as Chat Completions does; services take it. */
function toolOf(tool: RawObject): RequestTool {
  const { type, ...rest } = tool;
  if (type !== "function") return { name: String(type), value: tool };
  const { function: nested, ...outer } = rest;
  const body = isRawObject(nested) ? { ...nested, ...outer } : rest;
  return { name: stringIn(body.name) ?? "", value: body };
}

/** `text.format: text` is the default; a schema's name is made up where the client left it out. */
function readText(settings: Map<string, unknown>): void {
  const text = settings.get("text");
  settings.delete("text");
  if (!isRawObject(text)) return;
  for (const [name, value] of Object.entries(text)) {
    if (name === "format" && isRawObject(value) && value.type === "text") continue;
    if (says(value)) settings.set(`text.${name}`, value);
  }
}
