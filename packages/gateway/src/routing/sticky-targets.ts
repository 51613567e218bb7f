/** Which target a conversation is with: it holds the prompt cache, and may be the only one to read its own encrypted reasoning. */

export interface StickyTargets {
  /** The name of the target that answered the conversation last, where that was lately. */
  holder(affinity: string, now: number): string | undefined;
  /** A conversation stays with who answered it last. */
  answered(affinity: string, target: string, now: number): void;
}

/** A vendor's prompt cache is gone by then, and conversations have ended. Milliseconds. */
const KEPT_MS = 60 * 60_000;
/** About 20 MB. The one that was silent for longest is forgotten first. */
const CONVERSATIONS_MAX = 100_000;

export function createStickyTargets(conversationsMax = CONVERSATIONS_MAX): StickyTargets {
  const known = new Map<string, { readonly target: string; readonly at: number }>();
  return {
    holder(affinity, now) {
      const kept = known.get(affinity);
      return kept === undefined || now - kept.at > KEPT_MS ? undefined : kept.target;
    },
    answered(affinity, target, at) {
      known.delete(affinity);
      known.set(affinity, { target, at });
      const [oldest] = known.size > conversationsMax ? known.keys() : [];
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}
