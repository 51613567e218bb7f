/** What a principal may call. What is not restricted is allowed; of a key's and its team's lists, both must allow. */
import { DragomanError } from "@dragoman/llm";
import type { Principal } from "../caller.ts";
import { matchesAny } from "./name-patterns.ts";

export function authoriseModel({ key, team, restrictions, teamModels }: Principal, model: string): void {
  if (restrictions.models !== undefined && !matchesAny(restrictions.models, model)) {
    throw denied(`the key ${key} may not use the model ${model.slice(0, 200)}`, restrictions.models);
  }
  if (teamModels !== undefined && !matchesAny(teamModels, model)) {
    throw denied(`the team ${team ?? ""} may not use the model ${model.slice(0, 200)}`, teamModels);
  }
}

export function authorisePath({ key, restrictions }: Principal, path: string): void {
  if (restrictions.paths !== undefined && !matchesAny(restrictions.paths, path)) {
    throw denied(`the key ${key} may not call ${path.slice(0, 200)}`, restrictions.paths);
  }
}

const NAMED_MAX = 10;

function denied(detail: string, allowed: readonly string[]): DragomanError {
  const some = allowed.slice(0, NAMED_MAX).join(", ");
  const more = allowed.length > NAMED_MAX ? ` and ${allowed.length - NAMED_MAX} more` : "";
  const advice = allowed.length === 0 ? "ask for a key that may" : `use one of ${some}${more}`;
  return new DragomanError({ code: "permission_denied", detail, advice });
}
