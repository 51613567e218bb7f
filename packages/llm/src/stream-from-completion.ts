import type { Completion } from "./completion.ts";
import type { AssistantPart } from "./message.ts";
import type { StreamEvent } from "./stream.ts";

/**
 * A finished answer as the events that would have brought it. `simulated` says why, and goes out as a warning: such a
 * stream is not faster than the answer. The events fold back to the same completion.
 */
export function streamFromCompletion(completion: Completion, simulated?: string): readonly StreamEvent[] {
  const { id, origin, createdAt, message, finish, usage, cost, timing, cache, cached, vendor } = completion;
  const events: StreamEvent[] = [{ type: "start", id, origin, ...(createdAt === undefined ? {} : { createdAt }) }];
  if (simulated !== undefined)
    events.push({ type: "warning", warning: { type: "simulated", detail: `${simulated}; the stream was made from it` } });
  for (const warning of completion.warnings) events.push({ type: "warning", warning });
  for (const [index, part] of message.parts.entries()) events.push(...partEvents(part, index));
  events.push({
    type: "finish",
    finish,
    usage,
    ...(cost === undefined ? {} : { cost }),
    ...(timing === undefined ? {} : { timing }),
    ...(cache === undefined ? {} : { cache }),
    ...(cached === undefined ? {} : { cached }),
    ...(message.vendor === undefined ? {} : { messageVendor: message.vendor }),
    ...(vendor === undefined ? {} : { vendor }),
  });
  return events;
}

function partEvents(part: AssistantPart, index: number): readonly StreamEvent[] {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal": {
      const vendor = part.vendor === undefined ? {} : { vendor: part.vendor };
      const start: StreamEvent = { type: `${part.type}-start`, index };
      const end: StreamEvent = { type: `${part.type}-end`, index, ...vendor };
      return part.text === "" ? [start, end] : [start, { type: `${part.type}-delta`, index, text: part.text }, end];
    }
    case "tool-call": {
      const vendor = part.vendor === undefined ? {} : { vendor: part.vendor };
      return [
        { type: "tool-call-start", index, id: part.id, name: part.name },
        { type: "tool-call-delta", index, text: part.argumentsText ?? JSON.stringify(part.arguments) },
        { type: "tool-call-end", index, ...vendor },
      ];
    }
    default:
      return [{ type: "part", index, part }];
  }
}
