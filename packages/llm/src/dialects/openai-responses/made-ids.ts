/**
 * Ids of items that no vendor made: an answer of another wire has none, and a client of this one is owed one. They say so in
 * themselves (`rs_dragoman_…`), for a client sends its items back: a vendor asked for an id that it never gave answers
 * "Item with id 'rs_…' not found".
 */
import type { JsonValue } from "../../json.ts";
import type { ItemKind } from "./assistant-items.ts";

const PREFIXES: Readonly<Record<ItemKind | "image", string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  image: "ig",
};

/** From the answer's id and the part's place, so alike in stream and answer: `msg_dragoman_<answer>_<place>`. */
export function madeItemId(responseId: string, kind: ItemKind | "image", partIndex: number): string {
  return `${PREFIXES[kind]}_dragoman_${responseId.replace(/^resp_/, "")}_${partIndex}`;
}

/** Whether an item's id was made here. */
export function isMadeItemId(id: JsonValue | undefined): boolean {
  return typeof id === "string" && /^(?:msg|rs|fc|ig)_dragoman_/.test(id);
}
