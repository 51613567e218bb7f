/** On whose behalf a call is made. Plain data; the HTTP server makes it of a request, a program writes it down. */
import type { KeyRestrictions } from "./configuration.ts";

/** Who calls, as the key told. */
export interface Principal {
  /** Public id of the key, as `k_4f9a…`, or the key's name in the configuration. `local`: this machine, without a key. */
  readonly key: string;
  readonly team?: string;
  readonly restrictions: KeyRestrictions;
  /** What the team's models are restricted to, beside the key's own. */
  readonly teamModels?: readonly string[];
}

/** A principal, and what else is known of one request. */
export interface Caller {
  readonly principal: Principal;
  /** Id of the request, under which the ledger has it. Default: made anew for each call. */
  readonly requestId?: string;
  /** True: `requestId` was made for this request alone, so that the ledger need not look whether it has it. Default false. */
  readonly isNewRequestId?: boolean;
  /** Which agent calls. */
  readonly agent?: string;
  /** The client's dialect, for the ledger. Absent: called as a function. */
  readonly dialect?: string;
  /** From where. */
  readonly address?: string;
}

/** The process itself: a program that uses the gateway as a function, and callers on loopback where no key is demanded. */
export const LOCAL: Principal = { key: "local", restrictions: {} };

/** Whose data it is: what may be shared within, and never beyond. */
export function tenantOf({ team, key }: Principal): string {
  return team === undefined ? `key:${key}` : `team:${team}`;
}
