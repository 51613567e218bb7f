/** Keys and teams as they are shown: without anything by which a key could be proved. */
import type { KeyEntry } from "../configuration.ts";
import { modelsOfTeam } from "./key-ring.ts";
import type { KeyUses } from "./key-uses.ts";
import type { KeyView, TeamView } from "./tenancy.ts";
import { type DecisionGround, isHolding } from "./tenancy-decisions.ts";
import type { KeyState } from "./tenancy-state.ts";

export interface ViewGround extends DecisionGround {
  readonly uses: Pick<KeyUses, "lastUsedAt">;
  /** Fingerprint of the pepper in use. */
  readonly pepper: string;
}

/** Those of the configuration first, then those that were created, oldest first. */
export function keyViews(ground: ViewGround): readonly KeyView[] {
  const configured = Object.entries(ground.configuration.keys).map(([name, entry]) => configuredView(name, entry, ground));
  return [...configured, ...[...ground.state.keys.values()].map((key) => viewOfKey(key, ground))];
}

export function viewOfKey(key: KeyState, ground: ViewGround): KeyView {
  const { id, name, team, restrictions, createdAt, createdBy, rotatedAt, previous, revokedAt } = key;
  const { now, uses } = ground;
  const lastUsedAt = uses.lastUsedAt(id);
  const problem = problemOf(key, ground);
  return {
    id,
    name,
    ...(team === undefined ? {} : { team }),
    restrictions,
    state: revokedAt !== undefined ? "revoked" : isHolding(key, now) ? "active" : "expired",
    source: "created",
    createdAt,
    createdBy,
    ...(rotatedAt === undefined ? {} : { rotatedAt }),
    ...(previous === undefined || previous.until <= now ? {} : { overlapUntil: previous.until }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(problem === undefined ? {} : { problem }),
  };
}

export function teamViews(ground: ViewGround): readonly TeamView[] {
  const { configuration, state } = ground;
  const created = [...state.teams.keys()].filter((name) => !Object.hasOwn(configuration.teams, name));
  const members = countMembers(ground);
  const view = (name: string, source: TeamView["source"]): TeamView => {
    const models = modelsOfTeam(ground, name);
    return { name, ...(models === undefined ? {} : { models }), source, keys: members.get(name) ?? 0 };
  };
  return [
    ...Object.keys(configuration.teams).map((name) => view(name, "configuration")),
    ...created.map((name) => view(name, "created")),
  ];
}

function configuredView(name: string, { team, restrictions }: KeyEntry, { now, uses }: ViewGround): KeyView {
  const lastUsedAt = uses.lastUsedAt(name);
  return {
    id: name,
    name,
    ...(team === undefined ? {} : { team }),
    restrictions,
    state: (restrictions.expiresAt ?? Number.POSITIVE_INFINITY) > now ? "active" : "expired",
    source: "configuration",
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

function problemOf({ proof, team }: KeyState, { pepper, configuration, state }: ViewGround): string | undefined {
  if (proof.pepper !== pepper) return "it was made with another pepper: restore that pepper, or rotate the key";
  const isTeamGone = team !== undefined && !Object.hasOwn(configuration.teams, team) && !state.teams.has(team);
  return isTeamGone ? `its team ${team} is gone: create the team, or revoke the key` : undefined;
}

/** Keys that hold, by team. */
function countMembers(ground: ViewGround): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { team, state } of keyViews(ground)) {
    if (team !== undefined && state === "active") counts.set(team, (counts.get(team) ?? 0) + 1);
  }
  return counts;
}
