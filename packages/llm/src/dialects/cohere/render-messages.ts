/** Canonical messages as this wire's: what opens it in one system message, then one object each, tool results one by one. */
import type { JsonArray, JsonObject } from "../../json.ts";
import type { AssistantMessage, AssistantPart, Message, SystemMessage, TextPart, UserMessage } from "../../message.ts";
import { renderTexts, renderUserContent } from "./render-content.ts";
import { renderToolMessage } from "./render-tool-result.ts";
import { renderToolCall } from "./render-tools.ts";
import { isRefused, lossy, type Rendering, unsupported, wellFormed } from "./rendering.ts";
import { COHERE, vendorDataOf } from "./vendor-data.ts";

export function renderMessages(rendering: Rendering): JsonArray {
  const { messages } = rendering.request;
  const opening = messages.findIndex((message) => message.role !== "system");
  const count = opening < 0 ? messages.length : opening;
  const rest = messages.slice(count).flatMap((message, index) => renderMessage(rendering, message, `messages[${count + index}]`));
  return [...renderSystem(rendering, messages.slice(0, count).filter(isSystem)), ...rest];
}

function isSystem(message: Message): message is SystemMessage {
  return message.role === "system";
}

function renderMessage(rendering: Rendering, message: Message, path: string): readonly JsonObject[] {
  switch (message.role) {
    case "system":
      return [renderLaterSystem(rendering, message, path)];
    case "user":
      return [renderUser(rendering, message, path)];
    case "assistant":
      return [renderAssistant(rendering, message, path)];
    case "tool":
      return renderToolMessage(rendering, message, path);
  }
}

/** The messages that open the conversation, as the one that the wire has room for. */
function renderSystem(rendering: Rendering, messages: readonly SystemMessage[]): readonly JsonObject[] {
  const [first] = messages;
  if (first === undefined) return [];
  const parts = messages.flatMap((message) => message.parts);
  return [{ role: "system", content: renderTexts(rendering, parts, "messages[0]"), ...vendorDataOf(first).fields }];
}

/** Cohere refuses it: "system turn must be the first in the list". Source: docs.cohere.com, "Errors". */
function renderLaterSystem(rendering: Rendering, message: SystemMessage, path: string): JsonObject {
  lossy(rendering, path, "a later system message went as a user message");
  return { role: "user", content: renderTexts(rendering, message.parts, path), ...vendorDataOf(message).fields };
}

function renderUser(rendering: Rendering, message: UserMessage, path: string): JsonObject {
  if (message.name !== undefined) unsupported(rendering, `${path}.name`, "the wire has no names of speakers; it was left out");
  return { role: "user", content: renderUserContent(rendering, message.parts, path), ...vendorDataOf(message).fields };
}

// An assistant's turn

interface SortedParts {
  readonly blocks: JsonObject[];
  readonly plans: string[];
  readonly calls: JsonObject[];
}

function renderAssistant(rendering: Rendering, message: AssistantMessage, path: string): JsonObject {
  const { blocks, plans, calls } = sortParts(rendering, message, path);
  const { citations, fields } = vendorDataOf(message);
  if (plans.length > 1) lossy(rendering, path, "several texts before the tool calls went as one plan");
  const isEmpty = blocks.length === 0 && plans.length === 0 && calls.length === 0;
  return {
    role: "assistant",
    ...(blocks.length > 0 ? { content: plainText(blocks) ?? blocks } : isEmpty ? { content: "" } : {}),
    ...(plans.length === 0 ? {} : { tool_plan: plans.join("\n") }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(citations === undefined ? {} : { citations }),
    ...fields,
  };
}

/** The text of a single block that says nothing else. */
function plainText(blocks: readonly JsonObject[]): string | undefined {
  const [only] = blocks;
  const isPlain = only?.type === "text" && Object.keys(only).length === 2;
  return blocks.length === 1 && isPlain && typeof only.text === "string" ? only.text : undefined;
}

function sortParts(rendering: Rendering, message: AssistantMessage, path: string): SortedParts {
  const sorted: SortedParts = { blocks: [], plans: [], calls: [] };
  const lastCall = message.parts.findLastIndex((part) => part.type === "tool-call");
  let afterCall = false;
  for (const [index, part] of message.parts.entries()) {
    const place = `${path}.parts[${index}]`;
    const asPlan = part.type === "text" && isPlan(part, message, lastCall >= 0);
    if (asPlan) sorted.plans.push(wellFormed(rendering, part.text, place));
    else sortPart(rendering, part, place, message, sorted);
    if (index < lastCall && part.type !== "tool-call" && sorted.calls.length > 0) afterCall = true;
    if (index > lastCall && lastCall >= 0 && (part.type === "text" || part.type === "reasoning")) afterCall = true;
  }
  if (afterCall) lossy(rendering, path, "what came after a tool call went before it; the wire keeps no order between them");
  return sorted;
}

/**
 * What a model says before its calls is the wire's `tool_plan`; models read it there, and content beside calls is left out
 * by Cohere's own clients. What Cohere itself answered as content goes back as content.
 */
function isPlan(part: TextPart, message: AssistantMessage, hasCalls: boolean): boolean {
  return vendorDataOf(part).toolPlan ?? (hasCalls && message.origin?.dialect !== COHERE);
}

function sortPart(
  rendering: Rendering,
  part: AssistantPart,
  path: string,
  message: AssistantMessage,
  { blocks, calls }: SortedParts,
): void {
  switch (part.type) {
    case "text":
      blocks.push({ type: "text", text: wellFormed(rendering, part.text, path), ...vendorDataOf(part).fields });
      return;
    case "reasoning":
      if (isRefused(rendering, "reasoning", path)) return;
      blocks.push({ type: "thinking", thinking: wellFormed(rendering, part.text, path), ...vendorDataOf(part).fields });
      return;
    case "tool-call":
      calls.push(renderToolCall(part));
      return;
    case "refusal":
      lossy(rendering, path, "the wire has no refusals; it went as text");
      blocks.push({ type: "text", text: wellFormed(rendering, part.text, path) });
      return;
    case "opaque":
      if (part.dialect === COHERE) blocks.push(part.value);
      else unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
      return;
    case "source":
      // The citations that it was derived from go back themselves.
      if (vendorDataOf(message).citations === undefined) {
        unsupported(rendering, path, "a source without its citation has no place in a request; it was left out");
      }
      return;
    case "image":
    case "audio":
    case "file":
      unsupported(rendering, path, `an assistant's message has no place for a ${part.type}; it was left out`);
  }
}
