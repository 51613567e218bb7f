/** Reads Chat Completions requests from the wire's definition. */
import { either, isRawObject, listIn, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import {
  argumentsValue,
  normaliseToolChoice,
  type RequestFacts,
  RequestItems,
  type RequestTool,
  renameSetting,
  says,
  settingsOf,
} from "../request-facts.ts";

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "tool_calls",
  "tool_call_id",
  "reasoning",
  "reasoning_content",
  "reasoning_text",
  "reasoning_details",
  "cache_control",
]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);

export function readOpenAIChatRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  for (const message of objectsIn(body.messages)) readMessage(message, items);
  const settings = settingsOf(body, new Set(["messages", "tools"]));
  renameSetting(settings, "maxOutputTokens", "max_completion_tokens", "max_tokens");
  normaliseToolChoice(settings, "tool_choice");
  if (typeof body.stop === "string") settings.set("stop", [body.stop]);
  readFormat(settings);
  readReasoning(settings);
  readStreamOptions(settings);
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

/** Asking for usage is a setting of its own, as it may be added; not asking is the default. */
function readStreamOptions(settings: Map<string, unknown>): void {
  const { include_usage: asked, ...others } = objectIn(settings.get("stream_options"));
  settings.delete("stream_options");
  if (!settings.has("stream")) return;
  if (asked === true) settings.set("stream_options.include_usage", true);
  if (Object.keys(others).length > 0) settings.set("stream_options", others);
}

function readMessage(message: RawObject, items: RequestItems): void {
  const role = message.role === "developer" ? "system" : (stringIn(message.role) ?? "unknown");
  const details = objectsIn(message.reasoning_details);
  // A plain field beside details with text says the same once more.
  const plain = either(message, "reasoning_content", "reasoning", "reasoning_text");
  items.reasoning(role, plain ?? details.map((detail) => stringIn(detail.text) ?? stringIn(detail.summary) ?? "").join(""));
  for (const detail of details) items.add("other", role, { reasoning_details: detail });
  if (role === "tool") {
    items.add("tool-result", role, {
      id: message.tool_call_id,
      text: plainText(message.content),
      media: mediaCount(message.content),
    });
  } else {
    readContent(role, message.content, items);
  }
  items.text(`${role} refusal`, message.refusal);
  for (const call of objectsIn(message.tool_calls)) {
    const body = objectIn(call.function);
    items.add("tool-call", role, { id: call.id, name: body.name, arguments: argumentsValue(body.arguments) });
    items.fields(role, call, CALL_FIELDS);
  }
  items.cacheMark(role, message.cache_control);
  // The name of a tool follows from its call.
  const { name: _name, ...unnamed } = message;
  items.fields(role, role === "tool" ? unnamed : message, MESSAGE_FIELDS);
}

function readContent(role: string, content: unknown, items: RequestItems): void {
  if (!Array.isArray(content)) {
    items.text(role, content);
    return;
  }
  for (const part of objectsIn(content)) {
    if (part.type === "text" || part.type === "refusal") items.text(role, part.text ?? part.refusal);
    else items.add("media", role, mediaOf(part));
    items.cacheMark(role, part.cache_control);
    if (isRawObject(part.prompt_cache_breakpoint)) items.add("cache", role, { breakpoint: part.prompt_cache_breakpoint });
  }
}

/** The kind and the payload; a picture's address may stand as an object or as a string. */
function mediaOf(part: RawObject): unknown {
  const { type, cache_control: _mark, text: _text, ...rest } = part;
  const image = rest.image_url;
  return typeof image === "string" ? { type, ...rest, image_url: { url: image } } : { type, ...rest };
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  return objectsIn(content)
    .map((part) => stringIn(part.text) ?? "")
    .join("");
}

function mediaCount(content: unknown): number {
  return listIn(content).filter((part) => isRawObject(part) && part.type !== "text").length;
}

function toolOf(tool: RawObject): RequestTool {
  const body = objectIn(tool.function);
  if (tool.type !== "function" || typeof body.name !== "string") return { name: String(tool.type), value: tool };
  const { type: _type, function: _function, ...outer } = tool;
  // A function without parameters takes none.
  const parameters = isRawObject(body.parameters) ? body.parameters : { type: "object" };
  return { name: body.name, value: { ...body, parameters, ...outer } };
}

/** `text` is the default; a schema's name is made up where the client left it out. */
function readFormat(settings: Map<string, unknown>): void {
  const format = settings.get("response_format");
  if (!isRawObject(format)) return;
  if (format.type === "text") settings.delete("response_format");
  // Together and older servers have the schema beside the type.
  if (format.json_schema === undefined && isRawObject(format.schema)) {
    const { schema, ...outer } = format;
    settings.set("response_format", { ...outer, type: "json_schema", json_schema: { schema } });
  }
  if (isRawObject(format.json_schema) && ["output", ""].includes(String(format.json_schema.name ?? ""))) {
    const { name: _name, ...rest } = format.json_schema;
    settings.set("response_format", { ...format, json_schema: rest });
  }
}

/** Vendors ask for reasoning in many forms; they are compared by what they come to: off, or on with an effort or a budget. */
function readReasoning(settings: Map<string, unknown>): void {
  const reasoning = objectIn(settings.get("reasoning"));
  const thinking = objectIn(settings.get("thinking"));
  const template = objectIn(settings.get("chat_template_kwargs"));
  const effort = settings.get("reasoning_effort") ?? reasoning.effort;
  const budget = either(reasoning, "max_tokens") ?? thinking.budget_tokens ?? settings.get("thinking_budget");
  const flags = [settings.get("enable_thinking"), template.enable_thinking, reasoning.enabled, thinking.type];
  const flag = flags.find((value) => value !== undefined);
  if (effort === undefined && budget === undefined && flag === undefined) return;
  for (const name of ["reasoning_effort", "thinking_budget", "enable_thinking"]) settings.delete(name);
  settings.set("reasoning", without(reasoning, "effort", "max_tokens", "enabled"));
  settings.set("thinking", without(thinking, "type", "budget_tokens"));
  settings.set("chat_template_kwargs", without(template, "enable_thinking"));
  for (const name of ["reasoning", "thinking", "chat_template_kwargs"]) if (!says(settings.get(name))) settings.delete(name);
  const off = effort === "none" || flag === false || flag === "disabled" || budget === 0;
  settings.set(
    "reasoning intent",
    off ? "off" : { ...(effort === undefined ? {} : { effort }), ...(budget === undefined ? {} : { budget }) },
  );
}

function without(object: RawObject, ...names: readonly string[]): RawObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
