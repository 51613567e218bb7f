/** The body of an answer as a completion. Parts stand in one order: reasoning, text, refusal, calls, audio, images, sources. */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { toolCallPart } from "../../fold.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart, ToolCallPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { unixSeconds } from "../unix-seconds.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { audioPartOf, customCallPart, imagePartsOf, searchSourcesOf, sourcesOf } from "./answer-parts.ts";
import { answerVendorData } from "./answer-vendor-data.ts";
import { type ContentParts, contentPartsOf } from "./content-text.ts";
import { BODY_FIELDS, CHOICE_FIELDS, MESSAGE_FIELDS, TOOL_CALL_FIELDS } from "./fields.ts";
import { finishError, parseFinish } from "./finish.ts";
import { PrefillEcho } from "./prefill-echo.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { reasoningTextOf } from "./reasoning-details.ts";
import { splitThinkTags } from "./think-tags.ts";
import { generatedToolCallId } from "./tool-call-id.ts";
import { parseUsage, usageIn } from "./usage.ts";
import { fieldsData, OPENAI_CHAT, objectsIn, unknownFields, withVendorData } from "./vendor-data.ts";

/** Throws the vendor's error for a body that is one, whatever its status, and `invalid_response` for a body without an answer. */
export function parseResponse(body: unknown, context: ParseContext, quirks: ResolvedQuirks): Completion {
  const answer = readAnswer(body, context);
  const choices = objectsIn(answer.choices);
  const [choice, ...otherChoices] = choices;
  if (choice === undefined) throw invalidResponse(context, "the answer has no choices");
  const message = isJsonObject(choice.message) ? choice.message : {};
  const id = typeof answer.id === "string" ? answer.id : "";
  const warnings: Warning[] = [];
  const failure = finishError(choice.finish_reason, quirks, context);
  if (failure !== undefined) throw failure;
  const said = parseParts(answer, message, id, warnings, quirks);
  const parts = quirks.echoesPrefill ? withoutEcho(said, context.prefill, warnings) : said;
  if (isJsonObject(choice.error) && parts.length === 0) throw vendorErrorFrom({ error: choice.error }, undefined, context);
  if (otherChoices.length > 0) warnings.push(otherChoicesWarning(otherChoices.length));
  const usage = usageIn(answer, choice);
  const createdAt = unixSeconds(answer.created);
  const origin = originOf(OPENAI_CHAT, context, answer.model);
  const vendor = answerVendorData({
    body: unknownFields(answer, BODY_FIELDS),
    choice: unknownFields(choice, CHOICE_FIELDS),
    message: unknownFields(message, MESSAGE_FIELDS),
    otherChoices,
  });
  return {
    id,
    origin,
    message: { role: "assistant", parts, origin, ...(vendor.message === undefined ? {} : { vendor: vendor.message }) },
    finish: parseFinish({
      word: typeof choice.finish_reason === "string" ? choice.finish_reason : undefined,
      hasToolCalls: parts.some(isCall),
      hasRefusal: parts.some((part) => part.type === "refusal"),
      optional: quirks.finishReasonOptional,
      choice,
    }),
    usage: usage === undefined ? {} : parseUsage(usage, quirks),
    warnings,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(vendor.completion === undefined ? {} : { vendor: vendor.completion }),
  };
}

export function otherChoicesWarning(count: number): Warning {
  return { type: "lossy", path: "message", detail: `${count} more choices are kept as vendor data; the first is the message` };
}

/** The parts without the assistant's words that ended the request, where the answer begins by repeating them. */
function withoutEcho(parts: AssistantPart[], prefill: string | undefined, warnings: Warning[]): AssistantPart[] {
  const place = parts.findIndex((part) => part.type === "text");
  const said = parts[place];
  if (prefill === undefined || said?.type !== "text") return parts;
  const echo = new PrefillEcho(prefill);
  const text = echo.push(said.text) + echo.rest();
  if (text === said.text) return parts;
  warnings.push(ECHO_WARNING);
  return parts.toSpliced(place, 1, ...(text === "" ? [] : [{ ...said, text }]));
}

