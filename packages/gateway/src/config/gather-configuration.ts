/** From what was written to what the gateway goes by: limits in one list, each with its `of` and its name; routes within routes written out. */
import type { GatewayConfiguration, LimitRule, ModelRoute, RouteTargetEntry } from "../configuration.ts";
import type { ConfigurationDraft } from "./configuration-form.ts";
import type { DraftRule } from "./limit-form.ts";
import { type ConfigurationPath, pathText } from "./problem.ts";
import type { LimitsWithin } from "./tenancy-form.ts";

/** A rule, and where it was written. */
export interface PlacedRule {
  readonly rule: LimitRule;
  readonly path: ConfigurationPath;
}

export function gatherConfiguration(draft: ConfigurationDraft): GatewayConfiguration {
  const { budgets: _budgets, directModels, ...rest } = draft;
  const own = <Entry extends object>(entries: Readonly<Record<string, Entry>>) =>
    Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, withoutLimits(entry)]));
  return {
    ...rest,
    providers: own(draft.providers),
    models: Object.fromEntries(Object.entries(draft.models).map(([name, route]) => [name, writtenOut(route, draft.models)])),
    agents: own(draft.agents),
    teams: own(draft.teams),
    keys: own(draft.keys),
    limits: placedRules(draft).map(({ rule }) => rule),
    directModels: directModels ?? Object.keys(draft.models).length === 0,
  };
}

type WithoutLimits<Entry> = Omit<Entry, "limits" | "budgets">;

function withoutLimits<Entry extends object>(entry: Entry): WithoutLimits<Entry> {
  const {
    limits: _limits,
    budgets: _budgets,
    ...rest
  }: Entry & { readonly limits?: unknown; readonly budgets?: unknown } = entry;
  return rest;
}

const OWNERS = [
  ["providers", "provider"],
  ["agents", "agent"],
  ["teams", "team"],
  ["keys", "key"],
] as const;

/** Every rule with its place: first those of all calls, then those that stand in something. */
export function placedRules(draft: ConfigurationDraft): readonly PlacedRule[] {
  const all = (["limits", "budgets"] as const).flatMap((listName) =>
    draft[listName].map((rule, index) => placed(rule, [listName, index], {})),
  );
  const within = OWNERS.flatMap(([table, dimension]) =>
    Object.entries<LimitsWithin>(draft[table]).flatMap(([name, entry]) =>
      (["limits", "budgets"] as const).flatMap((listName) =>
        (entry[listName] ?? []).map((rule, index) => placed(rule, [table, name, listName, index], { [dimension]: [name] })),
      ),
    ),
  );
  return [...all, ...within];
}

function placed(rule: DraftRule, path: ConfigurationPath, of: LimitRule["of"]): PlacedRule {
  return { path, rule: { ...rule, name: rule.name ?? pathText(path), of: { ...rule.of, ...of } } };
}

/** A route under `fallback` or `overflow` stands for its targets and its own fallback. */
function writtenOut(route: ModelRoute, routes: Readonly<Record<string, ModelRoute>>): ModelRoute {
  return { ...route, fallback: spread(route.fallback, routes), overflow: spread(route.overflow, routes) };
}

/** Each model once, where it first comes. */
function spread(entries: readonly RouteTargetEntry[], routes: Readonly<Record<string, ModelRoute>>): readonly RouteTargetEntry[] {
  const found = new Map<string, RouteTargetEntry>();
  /** Each route once: circles end, and chains that share their ends cost nothing more. */
  const seen = new Set<string>();
  function add(some: readonly RouteTargetEntry[]): void {
    for (const entry of some) {
      const route = Object.hasOwn(routes, entry.model) ? routes[entry.model] : undefined;
      if (route === undefined) {
        if (!found.has(entry.model)) found.set(entry.model, entry);
      } else if (!seen.has(entry.model)) {
        seen.add(entry.model);
        add(route.targets);
        add(route.fallback);
      }
    }
  }
  add(entries);
  return [...found.values()];
}
