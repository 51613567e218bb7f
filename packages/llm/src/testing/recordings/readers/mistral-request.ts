/** Reads Mistral's chat requests from the wire's definition. */
import { isRawObject, objectIn, objectsIn, type RawObject, stringIn } from "../raw-json.ts";
import {
  argumentsValue,
  normaliseToolChoice,
  type RequestFacts,
  RequestItems,
  type RequestTool,
  settingsOf,
} from "../request-facts.ts";

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content", "tool_calls", "tool_call_id"]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);

export function readMistralRequest(body: RawObject): RequestFacts {
  const items = new RequestItems();
  const messages = objectsIn(body.messages);
  for (const [index, message] of messages.entries()) readMessage(message, index === messages.length - 1, items);
  const settings = settingsOf(body, new Set(["messages", "tools"]));
  normaliseToolChoice(settings, "tool_choice");
  if (typeof body.stop === "string") settings.set("stop", [body.stop]);
  // Usage is told unasked, so asking for it says nothing.
  settings.delete("stream_options");
  if (objectIn(body.response_format).type === "text") settings.delete("response_format");
  return { items: items.items, tools: objectsIn(body.tools).map(toolOf), settings };
}

function readMessage(message: RawObject, isLast: boolean, items: RequestItems): void {
  const role = stringIn(message.role) ?? "unknown";
  if (role === "tool") items.add("tool-result", role, { id: message.tool_call_id, text: plainText(message.content) });
  else readContent(role, message.content, items);
  for (const call of objectsIn(message.tool_calls)) {
    const target = objectIn(call.function);
    items.add("tool-call", role, { id: call.id, name: target.name, arguments: argumentsValue(target.arguments) });
    items.fields(role, call, CALL_FIELDS);
  }
  // The name of a tool follows from its call, the prefix from its place.
  const { name, prefix, ...rest } = message;
  const kept = {
    ...rest,
    ...(role === "tool" || name === undefined ? {} : { name }),
    ...(prefix === true && !isLast ? { prefix } : {}),
  };
  items.fields(role, kept, MESSAGE_FIELDS);
}

function readContent(role: string, content: unknown, items: RequestItems): void {
  if (typeof content === "string") items.text(role, content);
  for (const chunk of objectsIn(content)) {
    if (chunk.type === "text") items.text(role, chunk.text);
    else if (chunk.type === "thinking") readThinking(role, chunk, items);
    else items.add("media", role, mediaOf(chunk));
  }
}

/** A thought that is sent back is closed, whether it says so or not. */
function readThinking(role: string, chunk: RawObject, items: RequestItems): void {
  for (const entry of objectsIn(chunk.thinking)) items.reasoning(role, entry.text);
  if (typeof chunk.signature === "string") items.add("other", role, { signature: chunk.signature });
}

/** A picture's address and audio may stand as an object or as a string. */
function mediaOf(chunk: RawObject): unknown {
  const { image_url: image, input_audio: audio, ...rest } = chunk;
  if (image !== undefined) return { ...rest, image_url: typeof image === "string" ? { url: image } : image };
  if (audio !== undefined) return { ...rest, input_audio: isRawObject(audio) ? audio.data : audio };
  return rest;
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  return objectsIn(content)
    .map((chunk) => stringIn(chunk.text) ?? "")
    .join("");
}

function toolOf(tool: RawObject): RequestTool {
  const target = objectIn(tool.function);
  if (typeof target.name !== "string") return { name: String(tool.type), value: tool };
  const { type: _type, function: _function, ...outer } = tool;
  return { name: target.name, value: { ...target, ...outer } };
}
