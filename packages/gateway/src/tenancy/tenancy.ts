/**
 * The contract of keys and teams. Keys of the configuration and keys that were made live side by side; what was made is a fold of the event log's
 * stream `tenancy`, so that every node knows it and the audit log tells who did what.
 */
import type { Principal } from "../caller.ts";
import type { GatewayConfiguration, KeyRestrictions } from "../configuration.ts";

/** Who acts, as `key:k_7f3a…` or `cli:anna`; with an address where it is known. */
export type Actor = string | { readonly name: string; readonly address?: string | undefined };

/** What of a configuration concerns keys. */
export type TenancyConfiguration = Pick<GatewayConfiguration, "keys" | "teams">;

export interface Tenancy {
  /**
   * Who holds this key. Synchronous, from memory: found by the public id in it, compared in constant time. Throws `authentication` for one that is
   * missing, malformed, unknown, wrong, revoked or expired (to a client all but the last two sound alike), and
   * `permission_denied` for an address from which it may not call.
   */
  authenticate(key: string | undefined, request: { readonly address?: string | undefined }): Principal;
  /** Whether any key exists that is neither revoked nor expired. */
  readonly hasKeys: boolean;
  /** The same of keys that are not for administration alone: whether callers on loopback are told apart by default. */
  readonly hasCallerKeys: boolean;
  /** Throws `permission_denied`, naming what the key may use instead. */
  authoriseModel(principal: Principal, model: string): void;
  authorisePath(principal: Principal, path: string): void;
  /** Shows the key once; afterwards nobody can. Rejects with `invalid_request`. */
  createKey(key: NewKey, actor: Actor): Promise<{ readonly key: string; readonly entry: KeyView }>;
  /**
   * A new key under the same id; the old one holds for `overlapMs` more. Default 0. This and what follows take an id, or the name of a key
   * that holds; they reject with `not_found`, and with `invalid_request` for a key of the configuration or a revoked one.
   */
  rotateKey(
    id: string,
    options: { readonly overlapMs?: number },
    actor: Actor,
  ): Promise<{ readonly key: string; readonly entry: KeyView }>;
  revokeKey(id: string, actor: Actor): Promise<KeyView>;
  /** Takes the place of all restrictions that the key had. */
  restrictKey(id: string, restrictions: KeyRestrictions, actor: Actor): Promise<KeyView>;
  keys(): readonly KeyView[];
  createTeam(team: NewTeam, actor: Actor): Promise<TeamView>;
  /** Rejects with `invalid_request` while keys that hold are in the team. */
  removeTeam(name: string, actor: Actor): Promise<void>;
  teams(): readonly TeamView[];
  /** Other keys and teams of the configuration. Rejects with `configuration`, and then nothing has changed. */
  configure(configuration: TenancyConfiguration): Promise<void>;
  /** Reads what other processes have changed, now rather than at the next look. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface NewKey {
  /** For people; unique among keys that hold. */
  readonly name: string;
  readonly team?: string;
  readonly restrictions?: KeyRestrictions;
}

/** A key without its secret. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly team?: string;
  readonly restrictions: KeyRestrictions;
  readonly state: "active" | "expired" | "revoked";
  readonly source: "configuration" | "created";
  readonly createdAt?: number;
  readonly createdBy?: string;
  readonly rotatedAt?: number;
  /** Until when the key before the last rotation still holds. */
  readonly overlapUntil?: number;
  /** Within a minute, for a key that other processes use. */
  readonly lastUsedAt?: number;
  /** Why a key that is active does not work: it was made with another pepper, or its team is gone. */
  readonly problem?: string;
}

export interface NewTeam {
  readonly name: string;
  readonly models?: readonly string[];
}

export interface TeamView extends NewTeam {
  readonly source: "configuration" | "created";
  readonly keys: number;
}
