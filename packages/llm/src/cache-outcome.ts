import type { CacheMiss, CacheOutcome } from "./cache.ts";
import { cachingRule } from "./cache-minimum.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import { costOf, type Pricing } from "./pricing.ts";
import type { CompletionRequest } from "./request.ts";
import { estimateTokens } from "./tokens.ts";
import type { Usage } from "./usage.ts";

/** What is known of the model that answered. */
export interface OutcomeKnowledge {
  readonly pricing?: Pricing | undefined;
  readonly capabilities?: Capabilities | undefined;
}

/** What a call's cache directives came to. Undefined for a call without any. */
export function cacheOutcome(
  request: CompletionRequest,
  { usage, origin }: Pick<Completion, "usage"> & Partial<Pick<Completion, "origin">>,
  known: OutcomeKnowledge = {},
): CacheOutcome | undefined {
  if (request.cache === undefined || request.cache.length === 0) return undefined;
  const expectedTokens = estimateTokens(stablePart(request)).tokens;
  const savedUsd = cacheSavings(usage, known.pricing);
  const hit = usage.cacheReadTokens;
  const missed = hit === undefined || hit === 0;
  const model = { model: request.model, dialect: origin?.dialect, backend: origin?.backend };
  const miss = missed ? hopeless(expectedTokens, model, known.capabilities) : undefined;
  return {
    expectedTokens,
    ...(hit === undefined ? {} : { hitTokens: hit }),
    ...(savedUsd === undefined ? {} : { savedUsd }),
    ...(miss === undefined ? {} : { miss }),
  };
}

/** Why a part of this length could not be read from the cache at all. What only a session tells is left to the planner. */
export function hopeless(
  tokens: number,
  model: Parameters<typeof cachingRule>[0],
  capabilities: Capabilities | undefined,
): CacheMiss | undefined {
  if (capabilities?.promptCache.answer === "no") {
    return { reason: "not-supported", detail: `${model.model} keeps no prompts` };
  }
  const minimum = cachingRule(model)?.minimumTokens;
  if (minimum === undefined || tokens >= minimum) return undefined;
  return { reason: "below-minimum", detail: `about ${tokens} tokens are stable, and ${model.model} keeps ${minimum} or more` };
}

/**
 * What reading from the cache saved, less what writing to it cost above plain reading. The difference to the same call
 * without a cache. Undefined where figures, or rates of what was cached, are unknown. USD.
 */
export function cacheSavings(usage: Usage, pricing: Pricing | undefined): number | undefined {
  if (usage.cacheReadTokens === undefined && usage.cacheWriteTokens === undefined) return undefined;
  const { cacheReadTokens: _read, cacheWriteTokens: _write, cacheWriteOneHourTokens: _hour, ...uncached } = usage;
  const paid = costOf(usage, pricing);
  const full = costOf(uncached, pricing);
  // A rate that another one stands in for would make a saving of nothing.
  if (paid === undefined || full === undefined || (paid.estimated === true && full.estimated !== true)) return undefined;
  return full.inputUsd - paid.inputUsd;
}

/** The longest beginning of the prompt that a directive marks: tools come first, then system messages, then the others. */
function stablePart({ cache = [], messages, tools }: CompletionRequest): Pick<CompletionRequest, "messages" | "tools"> {
  const systemEnd = messages.findLastIndex((message) => message.role === "system") + 1;
  const ends = cache.map(({ stable }) => (stable === "tools" ? 0 : stable === "system" ? systemEnd : stable.messages));
  return { messages: messages.slice(0, Math.max(...ends)), ...(tools === undefined ? {} : { tools }) };
}
