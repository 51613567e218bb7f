/**
 * The turn that still goes on: its tool calls are just being given their results. With a thinking budget it must begin with
 * thinking ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"), without thinking it must hold none, and a
 * later call in it may stand without. Adaptive thinking asks for none of this. Claude has the same law on every wire.
 *
 * Sources: docs.claude.com, "Extended thinking", on toggling thinking modes and on interleaved thinking; "Adaptive thinking",
 * on validation.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

/** A message of the wire, rendered or as a client wrote it. */
interface Turn {
  readonly role: string;
  readonly content: string | readonly unknown[];
}

/** How a wire writes what matters here. */
export interface TurnBlocks {
  isThinking(block: unknown): boolean;
  /** Of a tool. */
  isResult(block: unknown): boolean;
  /** Says nothing, as a mark for the cache that has a block of its own. */
  isMark(block: unknown): boolean;
}

/** Of the messages API. */
export const MESSAGES_BLOCKS: TurnBlocks = {
  isThinking,
  isResult: (block) => typeOf(block) === "tool_result",
  isMark: () => false,
};

export const THINKING_LEFT_OUT =
  "the turn whose tool calls are being answered began without thinking; thinking was left out until it is over";

/** The assistant's messages of the open turn, oldest first. None: no turn is open. */
export function openTurnOf<Message extends Turn>(messages: readonly Message[], wire: TurnBlocks): readonly Message[] {
  const said: Message[] = [];
  let isOpen = false;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message === undefined) break;
    if (message.role === "user") {
      // The user's own words begin a new turn, but for those beside the very last results.
      const blocks = blocksOf(message, wire);
      if (isOpen ? !blocks.every(wire.isResult) : !blocks.some(wire.isResult)) break;
      isOpen = true;
    } else if (message.role === "assistant") {
      if (!isOpen) break;
      said.unshift(message);
    }
  }
  return said;
}

/** Whether a turn is open that another model began, or this one without thinking. */
export function lacksThinking(openTurn: readonly Turn[], wire: TurnBlocks): boolean {
  const [first] = openTurn;
  return first !== undefined && !wire.isThinking(blocksOf(first, wire)[0]);
}

function isThinking(block: unknown): boolean {
  const type = typeOf(block);
  return type === "thinking" || type === "redacted_thinking";
}

function typeOf(block: unknown): JsonValue | undefined {
  return isJsonObject(block) ? block.type : undefined;
}

function blocksOf({ content }: Turn, { isMark }: TurnBlocks): readonly unknown[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content.filter((block) => !isMark(block));
}

/** A client's messages, as far as they are messages. */
export function turnsOf(messages: JsonValue | undefined): readonly Turn[] {
  return Array.isArray(messages) ? messages.filter(isTurn) : [];
}

function isTurn(value: unknown): value is JsonObject & Turn {
  return (
    isJsonObject(value) && typeof value.role === "string" && (typeof value.content === "string" || Array.isArray(value.content))
  );
}
