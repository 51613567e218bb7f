/** How long each beginning of a prompt is. Estimated, in the order in which vendors read: tools, system, messages. */
import type { CacheDirective } from "./cache.ts";
import type { CompletionRequest } from "./request.ts";
import { estimateTokens } from "./tokens.ts";

export interface PrefixTokens {
  /** Messages before the first that is no system message. */
  readonly systemEnd: number;
  readonly messageCount: number;
  readonly hasTools: boolean;
  /** Tokens up to and including what a directive marks as stable. */
  of(stable: CacheDirective["stable"]): number;
  /** Where it ends among the messages. */
  endOf(stable: CacheDirective["stable"]): number;
}

export function prefixTokens({ messages, tools }: CompletionRequest): PrefixTokens {
  const first = messages.findIndex((message) => message.role !== "system");
  const systemEnd = first === -1 ? messages.length : first;
  const toolTokens = tools === undefined || tools.length === 0 ? 0 : estimateTokens({ messages: [], tools }).tokens;
  const ends = [toolTokens];
  for (const message of messages) ends.push((ends.at(-1) ?? 0) + estimateTokens({ messages: [message] }).tokens);
  const endOf = (stable: CacheDirective["stable"]): number => {
    if (stable === "tools") return 0;
    return stable === "system" ? systemEnd : Math.min(Math.max(0, stable.messages), messages.length);
  };
  return {
    systemEnd,
    messageCount: messages.length,
    hasTools: toolTokens > 0,
    endOf,
    of: (stable) => ends[endOf(stable)] ?? 0,
  };
}
