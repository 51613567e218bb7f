/** Time, as limits need it: one clock for lengths of time, one for the calendar. */
import { type Clock, systemClock } from "@dragoman/llm";

/** `now` never goes back, and rolling windows go by it; calendars go by `wall`. */
export interface MeterClock extends Clock {
  /** Milliseconds since 1970, as the machine's clock has it: it may jump. */
  wall(): number;
}

/** One moment, on both clocks. */
export interface Moment {
  /** Milliseconds from any fixed point; never goes back. */
  readonly now: number;
  /** Milliseconds since 1970. */
  readonly wall: number;
}

export const systemMeterClock: MeterClock = { now: systemClock.now, after: systemClock.after, wall: Date.now };
