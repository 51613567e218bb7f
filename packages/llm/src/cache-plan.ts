/**
 * Which cache directives are worth sending with a request. A part of the prompt is worth a mark when it is stable, long
 * enough for the vendor, and when what reading it saves is more than what writing it costs.
 *
 * What is stable is told by the caller's own directives, or found by comparing with the call before (`shared`). It knows no
 * time and keeps nothing; `createCachePlanner` does.
 */
import type { CacheDirective } from "./cache.ts";
import { type CachingRule, cachingRule } from "./cache-minimum.ts";
import type { Capabilities } from "./capabilities.ts";
import { type PrefixTokens, prefixTokens } from "./prefix-tokens.ts";
import type { Pricing } from "./pricing.ts";
import type { CompletionRequest } from "./request.ts";

/** The model that a plan is for. */
export interface CacheTarget {
  readonly model: string;
  /** The wire's id, where it is known. */
  readonly dialect?: string | undefined;
  readonly backend?: string | undefined;
  readonly capabilities?: Capabilities | undefined;
  /** Without prices the vendors' published factors count: 1.25 and 2 for writing, 0.1 for reading. */
  readonly pricing?: Pricing | undefined;
  /** A shorter prefix is not kept. Default: what is known of the model. Tokens. */
  readonly minimumTokens?: number | undefined;
}

/** What the caller knows beforehand. */
export interface CachePlanInit {
  /** How often what is written now will probably be read before it expires. Default 1: the next call of the session. */
  readonly expectedReuse?: number;
  /** For parts whose directive names none. Default `5m`. */
  readonly timeToLive?: "5m" | "1h";
  /** What the caller knows to be stable without having said it in the request. */
  readonly stable?: readonly CacheDirective["stable"][];
  /** How many messages are as they were in the call before; absent where there was none. */
  readonly shared?: number | "tools-changed";
  /** Whether the call before is a beginning of this one, so that this one will be a beginning of the next. */
  readonly grows?: boolean;
  /** Keeps calls together at vendors that route by key. */
  readonly key?: string;
}

/**
 * - `pays`: sent. `by-key`: the vendor keeps it by itself; at most a key is sent.
 * - `asked`: sent because the caller asked, as nothing is known of the vendor.
 * - `automatic`: not sent, as the vendor keeps it by itself.
 * - `below-minimum`, `does-not-pay`, `too-many`, `covered`, `not-supported`, `unknown-vendor`: not sent.
 */
export type CacheDecision =
  | "pays"
  | "by-key"
  | "automatic"
  | "asked"
  | "below-minimum"
  | "does-not-pay"
  | "too-many"
  | "covered"
  | "not-supported"
  | "unknown-vendor";

/** One part of a prompt, and what was decided about it. */
export interface ConsideredPart {
  readonly stable: CacheDirective["stable"];
  /** How we know that it is stable. */
  readonly from: "request" | "options" | "comparison";
  /** Estimated. */
  readonly tokens: number;
  readonly decision: CacheDecision;
  /** In one sentence. */
  readonly detail: string;
}

/** Which parts of a prompt are worth keeping, and why. */
export interface CachePlan {
  readonly directives: readonly CacheDirective[];
  /** Every part that was thought of, in the order of the prompt. */
  readonly considered: readonly ConsideredPart[];
}

/** As many as Anthropic and Bedrock take. */
const BREAKPOINTS_MAX = 4;

interface Candidate {
  readonly directive: CacheDirective;
  readonly from: ConsideredPart["from"];
  readonly tokens: number;
  readonly end: number;
}

/** Decides which parts of a prompt to mark for the vendor's cache: pure, from the request and the target alone. */
export function planDirectives(request: CompletionRequest, target: CacheTarget, init: CachePlanInit = {}): CachePlan {
  const prefix = prefixTokens(request);
  const candidates = inPromptOrder(candidatesOf(request, prefix, init));
  const rule = ruleFor(target);
  const judged = candidates.map((candidate, index) => {
    const isCovered = candidates.slice(index + 1).some((later) => later.tokens === candidate.tokens);
    return { candidate, ...(isCovered ? COVERED : judge(candidate, rule, target, init)) };
  });
  const limited = withinLimit(judged);
  const sent = limited.filter(({ decision }) => SENT.has(decision)).map(({ candidate }) => timed(candidate, init));
  return {
    directives: rule?.way === "automatic" ? keyed(sent, init.key) : longestLivedFirst(sent),
    considered: limited.map(({ candidate: { directive, from, tokens }, decision, detail }) => {
      return { stable: directive.stable, from, tokens, decision, detail };
    }),
  };
}

