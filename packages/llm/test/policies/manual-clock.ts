import type { Clock } from "../../src/index.ts";

/** A clock that goes only when it is told to. */
export interface ManualClock extends Clock {
  /** Lets so much time pass, and runs what is due in between. Promises get their turn. */
  pass(ms: number): Promise<void>;
}

export function createManualClock(): ManualClock {
  let now = 0;
  const due = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = [...due].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        due.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
