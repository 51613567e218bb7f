/**
 * The conversation as turns of this wire. System messages go to the top; neighbours of one role become one turn, in which
 * results of tools stand first and calls of tools last, as the vendor demands.
 */
import type { Message, SystemMessage } from "../../message.ts";
import { sourcesOf } from "./citations.ts";
import { renderAssistantPart, renderToolResult, renderUserPart, textBlock } from "./render-parts.ts";
import type { RenderState } from "./render-state.ts";
import { DIALECT } from "./vendor-data.ts";
import type { WireBlock, WireMessage } from "./wire.ts";

export interface RenderedMessages {
  readonly system: readonly WireBlock[];
  readonly messages: readonly WireMessage[];
  /** The blocks of each canonical message, by its index. */
  readonly byMessage: readonly (readonly WireBlock[])[];
}

export function renderMessages(messages: readonly Message[], state: RenderState): RenderedMessages {
  const system: WireBlock[] = [];
  const turns: WireMessage[] = [];
  const byMessage = messages.map((message, index) => {
    const blocks = renderBlocks(message, index, state);
    const inPlace = message.role !== "system" || standsMidway(messages, index, turns, state);
    if (inPlace) addToTurns(turns, message.role === "tool" ? "user" : message.role, blocks);
    else system.push(...blocks);
    return blocks;
  });
  for (const turn of turns) orderTurn(turn, state);
  trimLastTurn(turns, state);
  return { system, messages: turns.filter((turn) => turn.content.length > 0), byMessage };
}

/**
 * Whether a system message may stay where it is: after a user's turn and before an assistant's or the end, on a model that
 * takes it. Otherwise it goes to the top, which is reported, as its place had a meaning.
 */
function standsMidway(messages: readonly Message[], index: number, turns: readonly WireMessage[], state: RenderState): boolean {
  const previous = turns.at(-1)?.role;
  if (previous === undefined) return false;
  const next = messages.slice(index + 1).find((message) => message.role !== "system")?.role;
  const fits = previous !== "assistant" && (next === undefined || next === "assistant");
  if (state.rule.midConversationSystem === true && fits) return true;
  const detail = "a system message cannot stand here in a conversation; it went to the top";
  state.warnings.push({ type: "lossy", path: `messages[${index}]`, detail });
  return false;
}

function addToTurns(turns: WireMessage[], role: WireMessage["role"], blocks: readonly WireBlock[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: [...blocks] });
}

function renderBlocks(message: Message, index: number, state: RenderState): WireBlock[] {
  const path = `messages[${index}]`;
  const blocks = renderParts(message, path, state).filter((block) => block !== undefined);
  if (blocks.length === 0 && message.parts.length === 0) {
    state.warnings.push({ type: "lossy", path, detail: "a message without content is refused; it was left out" });
  }
  return blocks;
}

function renderParts(message: Message, path: string, state: RenderState): (WireBlock | undefined)[] {
  const at = (part: number): string => `${path}.parts[${part}]`;
  switch (message.role) {
    case "system":
      return renderSystem(message, path, state);
    case "user":
      if (message.name !== undefined) {
        const detail = "Anthropic has no names of speakers; it was left out";
        state.warnings.push({ type: "unsupported", path: `${path}.name`, detail });
      }
      return message.parts.map((part, index) => renderUserPart(part, at(index), state));
    case "tool":
      return message.parts.map((part, index) => renderToolResult(part, at(index), state));
    case "assistant":
      reportLostSources(message, path, state);
      return message.parts.map((part, index) => renderAssistantPart(part, at(index), state));
  }
}

function renderSystem(message: SystemMessage, path: string, state: RenderState): (WireBlock | undefined)[] {
  return message.parts.map((part, index) => textBlock(part, `${path}.parts[${index}]`, state));
}

/** Sources that no citation of the text carries are lost on this wire. */
function reportLostSources(message: Extract<Message, { role: "assistant" }>, path: string, state: RenderState): void {
  let carried = 0;
  for (const [index, part] of message.parts.entries()) {
    if (part.type === "text") carried += sourcesOf(part.vendor?.[DIALECT]?.citations).length;
    if (part.type !== "source" || carried-- > 0) continue;
    const detail = "a source without Anthropic's citation cannot be sent; it was left out";
    state.warnings.push({ type: "lossy", path: `${path}.parts[${index}]`, detail });
  }
}

/** Results first in a user's turn; text before calls in an assistant's. Both keep their order among themselves. */
function orderTurn(turn: WireMessage, state: RenderState): void {
  if (turn.role === "user") {
    const isResult = (block: WireBlock): boolean => block.type === "tool_result";
    turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
    return;
  }
  const firstCall = turn.content.findIndex((block) => block.type === "tool_use");
  if (firstCall < 0) return;
  const tail = turn.content.slice(firstCall);
  // Thinking and the vendor's own blocks are bound to their places; a turn with them after a call is the vendor's own.
  const movable = tail.every((block) => block.type === "tool_use" || block.type === "text");
  if (!movable || tail.every((block) => block.type === "tool_use")) return;
  const calls = tail.filter((block) => block.type === "tool_use");
  const texts = tail.filter((block) => block.type === "text");
  turn.content = [...turn.content.slice(0, firstCall), ...texts, ...calls];
  state.warnings.push({ type: "lossy", path: "messages", detail: "text after a tool call is refused; it went before the call" });
}

/** White space at the end of an answer to be continued is refused. */
function trimLastTurn(turns: readonly WireMessage[], state: RenderState): void {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || block?.type !== "text" || typeof block.text !== "string") return;
  const trimmed = block.text.trimEnd();
  if (trimmed === block.text) return;
  state.warnings.push({
    type: "lossy",
    path: "messages",
    detail: "white space at the end of the last answer is refused; it was trimmed",
  });
  block.text = trimmed;
  if (trimmed === "") last.content.pop();
}
