import type { MeterClock } from "../../src/limits/meter-clock.ts";

/** Two clocks that go only when they are told to. Whatever is due runs at once, within `pass`. */
export interface ManualMeterClock extends MeterClock {
  /** Lets so much time pass on both. */
  pass(ms: number): void;
  /** Lets time pass while the process is busy: what is due runs only when it passes again. */
  passUnnoticed(ms: number): void;
  /** Sets the machine's clock alone, as one does who corrects it. */
  setWall(wall: number): void;
  /** Timers that wait. */
  readonly timers: number;
}

/** A Wednesday in spring, no clock changes near it. */
export const NOON = Date.UTC(2026, 4, 13, 12);

export function createManualMeterClock(wall = NOON): ManualMeterClock {
  let now = 1_000_000;
  let offset = wall - now;
  const due = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    wall: () => now + offset,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        due.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    passUnnoticed(ms) {
      now += ms;
    },
    setWall(value) {
      offset = value - now;
    },
    get timers() {
      return due.size;
    },
  };
}
