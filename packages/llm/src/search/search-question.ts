/** What the user asks in a conversation, and what of it is theirs to ask: pasted text, quotations and code are set aside. */
import type { Message } from "../message.ts";
import { withoutInvisible } from "./plain-text.ts";

/** What a user asks, as far as it bears on a search. */
export interface SearchQuestion {
  /** All words of the last user message. */
  readonly text: string;
  /** Of these: the asking itself, on one line, at most 600 characters. */
  readonly asking: string;
  /** What a short question follows up: the asking of the user message before it. */
  readonly before?: string;
  /** Place of the user message in the conversation. */
  readonly index: number;
  /** True when tool calls were answered since: the model is still at work on the question. */
  readonly underWay: boolean;
}

/** Undefined where nothing is asked: no user message, or the caller began the answer already. */
export function questionOf(messages: readonly Message[]): SearchQuestion | undefined {
  const last = messages.at(-1)?.role;
  if (last !== "user" && last !== "tool") return undefined;
  const index = messages.findLastIndex((message) => message.role === "user");
  const message = messages[index];
  if (message === undefined) return undefined;
  const text = wordsOf(message);
  if (text.trim() === "") return undefined;
  const earlier = messages.slice(0, index).findLast((one) => one.role === "user");
  const before = earlier === undefined ? "" : askingOf(wordsOf(earlier));
  return { text, asking: askingOf(text), index, underWay: last === "tool", ...(before === "" ? {} : { before }) };
}

/** Parts are pieces of their own; joined without a break, words would run together. */
function wordsOf(message: Message): string {
  return message.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

/** A text longer than this was most likely pasted; then the question stands at its beginning or its end. Characters. */
const PASTED_LENGTH_MIN = 1_200;
const EDGE_LENGTH = 300;
/** No more is looked at. Characters. */
const LOOKED_AT_MAX = 100_000;

/** The asking itself, on one line. */
export function askingOf(text: string): string {
  const own = withoutQuotations(
    text.length > LOOKED_AT_MAX ? `${text.slice(0, LOOKED_AT_MAX / 2)}\n${text.slice(-LOOKED_AT_MAX / 2)}` : text,
  );
  if (own.length <= PASTED_LENGTH_MIN) return withoutInvisible(own).slice(0, EDGE_LENGTH * 4);
  return withoutInvisible(`${firstLine(own)} ${lastLine(own)}`);
}

/** Without code, quoted lines, and quoted passages of four words or more. A short quotation is a name or a title. */
export function withoutQuotations(text: string): string {
  return text
    .replace(/```[\s\S]*?(?:```|$)/g, " ")
    .replace(/`([^`\n]*)`/g, (_whole, inner: string) => (isPassage(inner) ? " " : inner))
    .replace(/^[ \t]*>.*$/gm, " ")
    .replace(/["“„«»]([^"“”„«»\n]{0,2000})["”“«»]/g, (whole, inner: string) => (isPassage(inner) ? " " : whole));
}

function isPassage(words: string): boolean {
  return words.trim().split(/\s+/).length >= 4;
}

function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0] ?? "";
  return line.length <= EDGE_LENGTH ? line : (/^[^.!?]*[.!?]?/.exec(line)?.[0] ?? "").slice(0, EDGE_LENGTH);
}

/** A long last line is what was pasted, but for a question at its very end. */
function lastLine(text: string): string {
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  return line.length <= EDGE_LENGTH ? line : (/[^.!?]*\?$/.exec(line.slice(-EDGE_LENGTH))?.[0] ?? "");
}
