/**
 * From a model's name to targets in the order in which they are asked. What a name means is read by `resolve-name`, whether a target may take the
 * request is judged by `judge-target`, and which of those that may comes first is the strategy's: a table, not a branch here.
 */
import { type CompletionRequest, DragomanError, type Registry } from "@dragoman/llm";
import { type Caller, tenantOf } from "../caller.ts";
import type { GatewayConfiguration, ModelRoute } from "../configuration.ts";
import type { CandidateRecord, DecisionRecord } from "../ledger/call-record.ts";
import { type ComplexityVerdict, judgeComplexity } from "./judge-complexity.ts";
import { factsOf, faultsOf } from "./judge-target.ts";
import { createNameResolver, type ResolvedTarget } from "./resolve-name.ts";
import type { ObservedAttempt, PlannedTarget, RoutePlan, Router } from "./router.ts";
import { createStickyTargets, type StickyTargets } from "./sticky-targets.ts";
import { type Ranked, STRATEGIES } from "./strategies.ts";
import { createTargetStatistics, type TargetStatistics } from "./target-statistics.ts";

export interface RouterOptions {
  readonly configuration: GatewayConfiguration;
  readonly registry: Registry;
  /** What was learned under the configuration before; default: nothing yet. */
  readonly memory?: RouterMemory;
  /** Between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly time?: () => number;
}

/** What outlives a configuration. */
export interface RouterMemory {
  readonly statistics: TargetStatistics;
  readonly sticky: StickyTargets;
}

export function createRouterMemory(): RouterMemory {
  return { statistics: createTargetStatistics(), sticky: createStickyTargets() };
}

export function createRouter(options: RouterOptions): Router {
  const { configuration, registry, memory = createRouterMemory(), random = Math.random, time = Date.now } = options;
  const names = createNameResolver(configuration, registry);

  function planned(request: CompletionRequest, caller: Caller): RoutePlan {
    const resolved = names.resolve(request.model, caller.agent);
    if (resolved.type === "direct") {
      const { target, standIns } = resolved;
      const candidate: CandidateRecord = { target: target.name, eligible: true, reasons: ["was named"] };
      return { targets: [target, ...standIns], decision: { candidates: [candidate, ...standIns.map(asStandIn)] } };
    }
    return throughRoute(resolved.name, resolved.route, request, caller);
  }

  function throughRoute(name: string, route: ModelRoute, request: CompletionRequest, caller: Caller): RoutePlan {
    const facts = factsOf(request, caller);
    const judged = names.targets(route.targets, "candidate").map((target) => ({ target, faults: faultsOf(target, facts) }));
    const eligible = judged.flatMap(({ target, faults }) => (faults.length === 0 ? [target] : []));
    const ranked = STRATEGIES[route.strategy](eligible, { statistics: memory.statistics, facts, random, now: time() });
    const complexity = route.complexity === undefined ? undefined : judgeComplexity(request, route.complexity);
    const stuck = route.sticky ? memory.sticky.peek(sessionOf(request, caller), ranked, time()) : undefined;
    const simple = stuck === undefined ? simpleTarget(route, complexity) : undefined;
    const first = stuck ?? simple;
    const ordered = ranked.map(({ target }) => target);
    const chosen = first === undefined ? ordered : [first, ...ordered.filter(({ name: other }) => other !== first.name)];
    const overflow = names.targets(route.overflow, "overflow");
    const fallback = names.targets(route.fallback, "fallback").filter((target) => faultsOf(target, facts).length === 0);
    const [head, ...rest] = [...chosen, ...overflow, ...fallback];
    const decision: DecisionRecord = {
      strategy: route.strategy,
      candidates: [...judged.map(({ target, faults }) => candidateOf(target, faults, ranked)), ...fallback.map(asStandIn)],
      ...(complexity === undefined ? {} : { complexity: { ...complexity, acted: simple !== undefined } }),
      ...(stuck === undefined ? {} : { sticky: stuck.name }),
    };
    if (head === undefined || head.role === "overflow") throw noTarget(name, decision);
    const timed = (target: PlannedTarget): PlannedTarget => withRouteTimeouts(target, route);
    return { route: name, targets: [timed(head), ...rest.map(timed)], decision, ...settingsOf(route) };
  }

  function simpleTarget(route: ModelRoute, verdict: ComplexityVerdict | undefined): PlannedTarget | undefined {
    if (route.complexity?.mode !== "act" || verdict?.verdict !== "simple") return undefined;
    return names.targets([{ model: route.complexity.simple, weight: 1, order: 0 }], "candidate")[0];
  }

  function observe(attempt: ObservedAttempt): void {
    memory.statistics.observe(attempt);
    memory.sticky.observe(attempt);
  }

  return { plan: planned, preview: planned, observe, routes: configuration.models };
}

function sessionOf({ metadata }: CompletionRequest, { principal }: Caller): string | undefined {
  return metadata?.session === undefined ? undefined : `${tenantOf(principal)}\n${metadata.session}`;
}

function candidateOf(target: ResolvedTarget, faults: readonly string[], ranked: readonly Ranked[]): CandidateRecord {
  const place = ranked.find((one) => one.target === target);
  if (place === undefined) return { target: target.name, eligible: false, reasons: faults };
  return { target: target.name, eligible: true, score: place.score, reasons: place.reasons };
}

function asStandIn({ name }: PlannedTarget): CandidateRecord {
  return { target: name, eligible: true, reasons: ["stands in"] };
}

function withRouteTimeouts(target: PlannedTarget, { timeouts }: ModelRoute): PlannedTarget {
  return timeouts === undefined ? target : { ...target, timeouts: { ...timeouts, ...target.timeouts } };
}

function settingsOf({ commit, attemptsPerTarget, cache }: ModelRoute): Pick<RoutePlan, "commit" | "attemptsPerTarget" | "cache"> {
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(attemptsPerTarget === undefined ? {} : { attemptsPerTarget }),
    ...(cache === undefined ? {} : { cache }),
  };
}

function noTarget(route: string, { candidates }: DecisionRecord): DragomanError {
  const reasons = candidates.map(({ target, reasons: why }) => `${target} ${why.join(" and ")}`).join("; ");
  return new DragomanError({
    code: "unsupported",
    model: route,
    detail: `no target of the route ${route} takes this request: ${reasons || "it has none"}`,
  });
}