const SENT: ReadonlySet<CacheDecision> = new Set(["pays", "asked", "by-key"]);

// What may be stable

function candidatesOf(request: CompletionRequest, prefix: PrefixTokens, init: CachePlanInit): Candidate[] {
  const asked = (request.cache ?? []).map((directive) => candidateOf(directive, "request", prefix));
  if (asked.length > 0) return asked;
  const known = (init.stable ?? []).map((stable) => candidateOf({ stable }, "options", prefix));
  const found = comparedParts(prefix, init).map((stable) => candidateOf({ stable }, "comparison", prefix));
  return [...known, ...found].filter(({ tokens }) => tokens > 0);
}

function candidateOf(directive: CacheDirective, from: Candidate["from"], prefix: PrefixTokens): Candidate {
  return { directive, from, tokens: prefix.of(directive.stable), end: prefix.endOf(directive.stable) };
}

/** Tools, system and messages are one beginning: the parts of it that were the same, and this whole prompt if it will grow. */
function comparedParts(prefix: PrefixTokens, { shared, grows }: CachePlanInit): readonly CacheDirective["stable"][] {
  if (shared === undefined || shared === "tools-changed") return [];
  const parts: CacheDirective["stable"][] = [];
  if (shared < prefix.systemEnd || prefix.systemEnd === 0) {
    if (prefix.hasTools) parts.push("tools");
  } else {
    parts.push("system");
  }
  if (shared > prefix.systemEnd) parts.push({ messages: shared });
  if (grows === true && prefix.messageCount > shared) parts.push({ messages: prefix.messageCount });
  return parts;
}

function inPromptOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted((one, another) => one.tokens - another.tokens || one.end - another.end);
}

// What is worth it

interface Judgement {
  readonly decision: CacheDecision;
  readonly detail: string;
}

const COVERED: Judgement = { decision: "covered", detail: "a later mark ends at the same place" };

function ruleFor({ model, dialect, backend, minimumTokens }: CacheTarget): CachingRule | undefined {
  const rule = cachingRule({ model, dialect, backend });
  return rule === undefined || minimumTokens === undefined ? rule : { ...rule, minimumTokens };
}

function judge(candidate: Candidate, rule: CachingRule | undefined, target: CacheTarget, init: CachePlanInit): Judgement {
  const { tokens, directive, from } = candidate;
  if (target.capabilities?.promptCache.answer === "no") {
    return { decision: "not-supported", detail: `${target.model} keeps no prompts` };
  }
  const minimum = rule?.minimumTokens ?? target.minimumTokens ?? 0;
  if (tokens < minimum) {
    return { decision: "below-minimum", detail: `about ${tokens} tokens, and ${target.model} keeps ${minimum} or more` };
  }
  if (rule === undefined) {
    return from === "comparison"
      ? { decision: "unknown-vendor", detail: `how ${target.model} keeps prompts is not known` }
      : { decision: "asked", detail: `sent as asked; how ${target.model} keeps prompts is not known` };
  }
  if (rule.way === "automatic")
    return { decision: "by-key", detail: "the vendor keeps it by itself; a key keeps calls together" };
  // An object costs rent by the hour, which no price list has: it is the caller's to ask for.
  if (rule.way === "objects" && directive.timeToLive === undefined) {
    return { decision: "automatic", detail: "the vendor keeps it by itself; a time to live would make an object of it" };
  }
  return profit(directive.timeToLive ?? init.timeToLive ?? "5m", rule, target, init);
}

