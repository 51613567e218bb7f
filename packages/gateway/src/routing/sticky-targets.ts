/** Which target a session is with: it holds the prompt cache, and may be the only one to read its own encrypted reasoning. */
import type { ObservedAttempt, PlannedTarget } from "./router.ts";

export interface StickyTargets {
  /** The target of a session, where it is among these and was used lately. */
  peek<Target extends Pick<PlannedTarget, "name">>(
    sessionKey: string | undefined,
    among: readonly { readonly target: Target }[],
    now: number,
  ): Target | undefined;
  /** A session stays with who answered it last. */
  observe(attempt: ObservedAttempt): void;
}

/** A vendor's prompt cache is gone by then, and conversations have ended. Milliseconds. */
const KEPT_MS = 60 * 60_000;
const SESSIONS_MAX = 100_000;

export function createStickyTargets(): StickyTargets {
  const sessions = new Map<string, { readonly target: string; readonly at: number }>();
  return {
    peek(sessionKey, among, now) {
      const kept = sessionKey === undefined ? undefined : sessions.get(sessionKey);
      if (kept === undefined || now - kept.at > KEPT_MS) return undefined;
      return among.find(({ target }) => target.name === kept.target)?.target;
    },
    observe({ sessionKey, outcome, target, at }) {
      if (sessionKey === undefined || outcome !== "answered") return;
      sessions.delete(sessionKey);
      sessions.set(sessionKey, { target, at });
      const [oldest] = sessions.size > SESSIONS_MAX ? sessions.keys() : [];
      if (oldest !== undefined) sessions.delete(oldest);
    },
  };
}
