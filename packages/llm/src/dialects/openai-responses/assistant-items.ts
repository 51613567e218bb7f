/**
 * The parts of an assistant message as items of the wire: towards a vendor as history, towards a client as the answer.
 * Every field that came with an item goes back with it; a part that another maker wrote gets a plain item.
 */
import type { JsonObject } from "../../json.ts";
import type { AssistantPart, ReasoningPart, RefusalPart, SourcePart, TextPart, ToolCallPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { annotationsFor } from "./citations.ts";
import { OPENAI_RESPONSES, ownVendor } from "./vendor-data.ts";
import type { WireFunctionCall } from "./wire.ts";

export type ItemKind = "message" | "reasoning" | "function_call";

export interface ItemRules {
  /** Makes the id of an item that has none. Absent: it stays without, as history may. */
  readonly makeId?: (kind: ItemKind, partIndex: number) => string;
  /** Leave out the ids of messages and calls: another model made them. */
  readonly omitIds?: boolean;
  /** What to do with a part that has no item of its own. Returns the items that stand for it, if any. */
  readonly foreign: (part: AssistantPart, partIndex: number) => readonly JsonObject[];
  readonly warn: (partIndex: number, type: Warning["type"], detail: string) => void;
}

export function assistantItems(parts: readonly AssistantPart[], rules: ItemRules): JsonObject[] {
  const items: JsonObject[] = [];
  let open: OpenMessage | undefined;
  const close = (): void => {
    if (open !== undefined) items.push(messageItem(open, rules));
    open = undefined;
  };
  for (const [index, part] of parts.entries()) {
    if (part.type === "source") {
      if (open === undefined)
        rules.warn(index, "lossy", "a source stands after no text that it could be a citation of; left out");
      else open.contents.at(-1)?.sources.push(part);
      continue;
    }
    if (part.type === "text" || part.type === "refusal") {
      if (open === undefined || ownVendor(part).continues !== true) {
        close();
        open = { partIndex: index, item: ownVendor(part).item, contents: [] };
      }
      open.contents.push({ part, sources: [] });
      continue;
    }
    close();
    items.push(...otherItems(part, index, rules));
  }
  close();
  return items;
}

function otherItems(
  part: Exclude<AssistantPart, TextPart | RefusalPart | SourcePart>,
  index: number,
  rules: ItemRules,
): readonly JsonObject[] {
  if (part.type === "reasoning")
    return ownVendor(part).item === undefined ? rules.foreign(part, index) : [reasoningItem(part, index, rules)];
  if (part.type === "tool-call") return [callItem(part, index, rules)];
  if (part.type === "opaque" && part.dialect === OPENAI_RESPONSES) return [part.value];
  return rules.foreign(part, index);
}

interface OpenMessage {
  readonly partIndex: number;
  readonly item: JsonObject | undefined;
  readonly contents: { readonly part: TextPart | RefusalPart; readonly sources: SourcePart[] }[];
}

function messageItem(message: OpenMessage, rules: ItemRules): JsonObject {
  const isAnswer = rules.makeId !== undefined;
  const fields = identified("message", message.item, message.partIndex, rules);
  const isPlain = !isAnswer && fields === undefined;
  const contents = message.contents.map(({ part, sources }) => contentOf(part, sources, isPlain));
  const [only] = message.contents;
  // The short form is the one that every server of this wire takes.
  if (isPlain && message.contents.length === 1 && only?.part.type === "text" && Object.keys(contents[0] ?? {}).length === 2) {
    return { role: "assistant", content: only.part.text };
  }
  return { type: "message", role: "assistant", ...(isAnswer ? { status: "completed" } : {}), ...fields, content: contents };
}

/** The content of a message. `isPlain` leaves out the lists that a full item must have. */
function contentOf(part: TextPart | RefusalPart, sources: readonly SourcePart[], isPlain: boolean): JsonObject {
  const fields = ownVendor(part).content ?? {};
  if (part.type === "refusal") return { type: "refusal", refusal: part.text, ...fields };
  const annotations = annotationsFor(fields.annotations, sources, part.text);
  const lists = isPlain && annotations.length === 0 ? {} : { annotations };
  return { type: "output_text", text: part.text, ...fields, ...lists };
}

function reasoningItem(part: ReasoningPart, partIndex: number, rules: ItemRules): JsonObject {
  const fields = identified("reasoning", ownVendor(part).item, partIndex, rules);
  return { ...fields, type: "reasoning", summary: fields?.summary ?? [] };
}

function callItem(part: ToolCallPart, partIndex: number, rules: ItemRules): WireFunctionCall & JsonObject {
  const fields = identified("function_call", ownVendor(part).item, partIndex, rules);
  return {
    ...(rules.makeId === undefined ? {} : { status: "completed" }),
    ...fields,
    type: "function_call",
    call_id: part.id,
    name: part.name,
    arguments: part.argumentsText ?? JSON.stringify(part.arguments),
  };
}

function identified(kind: ItemKind, fields: JsonObject | undefined, partIndex: number, rules: ItemRules): JsonObject | undefined {
  if (rules.omitIds === true && fields?.id !== undefined) {
    const { id: _id, ...rest } = fields;
    return rest;
  }
  if (rules.makeId === undefined || typeof fields?.id === "string") return fields;
  if (fields !== undefined) rules.warn(partIndex, "other", `the ${kind} came without an id, which the wire demands; it got one`);
  return { ...fields, id: rules.makeId(kind, partIndex) };
}
