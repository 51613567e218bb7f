/** Messages -> `instructions` and `input`. */
import type { JsonObject } from "../../json.ts";
import type { AssistantMessage, Message, SystemMessage, ToolResultPart, UserMessage } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { assistantItems } from "./assistant-items.ts";
import { isMadeItemId } from "./made-ids.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { type InputPart, inputContent } from "./render-content.ts";
import { OPENAI_RESPONSES, ownVendor } from "./vendor-data.ts";

export interface InputRendering {
  /** The model that is asked. */
  readonly model: string;
  readonly quirks: ResolvedQuirks;
  readonly warnings: Warning[];
}

export interface RenderedInput {
  readonly instructions?: string;
  readonly items: readonly JsonObject[];
}

export function renderInput(messages: readonly Message[], rendering: InputRendering): RenderedInput {
  const items: JsonObject[] = [];
  const instructions: string[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    switch (message.role) {
      case "system":
        if (isInstructions(message, items, rendering)) instructions.push(message.parts.map((part) => part.text).join("\n\n"));
        else items.push(...systemItems(message, path, rendering));
        break;
      case "user":
        items.push(...userItems(message, path, rendering));
        break;
      case "assistant":
        items.push(...historyItems(message, path, rendering));
        break;
      case "tool":
        for (const [part, result] of message.parts.entries()) items.push(resultItem(result, `${path}.parts[${part}]`, rendering));
        break;
    }
  }
  return { ...(instructions.length === 0 ? {} : { instructions: instructions.join("\n\n") }), items };
}

function isInstructions(message: SystemMessage, before: readonly JsonObject[], rendering: InputRendering): boolean {
  if (before.length > 0) return false;
  return ownVendor(message).instructions === true || rendering.quirks.systemRole === "instructions";
}

function systemItems(message: SystemMessage, path: string, rendering: InputRendering): readonly JsonObject[] {
  const { role, item } = ownVendor(message);
  const usual = rendering.quirks.systemRole === "developer" ? "developer" : "system";
  const content = contentsOf(message.parts, path, rendering);
  return content.length === 0 ? [] : [inputMessage(role ?? usual, content, item)];
}

function userItems(message: UserMessage, path: string, rendering: InputRendering): readonly JsonObject[] {
  if (message.name !== undefined) {
    rendering.warnings.push({ type: "lossy", path: `${path}.name`, detail: "this wire has no name of the speaker; left out" });
  }
  const items: JsonObject[] = [];
  let content: JsonObject[] = [];
  const close = (): void => {
    if (content.length > 0) items.push(inputMessage("user", content, ownVendor(message).item));
    content = [];
  };
  for (const [index, part] of message.parts.entries()) {
    // A content part is named `input_…`; any other block is an item of its own.
    if (part.type === "opaque" && part.dialect === OPENAI_RESPONSES && !part.kind.startsWith("input_")) {
      close();
      if (isUsable(part.value, `${path}.parts[${index}]`, rendering)) items.push(part.value);
    } else {
      content.push(...contentsOf([part], path, rendering, index));
    }
  }
  close();
  return items;
}

function inputMessage(role: string, content: readonly JsonObject[], fields: JsonObject | undefined): JsonObject {
  return { ...(fields === undefined ? {} : { type: "message", ...fields }), role, content: plainText(content) ?? content };
}

/** The text alone, where there is nothing but one plain text. */
function plainText(content: readonly JsonObject[]): string | undefined {
  const [only] = content;
  const isPlain = content.length === 1 && only !== undefined && only.type === "input_text" && Object.keys(only).length === 2;
  return isPlain && typeof only.text === "string" ? only.text : undefined;
}

function contentsOf(parts: readonly InputPart[], path: string, rendering: InputRendering, first = 0): JsonObject[] {
  return parts.flatMap((part, index) => {
    const content = inputContent(part, (type, detail) => {
      rendering.warnings.push({ type, path: `${path}.parts[${first + index}]`, detail });
    });
    return content === undefined ? [] : [content];
  });
}

/** The assistant's share of the history. */
function historyItems(message: AssistantMessage, path: string, rendering: InputRendering): readonly JsonObject[] {
  const warn = (index: number, type: Warning["type"], detail: string): void => {
    rendering.warnings.push({ type, path: `${path}.parts[${index}]`, detail });
  };
  const parts = message.parts.filter((part, index) => {
    if (part.type === "opaque" && part.dialect === OPENAI_RESPONSES) {
      return isUsable(part.value, `${path}.parts[${index}]`, rendering);
    }
    if (part.type !== "reasoning" || !rendering.quirks.stateless || isReadable(ownVendor(part).item)) return true;
    warn(index, "handoff", "the server keeps nothing, and this reasoning is only an id; left out");
    return false;
  });
  const replaysReasoning = parts.some((part) => part.type === "reasoning" && ownVendor(part).item !== undefined);
  return assistantItems(parts, {
    // An id makes the vendor look for the reasoning that came with it; of another model's answer it would not find it.
    omitIds: !replaysReasoning && message.origin !== undefined && !isSameModel(message.origin.model, rendering.model),
    foreign(part, index) {
      const what = part.type === "opaque" ? `a ${part.kind} block of ${part.dialect}` : `${part.type} in an assistant message`;
      if (part.type === "reasoning")
        warn(index, "handoff", "reasoning that this vendor did not make cannot be replayed; left out");
      else
        warn(
          index,
          part.type === "opaque" ? "handoff" : "unsupported",
          `${what} has no form in the input of this wire; left out`,
        );
      return [];
    },
    warn,
  });
}

function isReadable(item: JsonObject | undefined): boolean {
  const { encrypted_content: encrypted, content, summary } = item ?? {};
  if (typeof encrypted === "string" && encrypted !== "") return true;
  return [content, summary].some((list) => Array.isArray(list) && list.length > 0);
}

/** The vendor answers with a dated name, `gpt-5-2025-08-07` for `gpt-5`; routers put a prefix before it. */
function isSameModel(answered: string, asked: string): boolean {
  return withoutAffixes(answered) === withoutAffixes(asked);
}

function withoutAffixes(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1).replace(/-\d{4}-?\d{2}-?\d{2}$/, "");
}

/** A reference to an item that the server keeps needs a server that keeps it, and that made it. */
function isUsable(item: JsonObject, path: string, rendering: InputRendering): boolean {
  if (item.type !== "item_reference") return true;
  if (rendering.quirks.stateless) {
    rendering.warnings.push({ type: "unsupported", path, detail: "the server keeps no items to refer to; left out" });
    return false;
  }
  if (!isMadeItemId(item.id)) return true;
  const detail = "refers to an item of another maker's answer, which this server does not have; left out: send the item itself";
  rendering.warnings.push({ type: "unsupported", path, detail });
  return false;
}

function resultItem(result: ToolResultPart, path: string, rendering: InputRendering): JsonObject {
  if (result.isError === true) {
    const detail = "this wire has no mark for a failed tool; only the content tells it";
    rendering.warnings.push({ type: "lossy", path: `${path}.isError`, detail });
  }
  const content = result.content.flatMap((part, index) => {
    const rendered = inputContent(part, (type, detail) => {
      rendering.warnings.push({ type, path: `${path}.content[${index}]`, detail });
    });
    return rendered === undefined ? [] : [rendered];
  });
  const output = content.length === 0 ? "" : (plainText(content) ?? content);
  return { ...ownVendor(result).item, type: "function_call_output", call_id: result.toolCallId, output };
}
