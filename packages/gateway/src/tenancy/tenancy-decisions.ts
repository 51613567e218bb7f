/** What may be decided, from what holds now: each gives the event to append, or throws. Pure. */
import { DragomanError, nearestNames } from "@dragoman/llm";
import type { z } from "zod";
import type { KeyRestrictions } from "../configuration.ts";
import { checked, keyName, keyRestrictions, modelPatterns, teamName } from "./restrictions.ts";
import type { NewKey, NewTeam, TenancyConfiguration } from "./tenancy.ts";
import type { TenancyEvent } from "./tenancy-events.ts";
import type { KeyProof, KeyState, TenancyState } from "./tenancy-state.ts";

export interface DecisionGround {
  readonly state: TenancyState;
  readonly configuration: TenancyConfiguration;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Each key takes about a kilobyte of every node's memory. */
const KEYS_MAX = 100_000;
const TEAMS_MAX = 10_000;
const OVERLAP_MAX_MS = 90 * 24 * 60 * 60 * 1_000;

export function decideCreateKey(ground: DecisionGround, key: NewKey, id: string, proof: KeyProof, actor: string): TenancyEvent {
  const name = checked(keyName, key.name, "name");
  const restrictions = checkedRestrictions(ground, key.restrictions ?? {});
  if (isNameTaken(ground, name)) {
    throw refused(`a key named ${JSON.stringify(name)} exists`, "choose another name, or rotate that key", "name");
  }
  if (ground.state.keys.size >= KEYS_MAX) throw refused(`there are ${KEYS_MAX} keys already`, "give one key to several callers");
  if (key.team !== undefined) findTeam(ground, key.team);
  const team = key.team === undefined ? {} : { team: key.team };
  return { type: "key.created", data: { id, name, ...team, restrictions, ...proof, actor, at: ground.now } };
}

export function decideRotateKey(ground: DecisionGround, key: KeyState, proof: KeyProof, overlapMs: number): TenancyEvent {
  if (key.revokedAt !== undefined) throw refused(`${key.id} is revoked`, "create a new key");
  if (!Number.isSafeInteger(overlapMs) || overlapMs < 0 || overlapMs > OVERLAP_MAX_MS) {
    throw refused(`overlapMs: must be a whole number from 0 to ${OVERLAP_MAX_MS}`, "rotate with a shorter overlap", "overlapMs");
  }
  const overlap = overlapMs === 0 ? {} : { overlapUntil: ground.now + overlapMs };
  return { type: "key.rotated", data: { id: key.id, ...proof, ...overlap, at: ground.now } };
}

/** Undefined where it is revoked already. */
export function decideRevokeKey(ground: DecisionGround, key: KeyState): TenancyEvent | undefined {
  return key.revokedAt === undefined ? { type: "key.revoked", data: { id: key.id, at: ground.now } } : undefined;
}

export function decideRestrictKey(ground: DecisionGround, key: KeyState, restrictions: KeyRestrictions): TenancyEvent {
  if (key.revokedAt !== undefined) throw refused(`${key.id} is revoked`, "create a new key");
  // An expired key that comes back to life may find its name given to another.
  if (!isHolding(key, ground.now) && isNameTaken(ground, key.name)) {
    throw refused(`another key is named ${JSON.stringify(key.name)} by now`, "create a new key");
  }
  return {
    type: "key.restricted",
    data: { id: key.id, restrictions: checkedRestrictions(ground, restrictions), at: ground.now },
  };
}

export function decideCreateTeam(ground: DecisionGround, team: NewTeam): TenancyEvent {
  const name = checked(teamName, team.name, "name");
  const models = team.models === undefined ? {} : { models: checked(modelPatterns, team.models, "models") };
  if (teamNames(ground).includes(name)) {
    throw refused(`a team named ${JSON.stringify(name)} exists`, "choose another name", "name");
  }
  if (ground.state.teams.size >= TEAMS_MAX) throw refused(`there are ${TEAMS_MAX} teams already`, "remove some");
  return { type: "team.created", data: { name, ...models, at: ground.now } };
}

export function decideRemoveTeam(ground: DecisionGround, name: string): TenancyEvent {
  findTeam(ground, name);
  if (!ground.state.teams.has(name)) throw refused(`the team ${name} stands in the configuration`, "remove it there");
  const members = [...ground.state.keys.values()].filter((key) => key.team === name && isHolding(key, ground.now));
  if (members.length > 0) {
    const some = members.slice(0, 5).map((key) => key.name);
    throw refused(`${members.length} keys are in the team ${name}: ${some.join(", ")}`, "revoke them first");
  }
  return { type: "team.removed", data: { name, at: ground.now } };
}

/** By its id, or by its name where a key of that name holds. Throws `not_found`, and `invalid_request` for one of the configuration. */
export function findKey({ state, configuration, now }: DecisionGround, named: string): KeyState {
  const key = state.keys.get(named) ?? [...state.keys.values()].find((one) => one.name === named && isHolding(one, now));
  if (key !== undefined) return key;
  if (Object.hasOwn(configuration.keys, named)) {
    throw refused(`the key ${named} stands in the configuration`, "change it there");
  }
  const [nearest] = nearestNames(
    named,
    [...state.keys.values()].map((one) => one.name),
  );
  throw new DragomanError({
    code: "not_found",
    detail: `there is no key ${JSON.stringify(named.slice(0, 100))}`,
    advice: nearest === undefined ? "list the keys that there are" : `did you mean ${nearest}?`,
  });
}

/** Neither revoked nor expired. */
export function isHolding(key: KeyState, now: number): boolean {
  return key.revokedAt === undefined && (key.restrictions.expiresAt ?? Number.POSITIVE_INFINITY) > now;
}

function checkedRestrictions({ now }: DecisionGround, restrictions: KeyRestrictions): z.infer<typeof keyRestrictions> {
  const right = checked(keyRestrictions, restrictions, "restrictions");
  if (right.expiresAt !== undefined && right.expiresAt <= now) {
    throw refused("restrictions.expiresAt: is in the past", "revoke a key that must stop now", "restrictions.expiresAt");
  }
  return right;
}

function isNameTaken({ state, configuration, now }: DecisionGround, name: string): boolean {
  return (
    Object.hasOwn(configuration.keys, name) || [...state.keys.values()].some((key) => key.name === name && isHolding(key, now))
  );
}

function teamNames({ state, configuration }: DecisionGround): readonly string[] {
  return [...Object.keys(configuration.teams), ...state.teams.keys()];
}

function findTeam(ground: DecisionGround, name: string): void {
  const names = teamNames(ground);
  if (names.includes(name)) return;
  const [nearest] = nearestNames(name, names);
  throw new DragomanError({
    code: "not_found",
    field: "team",
    detail: `there is no team ${JSON.stringify(name.slice(0, 100))}`,
    advice: nearest === undefined ? "create it first" : `did you mean ${nearest}? Else create it first`,
  });
}

function refused(detail: string, advice: string, field?: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, advice, field });
}
