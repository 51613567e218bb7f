/**
 * What a name stands for: an agent's, a route, a provider alone, or a model of a provider. Only this file knows how names are
 * read; it neither chooses nor remembers.
 */
import { DragomanError, nearestNames } from "@dragoman/llm";
import type { GatewayConfiguration, ModelRoute } from "../configuration.ts";
import type { ListedTarget, TargetList, TargetTable } from "./target-table.ts";

/** What a name means. */
export type ResolvedName =
  | { readonly type: "route"; readonly name: string; readonly route: ModelRoute }
  | { readonly type: "direct"; readonly target: ListedTarget; readonly standIns: TargetList };

/** Throws `unknown_model` with the nearest names, or `ambiguous_model`. */
export type NameResolver = (name: string, agent: string | undefined) => ResolvedName;

const AGENT_PREFIX = "agent:";
const NAMES_SHOWN = 20;

export function createNameResolver({ agents, models, directModels }: GatewayConfiguration, table: TargetTable): NameResolver {
  function resolve(name: string, agent: string | undefined): ResolvedName {
    const meant = modelOfAgent(name, agent) ?? name;
    const route = Object.hasOwn(models, meant) ? models[meant] : undefined;
    if (route !== undefined) return { type: "route", name: meant, route };
    // What the configuration itself names for an agent is allowed by that.
    if (!directModels && meant === name) throw notRouted(meant);
    const target = table.direct(meant);
    return { type: "direct", target, standIns: table.standIns(target.provider.id) };
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

  function notRouted(model: string): DragomanError {
    const names = Object.keys(models);
    const [nearest] = nearestNames(model, names);
    return new DragomanError({
      code: "unknown_model",
      model,
      detail: `no route is named ${model}, and models are called by their routes here`,
      advice: nearest === undefined ? `routes: ${names.slice(0, NAMES_SHOWN).join(", ") || "none"}` : `did you mean ${nearest}?`,
    });
  }

  return resolve;
}
