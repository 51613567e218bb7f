/**
 * The call that a model meant, out of what it wrote: Groq answers `tool_use_failed` where it cannot read a call, or where the
 * arguments do not fit their schema, and gives the model's own words as `failed_generation`. Read are JSON (one call or a list,
 * fenced or not, under `tool_calls` too) and Llama's tags, `<function=name>{…}</function>` with one of their ends missing.
 * Source: Groq's error bodies; `tool_use_failed` in its "Tool use" guide.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { generatedToolCallId } from "./tool-call-id.ts";

export interface FailedCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** The name under which Groq reports such a failure. */
export const TOOL_USE_FAILED = "tool_use_failed";

/** The model's words in the body of an error, and the vendor's; undefined for any other error. */
export function failedGenerationIn(body: unknown): { readonly generation: string; readonly reason: string } | undefined {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : undefined;
  const generation = error?.failed_generation;
  if (error?.code !== TOOL_USE_FAILED || typeof generation !== "string") return undefined;
  return { generation, reason: typeof error.message === "string" ? error.message : TOOL_USE_FAILED };
}

/** The calls in the order in which they were written. Empty where any of them cannot be read: half of an answer is none. */
export function readFailedCalls(generation: string): readonly FailedCall[] {
  const text = generation.trim();
  const json = parseJson(unfenced(text));
  const calls = json === undefined ? taggedCalls(text) : callsOf(json);
  return calls.some((call) => call === undefined) ? [] : calls.filter((call) => call !== undefined);
}

/** The calls as the answer that they would have been, in this wire. Undefined where they cannot be read. */
export function recoverAnswer(generation: string, answerId: string, form: "whole" | "stream"): string | undefined {
  const calls = readFailedCalls(generation);
  if (calls.length === 0) return undefined;
  const toolCalls = calls.map((call, index) => ({ index, ...wireCall(call, generation, answerId, index) }));
  const message = { role: "assistant", content: null, tool_calls: toolCalls };
  const choice = { index: 0, [form === "whole" ? "message" : "delta"]: message, finish_reason: "tool_calls" };
  const body = JSON.stringify({
    id: answerId,
    object: form === "whole" ? "chat.completion" : "chat.completion.chunk",
    choices: [choice],
  });
  return form === "whole" ? body : `data: ${body}\n\ndata: [DONE]\n\n`;
}

/** The call in the wire's words. Its id differs from turn to turn: by the answer's own id, or else by what was written. */
export function wireCall(call: FailedCall, generation: string, answerId: string, position: number): JsonObject {
  const id = generatedToolCallId(answerId === "" ? fingerprint(generation) : answerId, position);
  return { id, type: "function", function: { name: call.name, arguments: call.arguments } };
}

export function recoveredWarning(reason: string): Warning {
  const detail = `the vendor refused the model's tool call; it was read from what the model wrote. The vendor's reason: ${reason}`;
  return { type: "other", path: "message", detail };
}

/** The error with the model's words in its message: "see 'failed_generation'" tells a reader nothing without them. */
export function withFailedGeneration(body: unknown): unknown {
  if (!isJsonObject(body) || !isJsonObject(body.error)) return body;
  const { message, failed_generation: generation } = body.error;
  if (typeof message !== "string" || typeof generation !== "string" || generation === "") return body;
  return { ...body, error: { ...body.error, message: `${message} The model wrote: ${generation}` } };
}

/** FNV-1a, 32 bits. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}

function unfenced(text: string): string {
  return /^```\w*\s*([\s\S]*?)\s*```$/.exec(text)?.[1] ?? text.replace(/^<tool_call>|<\/tool_call>$/g, "");
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type ReadCall = FailedCall | undefined;

function callsOf(value: JsonValue): readonly ReadCall[] {
  if (Array.isArray(value)) return value.map((item: JsonValue) => (isJsonObject(item) ? callOf(item) : undefined));
  if (!isJsonObject(value)) return [undefined];
  if (Array.isArray(value.tool_calls)) return callsOf(value.tool_calls);
  return [callOf(value)];
}

/** `{ name, arguments }`, with `parameters` for the arguments (Llama), or OpenAI's `{ function: { … } }`. */
function callOf(value: JsonObject): ReadCall {
  const target = isJsonObject(value.function) ? value.function : value;
  const name = target.name ?? value.function;
  const given = target.arguments ?? target.parameters ?? value.parameters ?? {};
  if (typeof name !== "string" || name === "") return undefined;
  if (isJsonObject(given)) return { name, arguments: JSON.stringify(given) };
  return typeof given === "string" && isJsonObject(parseJson(given)) ? { name, arguments: given } : undefined;
}

/** `<function=name>{…}</function>`, `<function=name{…}>`, `name{…}</function>`: one after another. */
const TAGGED = /(?:<function[=/]|\(function=)?\s*([\w.-]+)\s*[>,(]?\s*(?=\{)/y;
const END = /\s*[>)]?\s*(?:<\/function>|<function\/?>)?[\s;,]*/y;

function taggedCalls(text: string): readonly ReadCall[] {
  if (!/<\/?function\b|\(function=/.test(text)) return [];
  const calls: ReadCall[] = [];
  let position = Math.max(0, text.search(/<function[=/][\w.-]|\(function=/));
  while (position < text.length) {
    TAGGED.lastIndex = position;
    const name = TAGGED.exec(text)?.[1];
    const end = name === undefined ? -1 : endOfObject(text, TAGGED.lastIndex);
    if (name === undefined || end < 0) return [...calls, undefined];
    const json = text.slice(TAGGED.lastIndex, end);
    calls.push(isJsonObject(parseJson(json)) ? { name, arguments: json } : undefined);
    END.lastIndex = end;
    END.exec(text);
    position = END.lastIndex;
  }
  return calls;
}

/** The place after the brace that closes the one at `start`; -1 where none does. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return -1;
}
