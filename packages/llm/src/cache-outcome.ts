import type { CacheOutcome } from "./cache.ts";
import type { Completion } from "./completion.ts";
import type { CompletionRequest } from "./request.ts";
import { estimateTokens } from "./tokens.ts";

/** What a call's cache directives came to. Undefined for a call without any. */
export function cacheOutcome(request: CompletionRequest, { usage }: Pick<Completion, "usage">): CacheOutcome | undefined {
  if (request.cache === undefined || request.cache.length === 0) return undefined;
  return {
    expectedTokens: estimateTokens(stablePart(request)).tokens,
    ...(usage.cacheReadTokens === undefined ? {} : { hitTokens: usage.cacheReadTokens }),
  };
}

/** The longest beginning of the prompt that a directive marks: tools come first, then system messages, then the others. */
function stablePart({ cache = [], messages, tools }: CompletionRequest): Pick<CompletionRequest, "messages" | "tools"> {
  const systemEnd = messages.findLastIndex((message) => message.role === "system") + 1;
  const ends = cache.map(({ stable }) => (stable === "tools" ? 0 : stable === "system" ? systemEnd : stable.messages));
  return { messages: messages.slice(0, Math.max(...ends)), ...(tools === undefined ? {} : { tools }) };
}
