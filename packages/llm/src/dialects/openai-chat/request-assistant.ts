/** An assistant's turn as one wire message: content, reasoning, refusal, calls and audio beside one another. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { AssistantMessage, AssistantPart, Message, ReasoningPart, TextPart, ToolCallPart } from "../../message.ts";
import { ruleOf } from "./quirks.ts";
import { addReasoningDetails, type ReasoningDetail } from "./reasoning-details.ts";
import { type Rendering, unsupported, type WireMessage } from "./rendering.ts";
import { renderTexts, wellFormed } from "./request-content.ts";
import { CUSTOM_TOOL_CALL, OPENAI_CHAT, vendorDataOf } from "./vendor-data.ts";

interface SortedParts {
  readonly texts: TextPart[];
  readonly reasoning: ReasoningPart[];
  readonly calls: JsonObject[];
  refusal: string | undefined;
  audio: JsonObject | undefined;
}

export function renderAssistant(rendering: Rendering, message: AssistantMessage, path: string): WireMessage {
  const sorted = sortParts(rendering, message, path);
  const content = renderAssistantContent(rendering, sorted, path);
  return {
    role: "assistant",
    ...(content === undefined ? {} : { content }),
    ...renderReasoning(rendering, sorted, path),
    ...(sorted.refusal === undefined ? {} : { refusal: sorted.refusal }),
    ...(sorted.audio === undefined ? {} : { audio: sorted.audio }),
    ...(sorted.calls.length === 0 ? {} : { tool_calls: sorted.calls }),
    ...vendorDataOf(message).fields,
  };
}

function sortParts(rendering: Rendering, message: AssistantMessage, path: string): SortedParts {
  const sorted: SortedParts = { texts: [], reasoning: [], calls: [], refusal: undefined, audio: undefined };
  let textAfterCalls = false;
  for (const [index, part] of message.parts.entries()) {
    if (part.type === "text" && sorted.calls.length > 0) textAfterCalls = true;
    sortPart(rendering, part, `${path}.parts[${index}]`, sorted);
  }
  if (textAfterCalls) {
    const detail = "text after a tool call went before it; the wire keeps no order between them";
    rendering.warnings.push({ type: "lossy", path, detail });
  }
  return sorted;
}

function sortPart(rendering: Rendering, part: AssistantPart, path: string, sorted: SortedParts): void {
  switch (part.type) {
    case "text":
      sorted.texts.push(part);
      return;
    case "reasoning":
      sorted.reasoning.push(part);
      return;
    case "tool-call":
      sorted.calls.push(renderToolCall(part));
      return;
    case "refusal":
      sorted.refusal = (sorted.refusal ?? "") + wellFormed(rendering, part.text, path);
      return;
    case "audio": {
      const id = vendorDataOf(part).audio?.id ?? (part.source.type === "reference" ? part.source.id : undefined);
      if (id !== undefined) sorted.audio = { id };
      else unsupported(rendering, path, "earlier audio goes back only by the vendor's id; it was left out");
      return;
    }
    case "opaque":
      if (part.dialect === OPENAI_CHAT && part.kind === CUSTOM_TOOL_CALL) sorted.calls.push(part.value);
      else unsupported(rendering, path, `a ${part.kind} of ${part.dialect} was left out`);
      return;
    case "source":
      unsupported(rendering, path, "a request has no place for sources; it was left out");
      return;
    case "image":
    case "file":
      unsupported(rendering, path, `an assistant's message has no place for a ${part.type}; it was left out`);
      return;
  }
}

function renderToolCall(part: ToolCallPart): JsonObject {
  return {
    id: part.id,
    type: "function",
    function: { name: part.name, arguments: part.argumentsText ?? JSON.stringify(part.arguments) },
    ...vendorDataOf(part).fields,
  };
}

/** Without text: null, or what the vendor wants instead, beside calls; an empty string otherwise. */
function renderAssistantContent(rendering: Rendering, sorted: SortedParts, path: string): JsonValue | undefined {
  if (sorted.texts.length > 0) return renderTexts(rendering, sorted.texts, path, "");
  if (sorted.calls.length === 0 && sorted.refusal === undefined && sorted.audio === undefined) return "";
  const { emptyAssistantContent } = rendering.quirks;
  if (emptyAssistantContent === "omit") return undefined;
  return emptyAssistantContent === "null" ? null : "";
}

function renderReasoning(rendering: Rendering, sorted: SortedParts, path: string): WireMessage {
  const { reasoningReplay, reasoningReplayByModel, reasoningReplayRequired: required } = rendering.quirks;
  const field = ruleOf(rendering.request.model, reasoningReplayByModel)?.replay ?? reasoningReplay;
  const { reasoning } = sorted;
  if (field === "none") {
    if (reasoning.length > 0) unsupported(rendering, path, "the vendor takes no earlier reasoning; it was left out");
    return {};
  }
  const details: ReasoningDetail[] = [];
  for (const part of reasoning) addReasoningDetails(details, vendorDataOf(part).reasoningDetails ?? []);
  if (field === "reasoning_details" && details.length > 0) return { reasoning_details: details };
  if (details.length > 0) unsupported(rendering, path, "the vendor takes reasoning as text only; its details were left out");
  const text = reasoning.map((part) => part.text).join("\n\n");
  if (text === "" && !(required && hasToolCalls(rendering.request.messages))) return {};
  return { [field === "reasoning_details" ? "reasoning" : field]: wellFormed(rendering, text, path) };
}

function hasToolCalls(messages: readonly Message[]): boolean {
  return messages.some((message) => message.role === "assistant" && message.parts.some((part) => part.type === "tool-call"));
}
