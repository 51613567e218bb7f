/** What is known of a stream while it is read, and how an event finds the item and the part that it is about. */
import { originOf, type ParseContext } from "../../dialect.ts";
import type { DragomanError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import { StreamWriter } from "../stream-writer.ts";
import { createdAtOf } from "./response.ts";
import { OPENAI_RESPONSES, vendorOf } from "./vendor-data.ts";

/** One part of an item, as far as it has gone out. */
export interface Piece {
  readonly key: string;
  /** UTF-16 units written. */
  written: number;
  /** Sources written after it. */
  sources: number;
}

export interface OpenItem {
  readonly index: number;
  /** The wire's id of the item, where it began with one. */
  id: string | undefined;
  readonly pieces: Piece[];
  /** Where the text of a reasoning item comes from; the first kind that is seen, as some servers send both. */
  reasoningFrom: "content" | "summary" | undefined;
  reasoningPiece: number;
  /** Arguments that came before the call's name. */
  heldArguments: string;
  isCall: boolean;
  done: JsonObject | undefined;
}

export interface State {
  readonly writer: StreamWriter;
  readonly context: ParseContext;
  readonly items: (OpenItem | undefined)[];
  readonly indexById: Map<string, number>;
  lastIndex: number;
  /** An index came twice, so that the wire's own no longer name items. */
  isRenumbered: boolean;
  vagueError: DragomanError | undefined;
  /** The response in the background, and the last of its events. */
  background: { readonly id: string; sequenceNumber: number } | undefined;
}

/** An index above this is taken for none, so that no wire makes us count to it. */
const INDEX_MAX = 10_000;

export function createState(context: ParseContext): State {
  return {
    writer: new StreamWriter(),
    context,
    items: [],
    indexById: new Map(),
    lastIndex: -1,
    isRenumbered: false,
    vagueError: undefined,
    background: undefined,
  };
}

export function startWith(state: State, response: JsonObject): void {
  if (state.writer.started) return;
  const id = typeof response.id === "string" ? response.id : "";
  state.writer.start(id, originOf(OPENAI_RESPONSES, state.context, response.model), createdAtOf(response));
}

export function itemOf(state: State, event: JsonObject, id: unknown = event.item_id): OpenItem {
  const index = event.output_index;
  if (isIndex(index) && !state.isRenumbered) return itemAt(state, index);
  // llama.cpp leaves the index out, and others repeat one; then the id decides, and last the order.
  const byId = typeof id === "string" ? state.indexById.get(id) : undefined;
  return itemAt(state, byId ?? Math.max(0, state.lastIndex));
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= INDEX_MAX;
}

export function itemAt(state: State, index: number): OpenItem {
  const known = state.items[index];
  if (known !== undefined) return known;
  if (!state.writer.started) startWith(state, {});
  const item: OpenItem = {
    index,
    id: undefined,
    pieces: [],
    reasoningFrom: undefined,
    reasoningPiece: 0,
    heldArguments: "",
    isCall: false,
    done: undefined,
  };
  state.items[index] = item;
  state.lastIndex = index;
  return item;
}

export function pieceOf(item: OpenItem, position: unknown): Piece {
  const index = isIndex(position) ? position : 0;
  const known = item.pieces[index];
  if (known !== undefined) return known;
  const piece: Piece = { key: `${item.index}:${index}`, written: 0, sources: 0 };
  item.pieces[index] = piece;
  return piece;
}

/** What a part tells at its start, so that a client of this wire gets the item's own id from the beginning. */
export function startVendor(item: OpenItem): VendorData | undefined {
  return item.id === undefined ? undefined : vendorOf({ item: { id: item.id } }).vendor;
}

export function newItem(state: State, index: unknown): OpenItem {
  if (isIndex(index) && !state.isRenumbered && state.items[index] === undefined) return itemAt(state, index);
  state.isRenumbered ||= isIndex(index);
  return itemAt(state, state.items.length);
}
