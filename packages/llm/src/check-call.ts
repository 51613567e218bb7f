/**
 * The shape of a call, for callers whose compiler does not hold it against the types: JavaScript, and requests out of JSON.
 * What has another shape would fail deep inside a dialect, as if the fault were ours. Values are left to the vendor.
 */
import { DragomanError } from "./errors.ts";
import { isJsonObject, type JsonValue } from "./json.ts";
import type { Message, Part } from "./message.ts";
import { nearestNames } from "./registry.ts";
import type { CompletionCall } from "./request.ts";
import type { Warning } from "./warning.ts";

const ROLES = { system: true, user: true, assistant: true, tool: true } satisfies Record<Message["role"], true>;

const PARTS = {
  text: true,
  image: true,
  audio: true,
  file: true,
  json: true,
  opaque: true,
  reasoning: true,
  refusal: true,
  source: true,
  "tool-call": true,
  "tool-result": true,
} satisfies Record<Part["type"], true>;

const SETTINGS = {
  model: true,
  messages: true,
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  topK: true,
  stopSequences: true,
  seed: true,
  presencePenalty: true,
  frequencyPenalty: true,
  reasoning: true,
  output: true,
  cache: true,
  metadata: true,
  vendorOptions: true,
  signal: true,
  timeouts: true,
  wire: true,
} satisfies Record<keyof CompletionCall, true>;

/** Warnings of settings that there are not. Throws `invalid_request` with the path of what has not the shape of its type. */
export function checkCall(call: CompletionCall): readonly Warning[] {
  if (typeof call.model !== "string") throw misshapen("model", "it must be a model's name");
  if (!Array.isArray(call.messages)) throw misshapen("messages", "it must be a list of messages", "write userMessage(…)");
  for (const [index, message] of call.messages.entries()) checkMessage(message, () => `messages[${index}]`);
  const warnings: Warning[] = [];
  // `for…in`, as every call comes by here.
  for (const name in call) {
    const value: unknown = call[name as keyof CompletionCall];
    if (!Object.hasOwn(SETTINGS, name)) warnings.push(unknownSetting(name));
    else if (typeof value === "number" && !Number.isFinite(value)) throw misshapen(name, `${value} is no number to send`);
  }
  return warnings;
}

/** Where something stands; written out only for what is refused. */
type Path = () => string;

function checkMessage(message: Message, path: Path): void {
  if (!isObject(message) || !Object.hasOwn(ROLES, message.role)) {
    throw misshapen(`${path()}.role`, `the role must be one of ${Object.keys(ROLES).join(", ")}`);
  }
  if (!Array.isArray(message.parts)) {
    throw misshapen(`${path()}.parts`, "a message has parts", 'write userMessage("…"), or parts: [{ type: "text", text: "…" }]');
  }
  for (const [index, part] of message.parts.entries()) checkPart(part, () => `${path()}.parts[${index}]`);
}

function checkPart(part: Part, path: Path): void {
  if (!isObject(part) || !Object.hasOwn(PARTS, part.type)) {
    throw misshapen(`${path()}.type`, `the type must be one of ${Object.keys(PARTS).join(", ")}`);
  }
  if (part.type === "text" && typeof part.text !== "string") throw misshapen(`${path()}.text`, "it must be text");
  if (part.type === "tool-result") {
    if (!Array.isArray(part.content)) throw misshapen(`${path()}.content`, "it must be a list", "write toolResult(call, result)");
    for (const [index, content] of part.content.entries()) checkPart(content, () => `${path()}.content[${index}]`);
  }
  if (part.type !== "image" && part.type !== "audio" && part.type !== "file") return;
  const { source } = part;
  if (!isObject(source)) throw misshapen(`${path()}.source`, "it must say where the data is");
  if (source.type === "data" && (typeof source.data !== "string" || source.data.startsWith("data:"))) {
    throw misshapen(`${path()}.source.data`, "it must be base64 without a data: prefix");
  }
}

function isObject(value: unknown): boolean {
  return isJsonObject(value as JsonValue);
}

function unknownSetting(name: string): Warning {
  const [nearest] = nearestNames(name, Object.keys(SETTINGS));
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { type: "unknown-field", path: name, detail: `a call has no such setting, and it was not sent${hint}` };
}

function misshapen(field: string, detail: string, advice?: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    field,
    detail: `${field}: ${detail}`,
    ...(advice === undefined ? {} : { advice }),
  });
}