export const ECHO_WARNING: Warning = {
  type: "other",
  path: "message",
  detail: "the vendor repeated the assistant's words that ended the request; they were taken off",
};

export function isCall(part: AssistantPart): boolean {
  return part.type === "tool-call" || (part.type === "opaque" && part.dialect === OPENAI_CHAT);
}

function readAnswer(body: unknown, context: ParseContext): JsonObject {
  if (!isJsonObject(body)) throw invalidResponse(context, "the answer is not a JSON object");
  refuseFlawedAnswer(body, context);
  if (!Array.isArray(body.choices) || isJsonObject(body.error) || typeof body.error === "string") {
    throw vendorErrorFrom(body, undefined, context);
  }
  return body;
}

export function invalidResponse(context: ParseContext, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, provider: context.provider, model: context.model });
}

function parseParts(
  answer: JsonObject,
  message: JsonObject,
  id: string,
  warnings: Warning[],
  quirks: ResolvedQuirks,
): AssistantPart[] {
  const parts: AssistantPart[] = [];
  const content = readContent(message, quirks);
  if (content.unread.length > 0) warnings.push(unreadContentWarning(content.unread));
  pushReasoning(message, parts);
  // Reasoning of a plain field is not told twice.
  parts.push(...(parts.length === 0 ? content.parts : content.parts.filter((part) => part.type !== "reasoning")));
  const annotations = Array.isArray(message.annotations) ? message.annotations : [];
  const last = parts.at(-1);
  if (annotations.length > 0 && last?.type === "text") parts[parts.length - 1] = { ...last, ...withVendorData({ annotations }) };
  if (typeof message.refusal === "string" && message.refusal !== "") parts.push({ type: "refusal", text: message.refusal });
  pushCalls(message, id, parts);
  const audio = isJsonObject(message.audio) ? audioPartOf(message.audio) : undefined;
  if (audio !== undefined) parts.push(audio);
  parts.push(...imagePartsOf(message.images));
  parts.push(...(annotations.length > 0 ? sourcesOf(annotations) : searchSourcesOf(answer)));
  return parts;
}

function readContent({ content }: JsonObject, quirks: ResolvedQuirks): ContentParts {
  if (Array.isArray(content)) return contentPartsOf(content);
  if (quirks.thinkTags && typeof content === "string") return { parts: splitThinkTags(content), unread: [] };
  return { parts: typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : [], unread: [] };
}

export function unreadContentWarning(types: readonly string[]): Warning {
  return { type: "lossy", path: "message", detail: `content of type ${types.join(", ")} was not understood and left out` };
}

function pushReasoning(message: JsonObject, parts: AssistantPart[]): void {
  const text = reasoningTextOf(message);
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details : [];
  if (text === "" && details.length === 0) return;
  const data = details.length === 0 ? undefined : { reasoningDetails: details };
  parts.push({ type: "reasoning", text, ...withVendorData(data) });
}

function pushCalls(message: JsonObject, id: string, parts: AssistantPart[]): void {
  for (const [position, call] of objectsIn(message.tool_calls).entries()) {
    parts.push(isCustomCall(call) ? customCallPart(call) : parseToolCall(call, id, position));
  }
  const legacy = message.function_call;
  if (isJsonObject(legacy) && typeof legacy.name === "string" && legacy.name !== "") {
    parts.push(parseToolCall({ function: legacy }, id, 0));
  }
}

/** Snowflake sends an empty `custom` beside every function. */
export function isCustomCall(call: JsonObject): boolean {
  return isJsonObject(call.custom) && !isJsonObject(call.function);
}

/** Arguments are JSON text; a few servers send the object itself. */
function parseToolCall(call: JsonObject, completionId: string, position: number): ToolCallPart {
  const target = isJsonObject(call.function) ? call.function : {};
  const id = typeof call.id === "string" && call.id !== "" ? call.id : generatedToolCallId(completionId, position);
  const name = typeof target.name === "string" ? target.name : "";
  const text = argumentsText(target);
  return { ...toolCallPart(id, name, text), ...withVendorData(fieldsData(unknownFields(call, TOOL_CALL_FIELDS))) };
}

export function argumentsText(target: JsonObject): string {
  const value = target.arguments;
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
