/** Reads requests of /api/chat and /api/generate from the wire's definition. */
import { isRawObject, listIn, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import { type RequestFacts, RequestItems, type RequestTool, says, settingsOf } from "../request-facts.ts";

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "thinking",
  "images",
  "tool_calls",
  "tool_name",
  "tool_call_id",
]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function"]);

export function readOllamaRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  items.text("system", body.system);
  for (const message of objectsIn(body.messages)) readMessage(message, items);
  items.text("user", body.prompt);
  for (const image of listIn(body.images)) items.add("media", "user", image);
  const settings = settingsOf(body, new Set(["system", "messages", "prompt", "images", "tools", "options", "stream"]));
  // The wire streams unless told not to.
  settings.set("stream", body.stream !== false);
  for (const [name, value] of Object.entries(objectIn(body.options))) {
    if (says(value)) settings.set(`options.${name}`, name === "stop" && typeof value === "string" ? [value] : value);
  }
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

function readMessage(message: RawObject, items: RequestItems): void {
  const role = stringIn(message.role) ?? "unknown";
  items.reasoning(role, message.thinking);
  if (role === "tool") {
    items.add("tool-result", role, { id: message.tool_call_id, name: message.tool_name, text: message.content });
  } else {
    items.text(role, message.content);
  }
  for (const image of listIn(message.images)) items.add("media", role, image);
  for (const call of objectsIn(message.tool_calls)) {
    const body = objectIn(call.function);
    items.add("tool-call", role, { id: call.id, name: body.name, arguments: body.arguments ?? {} });
    items.fields(role, call, CALL_FIELDS);
  }
  items.fields(role, message, MESSAGE_FIELDS);
}

function toolOf(tool: RawObject): RequestTool {
  const body = tool.function;
  return isRawObject(body) ? { name: stringIn(body.name) ?? "", value: body } : { name: String(tool.type), value: tool };
}
