/** The conversation as this wire's messages: one a result, tool calls beside the content, media of results in a user message after them. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { Message, SystemMessage, ToolMessage, ToolResultPart, UserMessage, UserPart } from "../../message.ts";
import { systemRoleOf } from "./quirks.ts";
import { type Rendering, unsupported, type WireMessage } from "./rendering.ts";
import { renderAssistant } from "./request-assistant.ts";
import { renderContent, renderTexts } from "./request-content.ts";
import { vendorDataOf } from "./vendor-data.ts";

export function renderMessages(rendering: Rendering): readonly JsonObject[] {
  const { messages } = rendering.request;
  const rendered: WireMessage[] = [];
  let attachments: UserPart[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === "tool") {
      attachments.push(...renderToolMessage(rendering, message, path, rendered));
      if (messages[index + 1]?.role === "tool") continue;
      if (attachments.length > 0) pushUser(rendering, { role: "user", parts: attachments }, path, rendered);
      attachments = [];
    } else {
      renderMessage(rendering, message, path, rendered);
    }
  }
  const alternating = rendering.quirks.roles === "alternate" ? joinUserRuns(rendered) : rendered;
  return rendering.quirks.toolResultsInCallOrder ? inCallOrder(alternating) : alternating;
}

function renderMessage(rendering: Rendering, message: Exclude<Message, ToolMessage>, path: string, out: WireMessage[]): void {
  if (message.role === "system") pushSystem(rendering, message, path, out);
  else if (message.role === "user") pushUser(rendering, message, path, out);
  else out.push(renderAssistant(rendering, message, path));
}

function pushSystem(rendering: Rendering, message: SystemMessage, path: string, out: WireMessage[]): void {
  const { quirks, request, capabilities } = rendering;
  const role = capabilities.systemPrompt.answer === "no" ? "user" : systemRoleOf(request.model, quirks.systemRoles);
  const content = renderTexts(rendering, message.parts, path, "\n");
  if (quirks.systemMessages === "leading" && out.length > 0) {
    const first = out[0];
    if (out.length === 1 && first?.role === role && typeof first.content === "string" && typeof content === "string") {
      first.content = `${first.content}\n\n${content}`;
      return;
    }
    rendering.warnings.push({ type: "lossy", path, detail: "a later system message went as a user message" });
    out.push({ role: "user", content, ...vendorDataOf(message).fields });
    return;
  }
  out.push({ role, content, ...vendorDataOf(message).fields });
}

function pushUser(rendering: Rendering, message: UserMessage, path: string, out: WireMessage[]): void {
  const filler = rendering.quirks.assistantAfterToolResult;
  if (filler !== "" && out.at(-1)?.role === "tool") out.push({ role: "assistant", content: filler });
  const isNamed = message.name !== undefined && rendering.quirks.userNames;
  if (message.name !== undefined && !isNamed) {
    unsupported(rendering, `${path}.name`, "the vendor takes no names of speakers; it was left out");
  }
  out.push({
    role: "user",
    content: renderContent(rendering, message.parts, path),
    ...(isNamed ? { name: message.name } : {}),
    ...vendorDataOf(message).fields,
  });
}

/** One wire message a result. Returns the media that a tool message cannot carry. */
function renderToolMessage(rendering: Rendering, message: ToolMessage, path: string, out: WireMessage[]): UserPart[] {
  const attachments: UserPart[] = [];
  for (const [index, part] of message.parts.entries()) {
    const partPath = `${path}.parts[${index}]`;
    const { texts, media } = splitResult(rendering, part, partPath);
    attachments.push(...media);
    if (part.isError === true) {
      rendering.warnings.push({ type: "lossy", path: `${partPath}.isError`, detail: "the wire cannot mark a result as failed" });
    }
    const content = renderTexts(rendering, texts, partPath, "\n");
    out.push({
      role: "tool",
      tool_call_id: part.toolCallId,
      ...(rendering.quirks.toolMessageName && part.toolName !== undefined ? { name: part.toolName } : {}),
      content: content === "" ? rendering.quirks.emptyToolOutput : content,
      ...vendorDataOf(part).fields,
    });
  }
  return attachments;
}

function splitResult(rendering: Rendering, part: ToolResultPart, path: string) {
  const texts: Extract<UserPart, { type: "text" }>[] = [];
  const media: UserPart[] = [];
  for (const [index, content] of part.content.entries()) {
    const place = `${path}.content[${index}]`;
    if (content.type === "text") texts.push(content);
    else if (content.type === "json") {
      rendering.warnings.push({ type: "lossy", path: place, detail: "structured data went as JSON text" });
      texts.push({ type: "text", text: JSON.stringify(content.value) });
    } else {
      const detail = "tool messages carry text only; the media follows in a user message";
      rendering.warnings.push({ type: "lossy", path: place, detail });
      texts.push({ type: "text", text: `(see the ${content.type} below)` });
      media.push(content);
    }
  }
  return { texts, media };
}

/** Neighbouring messages of the user as one. Nothing is lost: the parts stay apart. */
function joinUserRuns(messages: readonly WireMessage[]): readonly WireMessage[] {
  const joined: WireMessage[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (message.role !== "user" || before?.role !== "user") joined.push(message);
    else joined[joined.length - 1] = { ...before, ...message, content: joinContents(before.content, message.content) };
  }
  return joined;
}

function joinContents(one: JsonValue | undefined, other: JsonValue | undefined): JsonValue {
  if (typeof one === "string" && typeof other === "string") return `${one}\n\n${other}`;
  return [...contentParts(one), ...contentParts(other)];
}

function contentParts(content: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(content)) return content;
  return typeof content === "string" ? [{ type: "text", text: content }] : [];
}

/** Runs of tool messages in the order of the calls that they answer; results of unknown calls stay last. */
function inCallOrder(messages: readonly WireMessage[]): readonly WireMessage[] {
  const ordered: WireMessage[] = [];
  let calls: readonly JsonValue[] = [];
  let run: WireMessage[] = [];
  const flush = (): void => {
    const place = (message: WireMessage): number => {
      const index = calls.indexOf(message.tool_call_id ?? "");
      return index < 0 ? calls.length : index;
    };
    ordered.push(...run.toSorted((one, other) => place(one) - place(other)));
    run = [];
  };
  for (const message of messages) {
    if (message.role === "tool") {
      run.push(message);
      continue;
    }
    flush();
    if (message.role === "assistant") calls = callIds(message);
    ordered.push(message);
  }
  flush();
  return ordered;
}

function callIds(message: WireMessage): readonly JsonValue[] {
  const calls = message.tool_calls;
  if (!Array.isArray(calls)) return [];
  return calls.map((call: JsonValue) => (typeof call === "object" && call !== null && "id" in call ? (call.id ?? "") : ""));
}
