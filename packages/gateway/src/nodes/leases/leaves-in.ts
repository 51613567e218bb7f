import type { LimitWindow } from "../../configuration.ts";
import { createCalendar } from "../../limits/calendar.ts";
import type { MeterClock } from "../../limits/meter-clock.ts";

/** A rolling window lets go of a unit up to a sixtieth of it late. */
const SLICE_SHARE = 60;

/** In how long all that is used now will have left its window. Milliseconds. */
export function leavesIn(window: LimitWindow, clock: MeterClock): () => number {
  switch (window.type) {
    case "now":
      return () => 0;
    case "rolling": {
      const ms = Math.ceil(window.ms + window.ms / SLICE_SHARE);
      return () => ms;
    }
    case "calendar": {
      const calendar = createCalendar(window.unit, window.timeZone);
      return () => Math.max(0, Math.ceil(calendar.periodAt(clock.wall()).end - clock.wall()));
    }
  }
}
