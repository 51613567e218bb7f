/** Whether a target may take a request, and if not, every reason. The request's own needs are the library's to judge. */
import { type CompletionRequest, type RequestFacts, type RouteCondition, requestFacts, targetFaults } from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { TargetCondition } from "../configuration.ts";
import { createPromptSize } from "../limits/prompt-size.ts";
import type { ListedTarget } from "./target-table.ts";

/** What of a call decides where it may go. */
export interface RoutedFacts extends RequestFacts {
  readonly caller: Caller;
}

export function createFactsReader(): (request: CompletionRequest, caller: Caller) => RoutedFacts {
  const promptSize = createPromptSize();
  return (request, caller) => ({ ...requestFacts(request, promptSize(request)), caller });
}

export function faultsOf({ provider, model, conditions }: ListedTarget, facts: RoutedFacts): readonly string[] {
  const [first, ...more] = conditions;
  const faults = faultsUnder(first, provider, model, facts);
  if (more.length === 0) return faults;
  // What the model itself lacks is said under each condition, and told once.
  return [...new Set([...faults, ...more.flatMap((when) => faultsUnder(when, provider, model, facts))])];
}

function faultsUnder(
  when: TargetCondition | undefined,
  provider: ListedTarget["provider"],
  model: string,
  facts: RoutedFacts,
): readonly string[] {
  if (when === undefined) return targetFaults({ provider, model }, facts);
  const { teams, agents, ...rest } = when;
  const ofRequest: RouteCondition = rest;
  const { principal, agent } = facts.caller;
  return [
    ...(teams === undefined || teams.includes(principal.team ?? "") ? [] : [`is for the team ${teams.join(" or ")}`]),
    ...(agents === undefined || agents.includes(agent ?? "") ? [] : [`is for the agent ${agents.join(" or ")}`]),
    ...targetFaults({ provider, model, when: ofRequest }, facts),
  ];
}
