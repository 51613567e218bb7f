/**
 * The turn that still goes on: its tool calls are just being given their results. With a thinking budget it must begin with
 * thinking ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"), without thinking it must hold none, and a
 * later call in it may stand without. Adaptive thinking asks for none of this.
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

/** The assistant's messages of the open turn, oldest first. None: no turn is open. */
export function openTurnOf<Message extends Turn>(messages: readonly Message[]): readonly Message[] {
  const said: Message[] = [];
  let isOpen = false;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message === undefined) break;
    if (message.role === "user") {
      // The user's own words begin a new turn, but for those beside the very last results.
      if (isOpen ? !blocksOf(message).every(isResult) : !blocksOf(message).some(isResult)) break;
      isOpen = true;
    } else if (message.role === "assistant") {
      if (!isOpen) break;
      said.unshift(message);
    }
  }
  return said;
}

/** Whether a turn is open that another model began, or this one without thinking. */
export function lacksThinking(openTurn: readonly Turn[]): boolean {
  const [first] = openTurn;
  return first !== undefined && !isThinking(blocksOf(first)[0]);
}

export function isThinking(block: unknown): boolean {
  const type = typeOf(block);
  return type === "thinking" || type === "redacted_thinking";
}

function isResult(block: unknown): boolean {
  return typeOf(block) === "tool_result";
}

function typeOf(block: unknown): JsonValue | undefined {
  return isJsonObject(block) ? block.type : undefined;
}

function blocksOf({ content }: Turn): readonly unknown[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
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
