import { DragomanError } from "../errors.ts";
import type { Timeouts } from "../request.ts";

/** The limits that a transport keeps. `firstTokenMs` is not among them: a transport sees bytes, not tokens. */
export interface TransportTimeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** The defaults that `Timeouts` promises. Milliseconds. */
export const DEFAULT_TIMEOUTS: TransportTimeouts = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 300_000,
  totalMs: Infinity,
};

const NAMES = ["connectMs", "firstByteMs", "idleMs", "totalMs"] as const;

/** The limits with their defaults. Throws `invalid_request` for one that is negative or not a number. */
export function resolveTimeouts(timeouts: Timeouts | undefined): TransportTimeouts {
  if (timeouts === undefined) return DEFAULT_TIMEOUTS;
  const resolved = { ...DEFAULT_TIMEOUTS };
  for (const name of NAMES) {
    const limitMs = timeouts[name];
    if (limitMs === undefined) continue;
    if (typeof limitMs !== "number" || !(limitMs >= 0)) {
      const field = `timeouts.${name}`;
      throw new DragomanError({ code: "invalid_request", field, detail: `${field} must be milliseconds, 0 or more` });
    }
    resolved[name] = limitMs;
  }
  return resolved;
}
