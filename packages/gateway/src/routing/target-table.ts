/**
 * The lists of a configuration as live targets: providers looked up, routes that stand in a list replaced by their own targets. A list
 * is made once; what cannot be found now is told with its reason, and looked for again the next time.
 */
import { type Provider, type Registry, type Timeouts, toDragomanError } from "@dragoman/llm";
import type { GatewayConfiguration, ModelRoute, RouteTargetEntry, TargetCondition } from "../configuration.ts";
import type { CandidateRecord } from "../ledger/call-record.ts";
import type { PlannedTarget } from "./router.ts";

/** A target with what its place in the configuration says of it. */
export interface ListedTarget extends PlannedTarget {
  readonly weight: number;
  readonly order: number;
  /** All of them must hold. */
  readonly conditions: readonly TargetCondition[];
}

export interface TargetList {
  readonly targets: readonly ListedTarget[];
  /** Names that lead to no model now, each with the reason. */
  readonly unknown: readonly CandidateRecord[];
}

export interface TargetTable {
  /** The targets of a route. */
  candidates(route: ModelRoute): TargetList;
  /** Who stands in: as the route says, else as the providers of its targets say. */
  fallback(route: ModelRoute): TargetList;
  overflow(route: ModelRoute): TargetList;
  /** Who answers what is judged simple. */
  simple(route: ModelRoute): TargetList;
  /** Who stands in for a provider whose model was named directly. */
  standIns(provider: string): TargetList;
  /** One model, by its name alone. Throws `unknown_model` or `ambiguous_model`. */
  direct(reference: string): ListedTarget;
}

type Kind = "candidates" | "fallback" | "overflow" | "simple";

export function createTargetTable({ models, providers }: GatewayConfiguration, registry: Registry): TargetTable {
  const ofRoutes = new WeakMap<ModelRoute, Partial<Record<Kind, TargetList>>>();
  const ofProviders = new Map<string, TargetList>();

  function listOf(route: ModelRoute, kind: Kind, make: () => TargetList): TargetList {
    const lists = ofRoutes.get(route) ?? {};
    const known = lists[kind];
    if (known !== undefined) return known;
    const made = make();
    if (made.unknown.length === 0) ofRoutes.set(route, { ...lists, [kind]: made });
    return made;
  }

  function fallbackOf(route: ModelRoute): TargetList {
    if (route.fallback.length > 0) return resolved(route.fallback, "fallback", route.timeouts);
    const own = candidatesOf(route).targets;
    const names = [...new Set(own.map(({ provider }) => provider.id))].flatMap(fallbackNames);
    return withTimeouts(resolved(names.map(entryOf), "fallback"), route.timeouts);
  }

  function fallbackNames(provider: string): readonly string[] {
    return (Object.hasOwn(providers, provider) ? providers[provider]?.fallback : undefined) ?? [];
  }

  function candidatesOf(route: ModelRoute): TargetList {
    return listOf(route, "candidates", () => resolved(route.targets, "candidate", route.timeouts));
  }

  function standInsOf(provider: string): TargetList {
    const known = ofProviders.get(provider);
    if (known !== undefined) return known;
    const made = resolved(fallbackNames(provider).map(entryOf), "fallback");
    if (made.unknown.length === 0 && Object.hasOwn(providers, provider)) ofProviders.set(provider, made);
    return made;
  }

  /** `above`: routes that are being resolved, so that a circle ends. */
  function resolved(
    entries: readonly RouteTargetEntry[],
    role: PlannedTarget["role"],
    timeouts: Timeouts | undefined = undefined,
    above: readonly string[] = [],
  ): TargetList {
    return joined(entries.map((entry) => withTimeouts(resolvedEntry(entry, role, above), timeouts)));
  }

  function resolvedEntry(entry: RouteTargetEntry, role: PlannedTarget["role"], above: readonly string[]): TargetList {
    const { model, when, timeouts, weight, order } = entry;
    const route = Object.hasOwn(models, model) ? models[model] : undefined;
    const conditions = when === undefined ? [] : [when];
    if (route === undefined || role === "candidate") {
      try {
        const target = { ...direct(model), role, weight, order, conditions };
        return withTimeouts({ targets: [target], unknown: [] }, timeouts);
      } catch (thrown) {
        return { targets: [], unknown: [{ target: model, eligible: false, reasons: [toDragomanError(thrown).detail] }] };
      }
    }
    if (above.includes(model)) return { targets: [], unknown: [] };
    // In the order of its list: the strategy of a route is for those who call it.
    const inner = resolved(route.targets, role, route.timeouts, [...above, model]);
    const targets = inner.targets.map((target) => ({ ...target, conditions: [...target.conditions, ...conditions] }));
    return withTimeouts({ ...inner, targets }, timeouts);
  }

  function direct(reference: string): ListedTarget {
    const { provider, model } = registry.resolve(withDefaultModel(reference));
    return asListed(provider, model);
  }

  function withDefaultModel(name: string): string {
    const model = Object.hasOwn(providers, name) ? providers[name]?.defaultModel : undefined;
    return model === undefined ? name : `${name}:${model}`;
  }

  return {
    candidates: candidatesOf,
    fallback: (route) => listOf(route, "fallback", () => fallbackOf(route)),
    overflow: (route) => listOf(route, "overflow", () => resolved(route.overflow, "overflow", route.timeouts)),
    simple: (route) =>
      listOf(route, "simple", () =>
        resolved(route.complexity === undefined ? [] : [entryOf(route.complexity.simple)], "candidate", route.timeouts),
      ),
    standIns: standInsOf,
    direct,
  };
}

function asListed(provider: Provider, model: string): ListedTarget {
  return { name: `${provider.id}:${model}`, provider, model, role: "candidate", weight: 1, order: 0, conditions: [] };
}

function entryOf(model: string): RouteTargetEntry {
  return { model, weight: 1, order: 0 };
}

/** Deadlines for those targets that have none of that kind. */
function withTimeouts(list: TargetList, timeouts: Timeouts | undefined): TargetList {
  if (timeouts === undefined) return list;
  return { ...list, targets: list.targets.map((target) => ({ ...target, timeouts: { ...timeouts, ...target.timeouts } })) };
}

function joined(lists: readonly TargetList[]): TargetList {
  return { targets: lists.flatMap(({ targets }) => targets), unknown: lists.flatMap(({ unknown }) => unknown) };
}
