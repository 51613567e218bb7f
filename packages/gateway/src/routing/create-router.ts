/**
 * From a model's name to targets in the order in which they are asked. What a name means is read by `resolve-name`, whether a target may take the
 * request is judged by `judge-target`, which of those that may comes first is the strategy's, and this file
 * only asks them in turn.
 */
import { type CompletionRequest, DragomanError, type Registry } from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { GatewayConfiguration, ModelRoute } from "../configuration.ts";
import type { CandidateRecord, DecisionRecord } from "../ledger/call-record.ts";
import { affinityOf, holdingsOf } from "./affinity.ts";
import { judgeComplexity } from "./judge-complexity.ts";
import { createFactsReader, faultsOf, type RoutedFacts } from "./judge-target.ts";
import { createNameResolver } from "./resolve-name.ts";
import type { ObservedAttempt, PlannedTarget, RoutePlan, Router } from "./router.ts";
import { createStickyTargets, type StickyTargets } from "./sticky-targets.ts";
import { type Ranked, rankTargets } from "./strategies.ts";
import { createTargetStatistics, type TargetStatistics } from "./target-statistics.ts";
import { createTargetTable, type ListedTarget, type TargetList } from "./target-table.ts";

export interface RouterOptions {
  readonly configuration: GatewayConfiguration;
  readonly registry: Registry;
  /** What was learned under the configuration before; default: nothing yet. */
  readonly memory?: RouterMemory;
  /** Why a target is left alone for now, as by a circuit breaker; undefined where it is not. Default: none is. */
  readonly leftAlone?: (target: string) => string | undefined;
  /** Between 0 and 1, 1 excluded. Default `Math.random`. */
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
  const { configuration, registry, memory = createRouterMemory() } = options;
  const { random = Math.random, time = Date.now, leftAlone = () => undefined } = options;
  const table = createTargetTable(configuration, registry);
  const resolve = createNameResolver(configuration, table);
  const readFacts = createFactsReader();

  function plan(request: CompletionRequest, caller: Caller): RoutePlan {
    const meant = resolve(request.model, caller.agent);
    if (meant.type === "route") return throughRoute(meant.name, meant.route, request, caller);
    const { target, standIns } = meant;
    if (standIns.targets.length === 0) {
      return { targets: [target], decision: { candidates: [{ target: target.name, eligible: true, reasons: ["was named"] }] } };
    }
    const judged = judge(standIns, readFacts(request, caller));
    const reason = leftAlone(target.name);
    const away = new Map(reason === undefined ? [] : [[target, awayText(reason)]]);
    const named: Judged = { eligible: [target], away, refused: [] };
    const [first, ...rest] = inLine([target], named, judged);
    const decision = { candidates: [told(target, ["was named"], named), ...toldStandIns(judged)] };
    return { targets: [first ?? target, ...rest], decision };
  }

  function throughRoute(name: string, route: ModelRoute, request: CompletionRequest, caller: Caller): RoutePlan {
    const now = time();
    const facts = readFacts(request, caller);
    const judged = judge(table.candidates(route), facts);
    const context = { statistics: memory.statistics, facts, random, now };
    const ranked = rankTargets(route.strategy, judged.eligible, context);
    const hasChoice = judged.eligible.length > 1 || route.complexity?.mode === "act";
    const affinity = route.sticky && hasChoice ? affinityOf(request, caller) : undefined;
    const held = affinity === undefined ? undefined : holderOf(request, affinity, ranked, judged, now);
    const complexity = route.complexity === undefined ? undefined : judgeComplexity(request, route.complexity);
    const simple = complexity?.verdict === "simple" ? judge(table.simple(route), facts) : undefined;
    const [easy] = route.complexity?.mode === "act" && held?.target === undefined ? (simple?.eligible ?? []) : [];
    const acts = easy !== undefined && !simple?.away.has(easy);
    const first = held?.target ?? (acts ? easy : undefined);
    const standIns = judge(table.fallback(route), facts);
    const overflow = judge(table.overflow(route), facts).eligible;
    const line = inLine([...(first === undefined ? [] : [first]), ...ranked.map(({ target }) => target)], judged, standIns);
    // Where every window is too small by our own count, the larger ones are asked at once.
    const whole: readonly PlannedTarget[] =
      line.length === 0 ? overflow.map((target) => ({ ...target, role: "fallback" })) : [...line, ...overflow];
    const decision: DecisionRecord = {
      strategy: route.strategy,
      candidates: [
        ...toldSimple(route, simple, acts),
        ...toldRanked(ranked, judged, held),
        ...judged.refused,
        ...toldStandIns(standIns),
      ],
      ...(complexity === undefined ? {} : { complexity: { ...complexity, acted: acts } }),
      ...(held?.target === undefined ? {} : { sticky: held.target.name }),
    };
    const [head, ...rest] = whole;
    if (head === undefined) throw noTarget(name, decision);
    return {
      route: name,
      targets: [head, ...rest],
      decision,
      ...(affinity === undefined ? {} : { affinity }),
      ...settingsOf(route),
    };
  }

