/** Reads requests of /v2/chat from the wire's definition. */
import { isRawObject, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import {
  argumentsValue,
  normaliseToolChoice,
  type RequestFacts,
  RequestItems,
  type RequestTool,
  settingsOf,
} from "../request-facts.ts";

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content", "tool_plan", "tool_calls", "tool_call_id", "citations"]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function"]);

export function readCohereRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  for (const message of objectsIn(body.messages)) readMessage(message, items);
  const settings = settingsOf(body, new Set(["messages", "tools"]));
  const choice = settings.get("tool_choice");
  if (typeof choice === "string") settings.set("tool_choice", choice.toLowerCase());
  normaliseToolChoice(settings, "tool_choice");
  const format = settings.get("response_format");
  // The service takes the words of OpenAI for the same thing.
  if (isRawObject(format) && format.type === "json_schema") settings.set("response_format", { ...format, type: "json_object" });
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

function readMessage(message: RawObject, items: RequestItems): void {
  const role = stringIn(message.role) ?? "unknown";
  if (role === "tool") {
    items.add("tool-result", role, { id: message.tool_call_id, content: resultContent(message.content) });
  } else {
    readContent(role, message.content, items);
    items.text(`${role} plan`, message.tool_plan);
  }
  for (const call of objectsIn(message.tool_calls)) {
    const target = objectIn(call.function);
    items.add("tool-call", role, { id: call.id, name: target.name, arguments: argumentsValue(target.arguments) });
    items.fields(role, call, CALL_FIELDS);
  }
  for (const citation of objectsIn(message.citations)) items.add("other", role, citation);
  items.fields(role, message, MESSAGE_FIELDS);
}

function readContent(role: string, content: unknown, items: RequestItems): void {
  if (typeof content === "string") {
    items.text(role, content);
    return;
  }
  for (const block of objectsIn(content)) {
    if (block.type === "text") items.text(role, block.text);
    else if (block.type === "thinking") items.reasoning(role, block.thinking);
    else items.add(block.type === "image_url" ? "media" : "other", role, block);
  }
}

/** A string is a list of one text block. */
function resultContent(content: unknown): unknown {
  const inner = new RequestItems();
  readContent("tool", content, inner);
  return inner.items.map((item) => item.value);
}

function toolOf(tool: RawObject): RequestTool {
  const target = tool.function;
  return isRawObject(target) ? { name: stringIn(target.name) ?? "", value: target } : { name: String(tool.type), value: tool };
}
