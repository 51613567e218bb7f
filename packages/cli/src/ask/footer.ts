import type { Completion } from "@dragoman/llm";
import { duration, usd } from "../figures.ts";

/** What an answer was and took, in one line: the model that answered, tokens, cost, time, speed. Unknown is said or left out. */
export function footer(completion: Completion): string {
  const { origin, usage, cost, timing } = completion;
  const speed = tokensPerSecond(completion);
  return [
    `${origin.provider}:${origin.model}`,
    `${usage.inputTokens ?? "?"} in${usage.cacheReadTokens ? ` (${usage.cacheReadTokens} cached)` : ""}, ${usage.outputTokens ?? "?"} out`,
    cost === undefined ? "cost unknown" : `${cost.estimated === true ? "about " : ""}${usd(cost.totalUsd)}`,
    ...(timing === undefined ? [] : [duration(timing.totalMs)]),
    ...(speed === undefined ? [] : [`${speed >= 10 ? Math.round(speed) : speed.toFixed(1)} tokens/s`]),
  ].join(" · ");
}

/** As the engine measured it; else from the first token to the end, where the answer came as a stream. */
function tokensPerSecond({ usage, timing }: Completion): number | undefined {
  const { decodeTokens, decodeMs } = timing?.engine ?? {};
  if (decodeTokens !== undefined && decodeMs !== undefined && decodeMs > 0) return (decodeTokens / decodeMs) * 1000;
  if (timing?.firstTokenMs === undefined || usage.outputTokens === undefined || usage.outputTokens < 2) return undefined;
  const streamMs = timing.totalMs - timing.firstTokenMs;
  // A stream that came in one piece measured the network, not the model.
  return streamMs < 20 ? undefined : (usage.outputTokens / streamMs) * 1000;
}