  function judge({ targets, unknown }: TargetList, facts: RoutedFacts): Judged {
    if (targets.length === 0 && unknown.length === 0) return NOBODY;
    const eligible: ListedTarget[] = [];
    let away: Map<ListedTarget, string> | undefined;
    const refused: CandidateRecord[] = [];
    for (const target of targets) {
      const faults = faultsOf(target, facts);
      if (faults.length > 0) {
        refused.push({ target: target.name, eligible: false, reasons: faults });
        continue;
      }
      eligible.push(target);
      const reason = leftAlone(target.name);
      if (reason !== undefined) away = (away ?? new Map<ListedTarget, string>()).set(target, awayText(reason));
    }
    return { eligible, away: away ?? NOBODY.away, refused: unknown.length === 0 ? refused : [...refused, ...unknown] };
  }

  /** Who holds a part of the conversation: with the target where it can be asked now. */
  function holderOf(
    request: CompletionRequest,
    affinity: string,
    ranked: readonly Ranked[],
    { away }: Judged,
    now: number,
  ): Held | undefined {
    let held: Held | undefined;
    for (const { holds, reason } of holdingsOf(request, affinity, memory.sticky, now)) {
      const target = ranked.find((one) => holds(one.target))?.target;
      if (target === undefined) continue;
      held ??= { holder: target, reason };
      if (!away.has(target)) return { holder: target, target, reason };
    }
    return held;
  }

  function observe(attempt: ObservedAttempt, { affinity }: Pick<RoutePlan, "affinity"> = {}): void {
    memory.statistics.observe(attempt);
    if (affinity !== undefined && attempt.outcome === "answered")
      memory.sticky.answered(affinity, attempt.target, attempt.at + attempt.durationMs);
  }

  return { plan, preview: plan, observe, routes: configuration.models };
}

/** A list as it stands for one request. */
interface Judged {
  readonly eligible: readonly ListedTarget[];
  /** Those of them that are left alone for now, and why. */
  readonly away: ReadonlyMap<ListedTarget, string>;
  readonly refused: readonly CandidateRecord[];
}

const NOBODY: Judged = { eligible: [], away: new Map(), refused: [] };

interface Held {
  readonly holder: ListedTarget;
  /** Absent where it is left alone for now: the conversation goes to another. */
  readonly target?: ListedTarget;
  readonly reason: string;
}

/** Each target once: who can be asked now, then who stands in, then who is left alone. */
function inLine(ranked: readonly ListedTarget[], judged: Judged, standIns: Judged): readonly ListedTarget[] {
  if (ranked.length < 2 && standIns === NOBODY) return ranked;
  const seen = new Set<string>();
  const here: ListedTarget[] = [];
  const away: ListedTarget[] = [];
  for (const target of [...ranked, ...standIns.eligible]) {
    if (seen.has(target.name)) continue;
    seen.add(target.name);
    const isAway = judged.away.has(target) || standIns.away.has(target);
    (isAway ? away : here).push(target);
  }
  return [...here, ...away];
}

function awayText(reason: string): string {
  return `is left alone for now: ${reason}`;
}

function told(target: ListedTarget, reasons: readonly string[], { away }: Judged, score?: number): CandidateRecord {
  const reason = away.get(target);
  const record = { target: target.name, eligible: true, reasons: reason === undefined ? reasons : [...reasons, reason] };
  return score === undefined ? record : { ...record, score };
}

/** In the order in which they are asked. */
function toldRanked(ranked: readonly Ranked[], judged: Judged, held: Held | undefined): readonly CandidateRecord[] {
  const records = ranked.map(({ target, score, reasons }) =>
    told(target, target === held?.holder ? [held.reason, ...reasons] : reasons, judged, score),
  );
  if (records.length < 2) return records;
  const placeOf = (index: number): number => {
    const target = ranked[index]?.target;
    if (target === undefined) return index;
    return target === held?.target ? -1 : judged.away.has(target) ? ranked.length + index : index;
  };
  return records
    .map((record, index) => ({ record, place: placeOf(index) }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ record }) => record);
}

function toldSimple(route: ModelRoute, simple: Judged | undefined, acts: boolean): readonly CandidateRecord[] {
  if (route.complexity?.mode !== "act" || simple === undefined) return [];
  const reason = acts ? "answers simple tasks" : "would answer simple tasks, and another has the conversation";
  return [...simple.eligible.map((target) => told(target, [reason], simple)), ...simple.refused];
}

function toldStandIns(standIns: Judged): readonly CandidateRecord[] {
  return [...standIns.eligible.map((target) => told(target, ["stands in"], standIns)), ...standIns.refused];
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
