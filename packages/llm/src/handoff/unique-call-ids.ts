/**
 * Engines without ids of calls (Ollama, Gemini at times) get them made up answer by answer, so that two turns may hold the same
 * one. Where ids matter they have to differ: "`tool_use` ids must be unique" (Anthropic).
 */
import type { HandoffItem } from "../handoff.ts";
import { type AssistantMessage, type Message, toolCallsOf } from "../message.ts";

/**
 * The same messages when no id of a foreign call came before. An own call keeps its id, whatever its maker made of it; one of unknown
 * origin may be anybody's.
 */
export function withUniqueCallIds(
  messages: readonly Message[],
  isOwn: (message: AssistantMessage) => boolean,
  items: HandoffItem[],
): readonly Message[] {
  if (allDiffer(messages)) return messages;
  const taken = new Set(messages.flatMap((message) => toolCallsOf(message).map(({ id }) => id)));
  const seen = new Set<string>();
  /** What the ids of the latest turn with calls became, in the order of its calls. */
  let latest = new Map<string, string[]>();

  function fresh(id: string): string {
    for (let number = 2; ; number++) {
      const candidate = `${id}_${number}`;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      return candidate;
    }
  }

  return messages.map((message, index) => {
    if (message.role === "tool") {
      return { ...message, parts: message.parts.map((part) => ({ ...part, toolCallId: takeFirst(latest, part.toolCallId) })) };
    }
    if (message.role !== "assistant" || toolCallsOf(message).length === 0) return message;
    latest = new Map();
    const own = isOwn(message);
    const parts = message.parts.map((part) => {
      if (part.type !== "tool-call") return part;
      const id = seen.has(part.id) && !own ? fresh(part.id) : part.id;
      seen.add(id);
      latest.set(part.id, [...(latest.get(part.id) ?? []), id]);
      if (id === part.id) return part;
      const detail = `${part.id} stood for an earlier call too and became ${id}`;
      items.push({ action: "mapped", subject: "tool-call-id", message: index, detail });
      return { ...part, id };
    });
    return { ...message, parts };
  });
}

function allDiffer(messages: readonly Message[]): boolean {
  const seen = new Set<string>();
  for (const { role, parts } of messages) {
    if (role !== "assistant") continue;
    for (const part of parts) {
      if (part.type !== "tool-call") continue;
      if (seen.has(part.id)) return false;
      seen.add(part.id);
    }
  }
  return true;
}

/** Each call has its result in turn; the last of them any that are left over. */
function takeFirst(latest: ReadonlyMap<string, string[]>, id: string): string {
  const ids = latest.get(id);
  return (ids !== undefined && ids.length > 1 ? ids.shift() : ids?.[0]) ?? id;
}
