/** Which rules of a `route` may take a request, how likely each is, and why the others may not. Pure. */
import type { CapabilityName } from "../capabilities.ts";
import type { CompletionRequest } from "../provider.ts";
import { estimateTokens } from "../tokens.ts";
import { lackedCapabilities, neededCapabilities } from "./needed-capabilities.ts";
import { type Target, targetCapabilities, targetModel, targetName } from "./target.ts";

/** All that is named must hold. */
export interface RouteCondition {
  /** The model that the call names is one of these. */
  readonly models?: readonly string[];
  /** `metadata.tags` has these values. */
  readonly tags?: { readonly [key: string]: string };
  /** Of the prompt, estimated. Tokens. */
  readonly inputTokensMin?: number;
  readonly inputTokensMax?: number;
  /** Whether the request offers tools. */
  readonly tools?: boolean;
  /** Whether the request holds images. */
  readonly images?: boolean;
  readonly output?: "text" | "json";
  /** The target is known to have these: unknown does not do. */
  readonly capabilities?: readonly CapabilityName[];
  /** Any other condition. */
  readonly matches?: (request: CompletionRequest) => boolean;
}

/** A target, and when it is to answer. */
export interface RouteRule extends Target {
  /** For reports. Default `provider:model`. */
  readonly name?: string;
  readonly when?: RouteCondition;
  /** Only the eligible rules of the lowest order are drawn from. Default 0. */
  readonly order?: number;
  /** Share among rules of the same order. Default 1; 0 is chosen only where nothing else of its order is left. */
  readonly weight?: number;
}

/** One rule, as it stands for one request. */
export interface RouteCandidate {
  readonly rule: string;
  readonly provider: string;
  readonly model: string;
  readonly eligible: boolean;
  /** How likely it is to be chosen, from 0 to 1. */
  readonly score: number;
  /** Why it is chosen, drawn or left out. */
  readonly reasons: readonly string[];
}

export function routeCandidates(
  rules: readonly RouteRule[],
  request: CompletionRequest,
  stickTo: RouteRule | undefined,
): readonly RouteCandidate[] {
  const facts = requestFacts(request);
  const judged = rules.map((rule) => ({ rule, faults: targetFaults(rule, facts) }));
  const eligible = judged.flatMap(({ rule, faults }) => (faults.length === 0 ? [rule] : []));
  const scores = scoresOf(eligible, stickTo);
  return judged.map(({ rule, faults }) => {
    const { score, reason } = scores.get(rule) ?? NOT_ELIGIBLE;
    return {
      rule: rule.name ?? targetName(rule, request.model),
      provider: rule.provider.id,
      model: targetModel(rule, request.model),
      eligible: faults.length === 0,
      score,
      reasons: faults.length === 0 ? [reason] : faults,
    };
  });
}

const NOT_ELIGIBLE: Score = { score: 0, reason: "" };

/** What of a request decides who may take it, worked out once. */
export interface RequestFacts {
  readonly request: CompletionRequest;
  /** What a model has to have. */
  readonly needed: readonly CapabilityName[];
  /** Of the prompt, estimated. */
  readonly tokens: number;
}

/** What of a request decides who may take it. `tokens`: of the prompt, for who has counted them already. Default: an estimate. */
export function requestFacts(request: CompletionRequest, tokens: number = estimateTokens(request).tokens): RequestFacts {
  return { request, needed: neededCapabilities(request), tokens };
}

/** Every reason for which a target cannot take a request; none where it can. */
export function targetFaults(rule: Target & { readonly when?: RouteCondition }, facts: RequestFacts): readonly string[] {
  const { request, needed, tokens } = facts;
  const capabilities = targetCapabilities(rule, request.model);
  const lacked = lackedCapabilities(needed, capabilities);
  const window = capabilities.contextWindowTokens;
  if (rule.when === undefined && lacked.length === 0 && (window === undefined || tokens <= window)) return [];
  const unproven = (rule.when?.capabilities ?? []).filter((name) => capabilities[name].answer !== "yes");
  return [
    ...conditionFaults(rule.when ?? {}, facts),
    ...unproven.map((name) => `is not known to have ${name}`),
    ...(lacked.length === 0 ? [] : [`lacks ${lacked.join(", ")}`]),
    ...(window !== undefined && tokens > window ? [`holds ${window} tokens, and the prompt is about ${tokens}`] : []),
  ];
}

function conditionFaults(when: RouteCondition, { request, needed, tokens }: RequestFacts): readonly string[] {
  const tags = request.metadata?.tags ?? {};
  const faults: string[] = [];
  const demand = (held: boolean, reason: string): void => {
    if (!held) faults.push(reason);
  };
  if (when.models !== undefined) demand(when.models.includes(request.model), `is not for the model ${request.model}`);
  for (const [key, value] of Object.entries(when.tags ?? {})) demand(tags[key] === value, `wants the tag ${key}=${value}`);
  if (when.inputTokensMin !== undefined)
    demand(tokens >= when.inputTokensMin, `wants ${when.inputTokensMin} tokens or more, and the prompt is about ${tokens}`);
  if (when.inputTokensMax !== undefined)
    demand(tokens <= when.inputTokensMax, `takes ${when.inputTokensMax} tokens at most, and the prompt is about ${tokens}`);
  if (when.tools !== undefined)
    demand(when.tools === needed.includes("tools"), `is for calls ${withOrWithout(when.tools)} tools`);
  if (when.images !== undefined)
    demand(when.images === needed.includes("images"), `is for calls ${withOrWithout(when.images)} images`);
  if (when.output !== undefined) demand(when.output === (request.output?.type ?? "text"), `is for ${when.output} output`);
  if (when.matches !== undefined) demand(when.matches(request), "does not match the request");
  return faults;
}

function withOrWithout(wanted: boolean): string {
  return wanted ? "with" : "without";
}

interface Score {
  readonly score: number;
  readonly reason: string;
}

function scoresOf(eligible: readonly RouteRule[], stickTo: RouteRule | undefined): ReadonlyMap<RouteRule, Score> {
  const sticks = stickTo !== undefined && eligible.includes(stickTo);
  const lowest = Math.min(...eligible.map(({ order = 0 }) => order));
  const drawn = eligible.filter(({ order = 0 }) => order === lowest);
  const total = drawn.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const scoreOf = (rule: RouteRule): Score => {
    const { order = 0, weight = 1 } = rule;
    if (sticks)
      return rule === stickTo ? { score: 1, reason: "has the session" } : { score: 0, reason: "another has the session" };
    if (order !== lowest) return { score: 0, reason: `stands behind order ${lowest} with order ${order}` };
    const score = total === 0 ? 1 / drawn.length : weight / total;
    return { score, reason: drawn.length === 1 ? "comes first" : `weight ${weight} of ${total}` };
  };
  return new Map(eligible.map((rule) => [rule, scoreOf(rule)]));
}
