/** Whether a target may take a request, and if not, every reason. The request's own needs are the library's to judge. */
import { type CompletionRequest, type RequestFacts, type RouteCondition, requestFacts, targetFaults } from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { ResolvedTarget } from "./resolve-name.ts";

/** What of a call decides where it may go. */
export interface RoutedFacts extends RequestFacts {
  readonly caller: Caller;
}

export function factsOf(request: CompletionRequest, caller: Caller): RoutedFacts {
  return { ...requestFacts(request), caller };
}

export function faultsOf({ provider, model, entry }: ResolvedTarget, facts: RoutedFacts): readonly string[] {
  const { teams, agents, ...when } = entry.when ?? {};
  const { principal, agent } = facts.caller;
  const ofRequest: RouteCondition = when;
  return [
    ...(teams === undefined || teams.includes(principal.team ?? "") ? [] : [`is for the team ${teams.join(" or ")}`]),
    ...(agents === undefined || agents.includes(agent ?? "") ? [] : [`is for the agent ${agents.join(" or ")}`]),
    ...targetFaults({ provider, model, when: ofRequest }, facts),
  ];
}
