/** Created keys and teams as the fold of their events. Deterministic; knows neither clock nor log. */
import type { KeyRestrictions } from "../configuration.ts";
import type { TenancyEvent } from "./tenancy-events.ts";

/** One proof of a key: the HMAC of it, under the pepper of that fingerprint. */
export interface KeyProof {
  readonly digest: string;
  readonly pepper: string;
}

export interface KeyState {
  readonly id: string;
  readonly name: string;
  readonly team?: string;
  readonly restrictions: KeyRestrictions;
  readonly proof: KeyProof;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly rotatedAt?: number;
  /** The proof before the last rotation. */
  readonly previous?: KeyProof & { readonly until: number };
  readonly revokedAt?: number;
}

export interface TeamState {
  readonly name: string;
  readonly models?: readonly string[];
}

export interface TenancyState {
  readonly keys: ReadonlyMap<string, KeyState>;
  readonly teams: ReadonlyMap<string, TeamState>;
  /** Takes one more event in, in place. An event about what is not there changes nothing. */
  apply(event: TenancyEvent): void;
}

/** Revoked keys that are still told of; of older ones nothing is left but their events. */
const REVOKED_MAX = 10_000;

export function createTenancyState(): TenancyState {
  const keys = new Map<string, KeyState>();
  const teams = new Map<string, TeamState>();
  /** In the order in which they were revoked. */
  const revoked = new Set<string>();

  function change(id: string, changed: (key: KeyState) => KeyState): void {
    const key = keys.get(id);
    if (key !== undefined) keys.set(id, changed(key));
  }

  function revoke(id: string, at: number): void {
    change(id, (key) => withoutPrevious({ ...key, revokedAt: key.revokedAt ?? at }));
    if (keys.has(id)) revoked.add(id);
    if (revoked.size <= REVOKED_MAX) return;
    const [oldest] = revoked;
    if (oldest === undefined) return;
    revoked.delete(oldest);
    keys.delete(oldest);
  }

  function apply({ type, data }: TenancyEvent): void {
    switch (type) {
      case "key.created":
        keys.set(data.id, {
          id: data.id,
          name: data.name,
          ...(data.team === undefined ? {} : { team: data.team }),
          restrictions: data.restrictions,
          proof: { digest: data.digest, pepper: data.pepper },
          createdAt: data.at,
          createdBy: data.actor,
        });
        break;
      case "key.rotated":
        change(data.id, (key) => ({
          ...withoutPrevious(key),
          proof: { digest: data.digest, pepper: data.pepper },
          rotatedAt: data.at,
          ...(data.overlapUntil === undefined ? {} : { previous: { ...key.proof, until: data.overlapUntil } }),
        }));
        break;
      case "key.revoked":
        revoke(data.id, data.at);
        break;
      case "key.restricted":
        change(data.id, (key) => ({ ...key, restrictions: data.restrictions }));
        break;
      case "team.created":
        teams.set(data.name, { name: data.name, ...(data.models === undefined ? {} : { models: data.models }) });
        break;
      case "team.removed":
        teams.delete(data.name);
        break;
    }
  }

  return { keys, teams, apply };
}

function withoutPrevious({ previous: _previous, ...rest }: KeyState): KeyState {
  return rest;
}
