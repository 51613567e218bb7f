/** Which beginning of a request goes into a cached content, by the request's directives. */
import type { CacheDirective } from "../../cache.ts";
import type { CompletionRequest } from "../../request.ts";

export interface StablePart {
  /** Index among the request's directives. */
  readonly index: number;
  /** What is kept: tools, tool choice, and messages before `messagesEnd`. */
  readonly kept: CompletionRequest;
  readonly messagesEnd: number;
  readonly timeToLiveSeconds: number;
}

const SECONDS: Readonly<Record<NonNullable<CacheDirective["timeToLive"]>, number>> = { "5m": 300, "1h": 3600, "24h": 86_400 };

/**
 * The longest part for which a time to live is asked. Undefined where there is none: Gemini keeps prompts by itself then. An
 * object holds all tools and system messages or none, and is not cut between a call and its result; something must follow.
 */
export function stablePart(request: CompletionRequest): StablePart | undefined {
  let best: StablePart | undefined;
  for (const [index, { stable, timeToLive, object }] of (request.cache ?? []).entries()) {
    if (timeToLive === undefined || object !== undefined) continue;
    const messagesEnd = endOf(stable, request);
    if (messagesEnd === undefined || (best !== undefined && best.messagesEnd >= messagesEnd)) continue;
    best = { index, messagesEnd, kept: keptPart(request, messagesEnd), timeToLiveSeconds: SECONDS[timeToLive] };
  }
  return best;
}

function endOf(stable: CacheDirective["stable"], { messages }: CompletionRequest): number | undefined {
  const first = messages.findIndex((message) => message.role !== "system");
  const systemEnd = first === -1 ? messages.length : first;
  if (stable === "system") return systemEnd;
  // Tools apart from a system instruction that may change cannot be kept.
  if (stable === "tools") return systemEnd === 0 ? 0 : undefined;
  let end = Math.min(stable.messages, messages.length - 1);
  while (end > systemEnd && isInsideTurn(messages, end)) end--;
  return end < systemEnd ? undefined : end;
}

function isInsideTurn(messages: CompletionRequest["messages"], end: number): boolean {
  if (messages[end]?.role === "tool") return true;
  const last = messages[end - 1];
  return last?.role === "assistant" && last.parts.some((part) => part.type === "tool-call");
}

function keptPart({ model, messages, tools, toolChoice }: CompletionRequest, end: number): CompletionRequest {
  return {
    model,
    messages: messages.slice(0, end),
    ...(tools === undefined ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
  };
}
