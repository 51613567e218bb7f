/**
 * The contract of keys and teams. Keys of the configuration and keys that were made live side by side; what was made is a fold of the event log's
 * stream `tenancy`, so that every node knows it and the audit log tells who did what.
 */
import type { Principal } from "../caller.ts";
import type { KeyRestrictions } from "../configuration.ts";

export interface Tenancy {
  /**
   * Who holds this key. Synchronous, from memory: found by the public id in it, compared in constant time. Throws `authentication` for one that is
   * missing, malformed, unknown, wrong, revoked or expired (to a client all but the last two sound alike), and
   * `permission_denied` for an address from which it may not call.
   */
  authenticate(key: string | undefined, request: { readonly address?: string | undefined }): Principal;
  /** Whether any key exists that is neither revoked nor expired. */
  readonly hasKeys: boolean;
  /** Throws `permission_denied`, naming what the key may use instead. */
  authoriseModel(principal: Principal, model: string): void;
  authorisePath(principal: Principal, path: string): void;
  /** Shows the key once; afterwards nobody can. Rejects with `invalid_request`. */
  createKey(key: NewKey, actor: string): Promise<{ readonly key: string; readonly entry: KeyView }>;
  /** A new key under the same id; the old one holds for `overlapMs` more. Default 0. */
  rotateKey(
    id: string,
    options: { readonly overlapMs?: number },
    actor: string,
  ): Promise<{ readonly key: string; readonly entry: KeyView }>;
  revokeKey(id: string, actor: string): Promise<KeyView>;
  restrictKey(id: string, restrictions: KeyRestrictions, actor: string): Promise<KeyView>;
  keys(): readonly KeyView[];
  createTeam(team: NewTeam, actor: string): Promise<TeamView>;
  removeTeam(name: string, actor: string): Promise<void>;
  teams(): readonly TeamView[];
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
  readonly lastUsedAt?: number;
}

export interface NewTeam {
  readonly name: string;
  readonly models?: readonly string[];
}

export interface TeamView extends NewTeam {
  readonly source: "configuration" | "created";
  readonly keys: number;
}
