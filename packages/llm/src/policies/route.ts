/**
 * Sends each call to one of several targets: by conditions on the request, by order, and by weight among equals. It chooses
 * and does not try again; a target may itself be a `fallback`.
 *
 *     const model = route([
 *       { provider: ollama(), model: "qwen3", when: { inputTokensMax: 4_000, tools: false } },
 *       { provider: anthropic(), model: "claude-sonnet-5", order: 1 },
 *     ]);
 *     model.explain(request); // who could answer, how likely, and why not the others
 *
 * A target that is known to lack what the request needs, or whose window is known to be too small, is not eligible. A
 * session (`metadata.session`) stays with its target, and its prompt cache, for as long as that one is eligible.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import type { Availability, CallOptions, CompletionCall, CompletionRequest, ModelInfo, Provider } from "../provider.ts";
import type { StreamEvent } from "../stream.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { type RouteCandidate, type RouteRule, routeCandidates } from "./route-candidates.ts";
import { sharedCapabilities } from "./shared-capabilities.ts";
import { createStickySessions } from "./sticky-sessions.ts";
import { callTo, closeAll, targetCapabilities, targetModel } from "./target.ts";

/** How one rule is drawn from several. */
export interface RouteOptions {
  /** Default: the first rule's provider. */
  readonly id?: string;
  /** Between 0 and 1, 1 excluded. Default `Math.random`. */
  readonly random?: () => number;
  /** Sessions that are remembered; the one unused for longest is forgotten first. 0 turns it off. Default 10 000. */
  readonly sessionsMax?: number;
  /** Told of every choice. */
  readonly onRoute?: (chosen: RouteCandidate, request: CompletionRequest) => void;
}

export interface RoutingProvider extends Provider {
  /** What would become of a request, rule by rule. Sends and remembers nothing. */
  explain(request: CompletionRequest): readonly RouteCandidate[];
}

/** Throws `configuration` without a rule, or for a weight below 0. */
export function route(rules: readonly RouteRule[], options: RouteOptions = {}): RoutingProvider {
  const [first] = rules;
  if (first === undefined) throw new DragomanError({ code: "configuration", detail: "route needs at least one rule" });
  for (const { weight = 1 } of rules)
    if (!(weight >= 0)) throw new DragomanError({ code: "configuration", detail: `a route's weight is ${weight}` });
  const { random = Math.random, sessionsMax = 10_000, onRoute } = options;
  const primary = first.provider;
  const id = options.id ?? primary.id;
  const sessions = createStickySessions<RouteRule>(sessionsMax);

  function explain(request: CompletionRequest): readonly RouteCandidate[] {
    return routeCandidates(rules, request, sessions.peek(request.metadata?.session));
  }

  /** Draws a rule; with the candidate that it is. */
  function choose(request: CompletionRequest, draw: number): { readonly rule: RouteRule; readonly candidate: RouteCandidate } {
    const candidates = explain(request);
    let left = draw;
    for (const [index, candidate] of candidates.entries()) {
      const rule = rules[index];
      left -= candidate.score;
      if (rule !== undefined && candidate.score > 0 && left < 0) return { rule, candidate };
    }
    const last = candidates.findLastIndex(({ score }) => score > 0);
    const [rule, candidate] = [rules[last], candidates[last]];
    // The shares of a draw may add up to a hair less than one.
    if (rule !== undefined && candidate !== undefined) return { rule, candidate };
    throw noRule(candidates, request.model);
  }

  function routed(call: CompletionCall): { readonly provider: Provider; readonly call: CompletionCall } {
    const { rule, candidate } = choose(call, random());
    sessions.keep(call.metadata?.session, rule);
    onRoute?.(candidate, call);
    return { provider: rule.provider, call: callTo(rule, call) };
  }

  function noRule(candidates: readonly RouteCandidate[], model: string): DragomanError {
    const detail = candidates.map(({ rule, reasons }) => `${rule} ${reasons.join(" and ")}`).join("; ");
    return new DragomanError({ code: "unsupported", provider: id, model, detail: `no rule takes this request: ${detail}` });
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const { provider, call: sent } = routed(call);
    return provider.complete(sent);
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let chosen: ReturnType<typeof routed>;
    try {
      chosen = routed(call);
    } catch (thrown) {
      yield { type: "error", error: toDragomanError(thrown), partial: createFold().completion() };
      return;
    }
    yield* chosen.provider.stream(chosen.call);
  }

  /** The rules that a call of this model may come to. */
  function possible(model: string): readonly RouteRule[] {
    return rules.filter(({ when }) => when?.models?.includes(model) ?? true);
  }

  async function models(call?: CallOptions): Promise<readonly ModelInfo[]> {
    const providers = [...new Set(rules.map(({ provider }) => provider))];
    return (await Promise.all(providers.map((provider) => provider.models(call)))).flat();
  }

  async function availability(call?: CallOptions): Promise<Availability> {
    const all = await Promise.all([...new Set(rules.map(({ provider }) => provider))].map((one) => one.availability(call)));
    return all.find(({ available }) => available) ?? all[0] ?? primary.availability(call);
  }

  const provider = wrapProvider(primary, {
    id,
    supports: (model) => possible(model).some((rule) => rule.model !== undefined || rule.provider.supports(model)),
    knownModels: () => [...new Set(rules.flatMap(({ provider: one }) => one.knownModels?.() ?? []))],
    models,
    capabilities: (model) => sharedCapabilities(possible(model).map((rule) => targetCapabilities(rule, model))),
    // The price is known before the choice only where there is none.
    pricing: (model) => {
      const [only, ...more] = possible(model);
      return only === undefined || more.length > 0 ? undefined : only.provider.pricing(targetModel(only, model));
    },
    countTokens: async (call) => {
      const { rule } = choose(call, 0);
      return rule.provider.countTokens(callTo(rule, call));
    },
    complete,
    stream,
    availability,
    close: () => closeAll(rules),
  });
  return { ...provider, explain };
}
