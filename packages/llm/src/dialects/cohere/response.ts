/**
 * The body of an answer as a completion. Parts stand in one order: content, plan, calls, sources. The wire names neither
 * the model nor the time.
 */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, OpaquePart } from "../../message.ts";
import { consistentUsage } from "../consistent-usage.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { sourcesOf } from "./citations.ts";
import { errorAtEnd, errorWithin, invalidResponse } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { parseUsage } from "./usage.ts";
import { COHERE, otherFieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

const BODY_FIELDS: ReadonlySet<string> = new Set(["id", "message", "finish_reason", "usage", "error"]);
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content", "tool_plan", "tool_calls", "citations"]);
const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
const THINKING_FIELDS: ReadonlySet<string> = new Set(["type", "thinking"]);
export const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);

/** Throws the vendor's error for a body that is one, whatever its status, and `invalid_response` for a body without an answer. */
export function parseResponse(body: unknown, context: ParseContext): Completion {
  refuseFlawedAnswer(body, context);
  if (!isJsonObject(body)) throw invalidResponse("the answer is not an object", context);
  const { message } = body;
  if (!isJsonObject(message)) throw errorWithin(body, context) ?? invalidResponse("the answer has no message", context);
  const failure = errorAtEnd(body.error, body.finish_reason, context);
  if (failure !== undefined) throw failure;
  const id = typeof body.id === "string" ? body.id : "";
  const citations = Array.isArray(message.citations) ? message.citations : [];
  const kept = { ...otherFieldsData(message, MESSAGE_FIELDS), ...(citations.length === 0 ? {} : { citations }) };
  const others = unknownFields(body, BODY_FIELDS);
  const origin = originOf(COHERE, context, undefined);
  return {
    id,
    origin,
    message: {
      role: "assistant",
      parts: [
        ...contentParts(message.content),
        ...planParts(message.tool_plan),
        ...callParts(message.tool_calls, id),
        ...sourcesOf(citations),
      ],
      origin,
      ...withVendorData(kept),
    },
    finish: parseFinish(body.finish_reason),
    usage: consistentUsage(parseUsage(body.usage)),
    warnings: [],
    ...withVendorData(others === undefined ? {} : { body: others }),
  };
}

/** A list of blocks; a bare text, as some proxies send it, is one block. */
function contentParts(content: JsonValue | undefined): readonly AssistantPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter(isJsonObject).map(contentPart) : [];
}

function contentPart(block: JsonObject): AssistantPart {
  if (block.type === "text") {
    return { type: "text", text: textOf(block.text), ...withVendorData(otherFieldsData(block, TEXT_FIELDS)) };
  }
  if (block.type === "thinking") {
    return { type: "reasoning", text: textOf(block.thinking), ...withVendorData(otherFieldsData(block, THINKING_FIELDS)) };
  }
  return opaquePart(block);
}

export function opaquePart(block: JsonObject): OpaquePart {
  return { type: "opaque", dialect: COHERE, kind: textOf(block.type), value: block };
}

function planParts(plan: JsonValue | undefined): readonly AssistantPart[] {
  const text = textOf(plan);
  return text === "" ? [] : [{ type: "text", text, ...withVendorData({ toolPlan: true }) }];
}

function callParts(calls: JsonValue | undefined, completionId: string): readonly AssistantPart[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isJsonObject).map((call, index) => {
    const target = isJsonObject(call.function) ? call.function : {};
    const id = textOf(call.id) || generatedCallId(completionId, index);
    return {
      ...toolCallPart(id, textOf(target.name), argumentsText(target.arguments)),
      ...withVendorData(otherFieldsData(call, CALL_FIELDS)),
    };
  });
}

/** For a call that came without an id: the same whether the answer was streamed or not. */
export function generatedCallId(completionId: string, index: number): string {
  return completionId === "" ? `call_${index}` : `call_${completionId}_${index}`;
}

/** JSON text by definition; a value is written out. */
export function argumentsText(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
