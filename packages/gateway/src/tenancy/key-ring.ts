/**
 * The keys as a call needs them: found by id or by digest, with everything that does not change from call to call worked out
 * before.
 */
import type { Principal } from "../caller.ts";
import type { KeyRestrictions } from "../configuration.ts";
import { type AddressList, createAddressList } from "./addresses.ts";
import type { ConfiguredKey } from "./configured-keys.ts";
import type { TenancyConfiguration } from "./tenancy.ts";
import type { KeyState, TenancyState } from "./tenancy-state.ts";

/** A key on the ring. */
export interface RingEntry {
  readonly principal: Principal;
  readonly digest: Buffer;
  readonly previous?: { readonly digest: Buffer; readonly until: number };
  /** Milliseconds since 1970; infinite where it does not expire. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
  readonly addresses?: AddressList;
  /** The team that it is in and that is gone. */
  readonly missingTeam?: string;
}

export interface KeyRing {
  readonly created: ReadonlyMap<string, RingEntry>;
  /** By their digest, hexadecimal. */
  readonly configured: ReadonlyMap<string, RingEntry>;
  /** Until when any key holds: of all, and of those that are not for administration alone. 0: none does. */
  keysHoldUntil(): number;
  callerKeysHoldUntil(): number;
  /** Works this key out anew: it was created, changed or forgotten. */
  renewKey(id: string): void;
  /** Works all out anew: a team or the configuration has changed. */
  renewAll(sources: RingSources): void;
}

export interface RingSources {
  readonly state: TenancyState;
  readonly configuration: TenancyConfiguration;
  readonly configuredKeys: readonly ConfiguredKey[];
}

export function createKeyRing(first: RingSources): KeyRing {
  const created = new Map<string, RingEntry>();
  const configured = new Map<string, RingEntry>();
  let sources = first;
  let ends: { readonly all: number; readonly callers: number } | undefined;

  function renewKey(id: string): void {
    const key = sources.state.keys.get(id);
    if (key === undefined) created.delete(id);
    else created.set(id, createdEntry(key, sources));
    ends = undefined;
  }

  function renewAll(next: RingSources): void {
    sources = next;
    created.clear();
    configured.clear();
    for (const id of sources.state.keys.keys()) renewKey(id);
    for (const key of sources.configuredKeys) configured.set(key.digest.toString("hex"), configuredEntry(key, sources));
    ends = undefined;
  }

  function findEnds() {
    const entries = [...created.values(), ...configured.values()];
    ends = {
      all: latestEnd(entries),
      callers: latestEnd(entries.filter((entry) => entry.principal.restrictions.admin !== true)),
    };
    return ends;
  }

  renewAll(first);
  return {
    created,
    configured,
    keysHoldUntil: () => (ends ?? findEnds()).all,
    callerKeysHoldUntil: () => (ends ?? findEnds()).callers,
    renewKey,
    renewAll,
  };
}

/** What a team may use; undefined is all. The configuration's word counts before that of a team which was created. */
export function modelsOfTeam({ state, configuration }: Omit<RingSources, "configuredKeys">, team: string) {
  return (Object.hasOwn(configuration.teams, team) ? configuration.teams[team] : state.teams.get(team))?.models;
}

function createdEntry(key: KeyState, sources: RingSources): RingEntry {
  const { previous, proof, team, revokedAt } = key;
  const isTeamGone = team !== undefined && !isTeam(sources, team);
  return {
    ...sharedOf(key.id, key, sources),
    digest: Buffer.from(proof.digest, "hex"),
    isRevoked: revokedAt !== undefined,
    ...(previous === undefined ? {} : { previous: { digest: Buffer.from(previous.digest, "hex"), until: previous.until } }),
    ...(isTeamGone ? { missingTeam: team } : {}),
  };
}

function configuredEntry(key: ConfiguredKey, sources: RingSources): RingEntry {
  return { ...sharedOf(key.name, key, sources), digest: key.digest, isRevoked: false };
}

function sharedOf(
  id: string,
  { team, restrictions }: { readonly team?: string; readonly restrictions: KeyRestrictions },
  sources: RingSources,
): Pick<RingEntry, "principal" | "expiresAt"> & { readonly addresses?: AddressList } {
  const teamModels = team === undefined ? undefined : modelsOfTeam(sources, team);
  const principal: Principal = Object.freeze({
    key: id,
    ...(team === undefined ? {} : { team }),
    restrictions,
    ...(teamModels === undefined ? {} : { teamModels }),
  });
  const { addresses, expiresAt = Number.POSITIVE_INFINITY } = restrictions;
  return { principal, expiresAt, ...(addresses === undefined ? {} : { addresses: createAddressList(addresses) }) };
}

function isTeam({ state, configuration }: RingSources, team: string): boolean {
  return Object.hasOwn(configuration.teams, team) || state.teams.has(team);
}

function latestEnd(entries: readonly RingEntry[]): number {
  return entries.reduce((latest, { isRevoked, expiresAt }) => (isRevoked ? latest : Math.max(latest, expiresAt)), 0);
}
