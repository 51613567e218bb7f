/** The conversation as the wire has it: one system instruction, then steps of the user, the model and the tools. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Message, SystemMessage, ToolResultContent, ToolResultPart, UserMessage } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { ownData } from "./fields.ts";
import { renderMedia } from "./media.ts";
import { renderOpaque, renderSteps } from "./steps.ts";

export interface RenderedInput {
  readonly system: string | undefined;
  readonly steps: readonly JsonObject[];
}

export function renderInput(messages: readonly Message[], warnings: Warning[]): RenderedInput {
  const system: string[] = [];
  const steps: JsonObject[] = [];
  const names = callNames(messages);
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    switch (message.role) {
      case "system":
        if (steps.length === 0) system.push(...message.parts.map(({ text }) => text));
        else steps.push(laterInstruction(message, path, warnings));
        break;
      case "user":
        steps.push(...renderUser(message, path, warnings));
        break;
      case "assistant":
        steps.push(...renderSteps(message.parts, path, warnings));
        break;
      case "tool":
        steps.push(...message.parts.map((part, at) => renderResult(part, names, `${path}.parts[${at}]`, warnings)));
    }
  }
  if (system.length > 1) {
    const detail = "several system texts were joined by blank lines; the wire has one string";
    warnings.push({ type: "lossy", path: "messages[0]", detail });
  }
  return { system: system.length === 0 ? undefined : system.join("\n\n"), steps };
}

/** The wire has one system instruction, before everything. */
function laterInstruction({ parts }: SystemMessage, path: string, warnings: Warning[]): JsonObject {
  warnings.push({ type: "lossy", path, detail: "a later system message cannot stand here; it went as the user's words" });
  return { type: "user_input", content: parts.map(({ text }) => ({ type: "text", text })) };
}

function callNames(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { role, parts } of messages) {
    if (role !== "assistant") continue;
    for (const part of parts) if (part.type === "tool-call") names.set(part.id, part.name);
  }
  return names;
}

function renderUser(message: UserMessage, path: string, warnings: Warning[]): readonly JsonObject[] {
  if (message.name !== undefined) {
    const detail = "the wire has no name of a speaker; left out";
    warnings.push({ type: "unsupported", path: `${path}.name`, detail, value: message.name });
  }
  const steps: JsonObject[] = [];
  let content: JsonObject[] = [];
  const close = (): void => {
    if (content.length > 0) steps.push({ type: "user_input", content });
    content = [];
  };
  for (const [index, part] of message.parts.entries()) {
    const place = `${path}.parts[${index}]`;
    if (part.type === "text") content.push({ ...ownData(part), type: "text", text: part.text });
    else if (part.type !== "opaque") content.push(renderMedia(part, place, warnings));
    else {
      const step = renderOpaque(part, place, warnings);
      if (step === undefined) continue;
      close();
      steps.push(step);
    }
  }
  close();
  return steps;
}

function renderResult(part: ToolResultPart, names: ReadonlyMap<string, string>, path: string, warnings: Warning[]): JsonObject {
  const name = part.toolName ?? names.get(part.toolCallId);
  return {
    ...ownData(part),
    type: "function_result",
    call_id: part.toolCallId,
    ...(name === undefined ? {} : { name }),
    result: renderContent(part.content, path, warnings),
    ...(part.isError === true ? { is_error: true } : {}),
  };
}

/** One text and one JSON object have forms of their own; everything else is a list of blocks. */
function renderContent(content: readonly ToolResultContent[], path: string, warnings: Warning[]): JsonValue {
  const [only, ...more] = content;
  if (more.length === 0 && only?.type === "text" && only.vendor === undefined) return only.text;
  if (more.length === 0 && only?.type === "json" && isJsonObject(only.value)) return only.value;
  return content.map((part, index) => {
    const place = `${path}.content[${index}]`;
    if (part.type === "text") return { ...ownData(part), type: "text", text: part.text };
    if (part.type !== "json") return renderMedia(part, place, warnings);
    warnings.push({ type: "lossy", path: place, detail: "JSON that is not an object alone was sent as text" });
    return { type: "text", text: JSON.stringify(part.value) };
  });
}
