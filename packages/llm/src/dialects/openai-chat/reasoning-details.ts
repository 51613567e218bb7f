/**
 * `reasoning_details` of OpenRouter and gateways like it: a list of text, summary and encrypted entries. In a stream an
 * entry comes in pieces; it must go back whole and verbatim, or the model behind refuses its own signature.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

export type ReasoningDetail = Record<string, JsonValue>;

/** Fields whose pieces are joined; every other field keeps its last value that is not null. */
const JOINED: ReadonlySet<string> = new Set(["text", "summary"]);

/** Adds the entries of one delta. A piece continues the last entry when type and index agree; encrypted entries are whole. */
export function addReasoningDetails(entries: ReasoningDetail[], delta: readonly JsonValue[]): void {
  for (const piece of delta) {
    if (!isJsonObject(piece)) continue;
    const last = entries.at(-1);
    if (last !== undefined && continues(last, piece)) join(last, piece);
    else entries.push(Object.fromEntries(Object.entries(piece).map(([key, value]) => [key, value ?? null])));
  }
}

function continues(last: ReasoningDetail, piece: JsonObject): boolean {
  if (last.type !== piece.type || piece.type === "reasoning.encrypted") return false;
  if (piece.index === undefined || piece.index === null) return true;
  return last.index === piece.index;
}

function join(entry: ReasoningDetail, piece: JsonObject): void {
  for (const [key, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue;
    const before = entry[key];
    entry[key] = JOINED.has(key) && typeof before === "string" && typeof value === "string" ? before + value : value;
  }
}

/** What the entries say in words. */
export function textOfReasoningDetails(entries: readonly JsonValue[]): string {
  let text = "";
  for (const entry of entries) {
    if (!isJsonObject(entry)) continue;
    if (typeof entry.text === "string") text += entry.text;
    else if (typeof entry.summary === "string") text += entry.summary;
  }
  return text;
}

/** Some servers send two plain fields with the same text: the first that says something counts. */
export function plainReasoningOf(holder: JsonObject): string {
  const { reasoning_content: content, reasoning, reasoning_text: text } = holder;
  if (typeof content === "string" && content !== "") return content;
  if (typeof reasoning === "string" && reasoning !== "") return reasoning;
  return typeof text === "string" ? text : "";
}

/** The reasoning of a whole message. */
export function reasoningTextOf(message: JsonObject): string {
  const plain = plainReasoningOf(message);
  const details = message.reasoning_details;
  return plain === "" && Array.isArray(details) ? textOfReasoningDetails(details) : plain;
}
