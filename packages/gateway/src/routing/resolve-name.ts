/**
 * What a name stands for: an agent's, a route, a provider alone, or a model of a provider. Only this file knows how names are
 * read; it neither chooses nor remembers.
 */
import { DragomanError, nearestNames, type Provider, type Registry } from "@dragoman/llm";
import type { GatewayConfiguration, ModelRoute, RouteTargetEntry } from "../configuration.ts";
import type { PlannedTarget } from "./router.ts";

/** A target with the entry of the configuration that it comes from. */
export interface ResolvedTarget extends PlannedTarget {
  readonly entry: RouteTargetEntry;
}

/** What a name means. */
export type ResolvedName =
  | { readonly type: "route"; readonly name: string; readonly route: ModelRoute }
  | { readonly type: "direct"; readonly target: ResolvedTarget; readonly standIns: readonly ResolvedTarget[] };

export interface NameResolver {
  /** Throws `unknown_model` with the nearest names, `ambiguous_model`, or `permission_denied` where only routes may be called. */
  resolve(name: string, agent: string | undefined): ResolvedName;
  /** The targets of one list of a route; made once. */
  targets(entries: readonly RouteTargetEntry[], role: PlannedTarget["role"]): readonly ResolvedTarget[];
}

const AGENT_PREFIX = "agent:";

export function createNameResolver(configuration: GatewayConfiguration, registry: Registry): NameResolver {
  const { agents, models, providers, directModels } = configuration;
  const made = new WeakMap<readonly RouteTargetEntry[], Map<PlannedTarget["role"], readonly ResolvedTarget[]>>();

  function resolve(name: string, agent: string | undefined): ResolvedName {
    const meant = modelOfAgent(name, agent) ?? name;
    const route = Object.hasOwn(models, meant) ? models[meant] : undefined;
    if (route !== undefined) return { type: "route", name: meant, route };
    if (!directModels) throw notRouted(meant);
    const { provider, model } = registry.resolve(withDefaultModel(meant));
    return { type: "direct", target: targetOf(provider, model, "candidate"), standIns: standInsOf(provider.id) };
  }

  /** An agent is meant by `agent:name`, or by its name alone where it says who it is and names no model of its own. */
  function modelOfAgent(name: string, agent: string | undefined): string | undefined {
    const named = name.startsWith(AGENT_PREFIX) ? name.slice(AGENT_PREFIX.length) : name === agent ? agent : undefined;
    if (named === undefined) return undefined;
    const entry = Object.hasOwn(agents, named) ? agents[named] : undefined;
    if (entry === undefined && name.startsWith(AGENT_PREFIX)) throw unknownAgent(named);
    return entry?.model;
  }

  function unknownAgent(agent: string): DragomanError {
    const [nearest] = nearestNames(agent, Object.keys(agents));
    return new DragomanError({
      code: "unknown_model",
      model: `${AGENT_PREFIX}${agent}`,
      detail: `no agent is named ${agent}`,
      ...(nearest === undefined ? {} : { advice: `did you mean ${AGENT_PREFIX}${nearest}?` }),
    });
  }

  function withDefaultModel(name: string): string {
    const model = Object.hasOwn(providers, name) ? providers[name]?.defaultModel : undefined;
    return model === undefined ? name : `${name}:${model}`;
  }

  function notRouted(model: string): DragomanError {
    const names = Object.keys(models);
    const [nearest] = nearestNames(model, names);
    return new DragomanError({
      code: "unknown_model",
      model,
      detail: `no route is named ${model}, and models are called by their routes here`,
      advice: nearest === undefined ? `routes: ${names.slice(0, 20).join(", ") || "none"}` : `did you mean ${nearest}?`,
    });
  }

  /** Who answers for a provider whose model was named directly. A route's name there stands for its targets. */
  function standInsOf(provider: string): readonly ResolvedTarget[] {
    const names = (Object.hasOwn(providers, provider) ? providers[provider]?.fallback : undefined) ?? [];
    return names.flatMap((name) => {
      const route = Object.hasOwn(models, name) ? models[name] : undefined;
      return route === undefined ? referred(name, "fallback") : targets(route.targets, "fallback");
    });
  }

  function targets(entries: readonly RouteTargetEntry[], role: PlannedTarget["role"]): readonly ResolvedTarget[] {
    const known = made.get(entries) ?? new Map<PlannedTarget["role"], readonly ResolvedTarget[]>();
    made.set(entries, known);
    const found = known.get(role) ?? entries.map((entry) => ({ ...referred(entry.model, role), ...timeoutsOf(entry), entry }));
    known.set(role, found);
    return found;
  }

  function referred(reference: string, role: PlannedTarget["role"]): ResolvedTarget {
    const { provider, model } = registry.resolve(withDefaultModel(reference));
    return targetOf(provider, model, role);
  }

  return { resolve, targets };
}

function timeoutsOf({ timeouts }: RouteTargetEntry): Pick<PlannedTarget, "timeouts"> {
  return timeouts === undefined ? {} : { timeouts };
}

function targetOf(provider: Provider, model: string, role: PlannedTarget["role"]): ResolvedTarget {
  const name = `${provider.id}:${model}`;
  return { name, provider, model, role, entry: { model: name, weight: 1, order: 0 } };
}
