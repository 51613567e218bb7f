/**
 * Puts calls and results into the order that every vendor demands: results directly after their calls, each call with one,
 * none without a call.
 */
import type { HandoffItem } from "../handoff.ts";
import { type Message, type ToolCallPart, type ToolMessage, type ToolResultPart, toolCallsOf } from "../message.ts";

/** What stands in for a result that never came. */
export const MISSING_RESULT_TEXT = "(no result: the tool call was interrupted)";

/**
 * Undefined when every call is followed by its results and every result has its call. With `callsAreKept`, a result
 * without its call answers one that the vendor keeps.
 */
export function repairToolCalls(
  messages: readonly Message[],
  items: HandoffItem[],
  callsAreKept: boolean,
): readonly Message[] | undefined {
  if (isInOrder(messages)) return undefined;
  const reported = items.length;
  const waiting = resultsByPlace(messages);
  const repaired: Message[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      repaired.push(...(callsAreKept ? keptResults(index, waiting) : orphanResults(index, waiting, items)));
      continue;
    }
    repaired.push(message);
    const calls = toolCallsOf(message);
    if (calls.length > 0) repaired.push(...resultsOf(calls, index, messages, waiting, items));
  }
  return callsAreKept && items.length === reported ? undefined : repaired;
}

/** A result and the index of its message. */
interface PlacedResult {
  readonly part: ToolResultPart;
  readonly place: number;
}

/** Results that no call has taken yet. */
type WaitingResults = Set<PlacedResult>;

function resultsByPlace(messages: readonly Message[]): WaitingResults {
  const results = messages.map((message, place) =>
    message.role === "tool" ? message.parts.map((part) => ({ part, place })) : [],
  );
  return new Set(results.flat());
}

/** The results of one turn's calls: as they stand where they follow at once, else fetched from later or made up. */
function resultsOf(
  calls: readonly ToolCallPart[],
  index: number,
  messages: readonly Message[],
  waiting: WaitingResults,
  items: HandoffItem[],
): readonly Message[] {
  const following = toolMessagesAfter(index, messages);
  const found = calls.map((call) => takeResult(call, index, messages, waiting));
  if (isExactly(following, found)) return following;
  const parts = calls.map((call, position): ToolResultPart => {
    const result = found[position];
    if (result === undefined) {
      const detail = `${call.name} (${call.id}) had no result; one that says so was put in`;
      items.push({ action: "repaired", subject: "tool-call", message: index, detail });
      return missingResult(call.id, call.name);
    }
    if (result.place > index + following.length) {
      const detail = `the result of ${call.name} (${call.id}) was moved up to its call`;
      items.push({ action: "repaired", subject: "tool-result", message: result.place, detail });
    }
    return result.part;
  });
  return [{ role: "tool", parts }];
}

/**
 * The first free result of a call's id after the call, and before the id is used again: some vendors number the calls of
 * each turn anew.
 */
function takeResult(
  call: ToolCallPart,
  index: number,
  messages: readonly Message[],
  waiting: WaitingResults,
): PlacedResult | undefined {
  const again = messages.findIndex(
    (message, place) => place > index && toolCallsOf(message).some((other) => other.id === call.id),
  );
  for (const result of waiting) {
    if (result.part.toolCallId !== call.id || result.place < index || (again >= 0 && result.place > again)) continue;
    waiting.delete(result);
    return result;
  }
  return undefined;
}

function toolMessagesAfter(index: number, messages: readonly Message[]): readonly ToolMessage[] {
  const following: ToolMessage[] = [];
  for (let next = index + 1; ; next++) {
    const message = messages[next];
    if (message?.role !== "tool") return following;
    following.push(message);
  }
}

/** Whether these messages hold exactly these results, in whatever order. */
function isExactly(messages: readonly ToolMessage[], results: readonly (PlacedResult | undefined)[]): boolean {
  const parts = new Set(messages.flatMap((message) => message.parts));
  return parts.size === results.length && results.every((result) => result !== undefined && parts.has(result.part));
}

function missingResult(toolCallId: string, toolName: string): ToolResultPart {
  return { type: "tool-result", toolCallId, toolName, content: [{ type: "text", text: MISSING_RESULT_TEXT }], isError: true };
}

/** Results that no call took answer calls that the vendor keeps. */
function keptResults(index: number, waiting: WaitingResults): readonly Message[] {
  const parts = [...waiting].filter((result) => result.place === index).map(({ part }) => part);
  return parts.length === 0 ? [] : [{ role: "tool", parts }];
}

/** Results that no call took become text. */
function orphanResults(index: number, waiting: WaitingResults, items: HandoffItem[]): readonly Message[] {
  const orphans = [...waiting].filter((result) => result.place === index);
  return orphans.map(({ part: orphan }) => {
    const text = orphan.content
      .map((part) => (part.type === "text" ? part.text : part.type === "json" ? JSON.stringify(part.value) : `(${part.type})`))
      .join("\n");
    items.push({
      action: "as-text",
      subject: "tool-result",
      message: index,
      detail: `the result ${orphan.toolCallId} has no call; it became text`,
    });
    return { role: "user", parts: [{ type: "text", text: `Result of ${orphan.toolName ?? "a tool"}: ${text}` }] };
  });
}

/** Whether the tool messages directly after each assistant message answer exactly its calls, and none stands elsewhere. */
function isInOrder(messages: readonly Message[]): boolean {
  const waiting: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      for (const part of message.parts) {
        const position = waiting.indexOf(part.toolCallId);
        if (position < 0) return false;
        waiting.splice(position, 1);
      }
      continue;
    }
    if (waiting.length > 0) return false;
    for (const part of message.parts) if (part.type === "tool-call") waiting.push(part.id);
  }
  // Calls at the very end wait for nobody: the caller has not answered yet, and vendors refuse that; they are repaired too.
  return waiting.length === 0;
}
