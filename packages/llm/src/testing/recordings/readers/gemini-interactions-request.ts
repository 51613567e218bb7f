/** Reads Interactions requests from the wire's definition. */
import { isRawObject, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import { normaliseToolChoice, type RequestFacts, RequestItems, type RequestTool, settingsOf } from "../request-facts.ts";

export function readGeminiInteractionsRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  items.text("system", body.system_instruction);
  if (typeof body.input === "string") items.text("user", body.input);
  for (const item of isRawObject(body.input) ? [body.input] : objectsIn(body.input)) readItem(item, items);
  const settings = settingsOf(body, new Set(["system_instruction", "input", "tools", "generation_config"]));
  if (isRawObject(body.generation_config)) {
    for (const [name, value] of settingsOf(body.generation_config, new Set())) settings.set(name, value);
  }
  normaliseToolChoice(settings, "tool_choice");
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

/** A step, a turn of the older form, or a block alone. */
function readItem(item: RawObject, items: RequestItems): void {
  const role = item.type === "model_output" || item.role === "model" ? "model" : "user";
  if (typeof item.content === "string") items.text(role, item.content);
  else if (item.content !== undefined) for (const block of objectsIn(item.content)) readBlock(role, block, items);
  else readBlock(role, item, items);
}

function readBlock(role: string, block: RawObject, items: RequestItems): void {
  const { type, ...rest } = block;
  if (type === "text") {
    items.text(role, block.text);
    items.fields(role, rest, new Set(["text"]));
  } else if (type === "thought") {
    for (const part of objectsIn(block.summary)) items.reasoning("model", part.text);
    items.fields("model", rest, new Set(["summary"]));
  } else if (type === "function_call") items.add("tool-call", "model", rest);
  else if (type === "function_result") items.add("tool-result", "tool", resultOf(rest));
  else items.add("media", role, block);
}

/** Not having failed is the default. */
function resultOf(result: RawObject): RawObject {
  const { is_error: isError, ...rest } = result;
  return isError === true ? result : rest;
}

function toolOf(tool: RawObject): RequestTool {
  return tool.type === "function" ? { name: stringIn(tool.name) ?? "", value: tool } : { name: String(tool.type), value: tool };
}
