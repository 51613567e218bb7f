/**
 * Canonical messages as this wire's: what opens the conversation as `system`, then turns that alternate and begin with the
 * user's. Neighbours of one role become one turn, so all results of tools stand in one user's turn, before what else it says.
 */
import type { JsonObject } from "../../json.ts";
import type { AssistantMessage, Message, SystemMessage, UserMessage } from "../../message.ts";
import { renderAssistantPart, renderText, renderToolResult, renderUserPart } from "./render-parts.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";

export interface RenderedMessages {
  /** The blocks of each canonical message, by its index. Cache points may still be added to them. */
  readonly byMessage: readonly JsonObject[][];
  readonly systemEnd: number;
}

export function renderMessages(rendering: Rendering): RenderedMessages {
  const { messages } = rendering.request;
  const opening = messages.findIndex((message) => message.role !== "system");
  const openingEnd = opening < 0 ? messages.length : opening;
  const systemEnd = takesSystem(rendering, openingEnd) ? openingEnd : 0;
  return {
    byMessage: messages.map((message, index) => renderMessage(rendering, message, `messages[${index}]`, index < systemEnd)),
    systemEnd,
  };
}

function takesSystem(rendering: Rendering, count: number): boolean {
  if (count === 0 || rendering.capabilities.systemPrompt.answer !== "no") return true;
  lossy(rendering, "messages[0]", `${rendering.request.model} has no system prompt; it went as the user's words`);
  return false;
}

function renderMessage(rendering: Rendering, message: Message, path: string, inSystem: boolean): JsonObject[] {
  switch (message.role) {
    case "system":
      if (!inSystem && rendering.capabilities.systemPrompt.answer !== "no") {
        lossy(rendering, path, "a later system message went as the user's words");
      }
      return blocksOf(message.parts, path, (part, place) => renderText(rendering, part, place));
    case "user":
      return renderUser(rendering, message, path);
    case "assistant":
      return blocksOf(message.parts, path, (part, place) => renderAssistantPart(rendering, part, place));
    case "tool":
      return blocksOf(message.parts, path, (part, place) => renderToolResult(rendering, part, place));
  }
}

function renderUser(rendering: Rendering, message: UserMessage, path: string): JsonObject[] {
  if (message.name !== undefined) unsupported(rendering, `${path}.name`, "the wire has no names of speakers; it was left out");
  return blocksOf(message.parts, path, (part, place) => renderUserPart(rendering, part, place));
}

function blocksOf<Part>(
  parts: readonly Part[],
  path: string,
  render: (part: Part, path: string) => JsonObject | undefined,
): JsonObject[] {
  return parts.flatMap((part, index) => {
    const block = render(part, `${path}.parts[${index}]`);
    return block === undefined ? [] : [block];
  });
}

export function renderSystem({ byMessage, systemEnd }: RenderedMessages): readonly JsonObject[] {
  return byMessage.slice(0, systemEnd).flat();
}

// Turns

export interface Turn {
  readonly role: "user" | "assistant";
  content: JsonObject[];
}

export function renderTurns(rendering: Rendering, { byMessage, systemEnd }: RenderedMessages): readonly Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of rendering.request.messages.entries()) {
    const content = byMessage[index] ?? [];
    if (index >= systemEnd && content.length > 0) addTurn(rendering, turns, roleOf(message), content, `messages[${index}]`);
  }
  beginWithUser(rendering, turns);
  trimPrefill(rendering, turns.at(-1));
  for (const [index, turn] of turns.entries()) nameDocuments(rendering, turn, index);
  return turns;
}

function roleOf({ role }: SystemMessage | AssistantMessage | Message): Turn["role"] {
  return role === "assistant" ? "assistant" : "user";
}

/** What stands for a turn that nobody spoke, where the wire demands one. */
const NOTHING_SAID = "(continue)";

function addTurn(rendering: Rendering, turns: Turn[], role: Turn["role"], content: JsonObject[], path: string): void {
  const last = turns.at(-1);
  if (last?.role !== role) {
    turns.push({ role, content });
    return;
  }
  const mixes = content.some(isResult) !== last.content.some(isResult);
  if (rendering.family.resultsAlone === true && mixes) {
    lossy(
      rendering,
      path,
      `results of tools must stand alone for ${rendering.request.model}; an assistant's word was put between`,
    );
    turns.push({ role: "assistant", content: [{ text: NOTHING_SAID }] }, { role, content });
    return;
  }
  last.content = [...last.content, ...content];
}

function isResult(block: JsonObject): boolean {
  return block.toolResult !== undefined;
}

/** "A conversation must start with a user message." */
function beginWithUser(rendering: Rendering, turns: Turn[]): void {
  if (turns[0]?.role !== "assistant") return;
  lossy(rendering, "messages", `a conversation must begin with the user; ${JSON.stringify(NOTHING_SAID)} was put before it`);
  turns.unshift({ role: "user", content: [{ text: NOTHING_SAID }] });
}

/** White space at the end of an answer that the model shall go on with is refused. */
function trimPrefill(rendering: Rendering, last: Turn | undefined): void {
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  const text = block?.text;
  if (last === undefined || typeof text !== "string" || text.trimEnd() === text) return;
  lossy(rendering, "messages", "white space at the end of the assistant's last words is refused; it was left out");
  last.content = [...last.content.slice(0, -1), { ...block, text: text.trimEnd() }];
}

/** A message with a document must have text too. Source: `Message.content` of @aws-sdk/client-bedrock-runtime. */
function nameDocuments(rendering: Rendering, turn: Turn, index: number): void {
  const hasDocument = turn.content.some((block) => block.document !== undefined);
  if (!hasDocument || turn.content.some((block) => block.text !== undefined)) return;
  lossy(rendering, "messages", `turn ${index} has a document and no text, which is refused; a word was put beside it`);
  turn.content = [...turn.content, { text: "(document)" }];
}