/** In multiples of the plain price of the part. */
function profit(
  timeToLive: NonNullable<CacheDirective["timeToLive"]>,
  rule: CachingRule,
  { pricing }: CacheTarget,
  { expectedReuse = 1 }: CachePlanInit,
): Judgement {
  const { write, read } = rule.way === "objects" ? { write: 1 + OBJECT_READ, read: OBJECT_READ } : factors(timeToLive, pricing);
  const gain = expectedReuse * (1 - read) - (write - 1);
  const sum = `writing costs ${round(write)} times the plain price, reading ${round(read)}, for ${expectedReuse} expected`;
  return gain > 0 ? { decision: "pays", detail: sum } : { decision: "does-not-pay", detail: sum };
}

/** What an object's first call pays again for reading it. Source: Google's price list, a tenth to a quarter. */
const OBJECT_READ = 0.25;
/** Source: Anthropic's "Prompt caching", pricing. */
const PUBLISHED = { write: 1.25, writeOneHour: 2, read: 0.1 } as const;

function factors(timeToLive: string, pricing: Pricing | undefined): { readonly write: number; readonly read: number } {
  const plain = pricing?.inputPerMillionUsd;
  const relative = (rate: number | undefined, published: number): number =>
    rate === undefined || plain === undefined || plain === 0 ? published : rate / plain;
  const isLong = timeToLive !== "5m";
  return {
    write: isLong
      ? relative(pricing?.cacheWriteOneHourPerMillionUsd, PUBLISHED.writeOneHour)
      : relative(pricing?.cacheWritePerMillionUsd, PUBLISHED.write),
    read: relative(pricing?.cacheReadPerMillionUsd, PUBLISHED.read),
  };
}

function round(factor: number): number {
  return Math.round(factor * 100) / 100;
}

// What goes out

/** The caller's own directives go as they are. */
function timed({ directive, from }: Candidate, { timeToLive }: CachePlanInit): CacheDirective {
  return from === "request" || timeToLive === undefined ? directive : { ...directive, timeToLive };
}

type Judged = Judgement & { readonly candidate: Candidate };

/** Too many: the shortest of the messages go first, as the longest reach furthest, and tools and system outlive a talk. */
function withinLimit(judged: readonly Judged[]): readonly Judged[] {
  const sent = judged.filter(({ decision }) => SENT.has(decision));
  const droppable = sent.filter(({ candidate }) => typeof candidate.directive.stable === "object");
  const dropped = new Set(droppable.slice(0, Math.max(0, sent.length - BREAKPOINTS_MAX)));
  const detail = `a request has at most ${BREAKPOINTS_MAX} marks, and later ones reach further`;
  return judged.map((one) => (dropped.has(one) ? { ...one, decision: "too-many", detail } : one));
}

/** Where the vendor keeps by itself there is nothing to mark: one directive carries the key, and a longer time if asked. */
function keyed(sent: readonly CacheDirective[], key: string | undefined): readonly CacheDirective[] {
  const longest = sent.at(-1);
  const ownKey = sent.find((directive) => directive.key !== undefined)?.key ?? key?.slice(0, KEY_LENGTH_MAX);
  const day = sent.some(({ timeToLive }) => timeToLive === "24h");
  if (longest === undefined || (ownKey === undefined && !day)) return [];
  // The one boundary that no wire of these vendors reports as not sent.
  return [{ stable: "system", ...(ownKey === undefined ? {} : { key: ownKey }), ...(day ? { timeToLive: "24h" } : {}) }];
}

/** The limit of `CacheDirective.key`. */
const KEY_LENGTH_MAX = 64;

const RANK = { "5m": 0, "1h": 1, "24h": 2 } as const;

/** Anthropic refuses a longer time after a shorter one: what stands before gets the longer one too. */
function longestLivedFirst(sent: readonly CacheDirective[]): readonly CacheDirective[] {
  const lived: CacheDirective[] = [];
  let longest: CacheDirective["timeToLive"];
  for (const directive of sent.toReversed()) {
    const own = directive.timeToLive;
    if (longest === undefined || RANK[own ?? "5m"] > RANK[longest]) longest = own ?? longest;
    lived.unshift(longest === undefined || longest === own ? directive : { ...directive, timeToLive: longest });
  }
  return lived;
}
