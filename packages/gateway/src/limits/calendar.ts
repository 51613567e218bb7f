/**
 * Periods of the calendar in a time zone: hours, days, weeks from Monday, months, years. A day begins at the first moment
 * that is midnight or later there, and so may last 23 or 25 hours; an hour is always 60 minutes, but where the zone shifts
 * by half of one.
 */
import { DragomanError } from "@dragoman/llm";

export type CalendarUnit = "hour" | "day" | "week" | "month" | "year";

/** Milliseconds since 1970; `end` is the start of the next. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

export interface Calendar {
  /** The period around a moment. Cheap for moments of the same period as the last that was asked for. */
  periodAt(wall: number): Period;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Throws `configuration` for a time zone that is unknown. */
export function createCalendar(unit: CalendarUnit, timeZone: string): Calendar {
  const localOf = localTime(timeZone);
  const find = unit === "hour" ? (wall: number) => hourAt(wall, localOf) : (wall: number) => periodOf(unit, wall, localOf);
  let latest: Period = { start: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  return {
    periodAt(wall) {
      if (wall < latest.start || wall >= latest.end) latest = find(wall);
      return latest;
    },
  };
}

/** What a clock on the wall shows there, as if it were UTC. Milliseconds. */
type LocalTime = (wall: number) => number;

function localTime(timeZone: string): LocalTime {
  const format = formatFor(timeZone);
  return (wall) => {
    const shown: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(wall)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    // The format shows no milliseconds; no zone of today shifts by parts of a second.
    return Date.UTC(year, month - 1, day, hour, minute, second) + modulo(wall, 1_000);
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new DragomanError({
      code: "configuration",
      field: "timeZone",
      detail: `${timeZone} is no time zone that is known here`,
      advice: "name one of the IANA database, as Europe/Berlin",
      cause,
    });
  }
}

function hourAt(wall: number, localOf: LocalTime): Period {
  const start = wall - modulo(localOf(wall), HOUR_MS);
  return { start, end: start + HOUR_MS };
}

function periodOf(unit: Exclude<CalendarUnit, "hour">, wall: number, localOf: LocalTime): Period {
  const first = firstDayOf(unit, localOf(wall));
  const next = nextAfter(unit, first);
  const nextStart = beginningOf(next, localOf);
  // Where a clock is set back just after midnight it shows the day before once more; that day is over.
  if (wall >= nextStart) return { start: nextStart, end: beginningOf(nextAfter(unit, next), localOf) };
  return { start: beginningOf(first, localOf), end: nextStart };
}

function firstDayOf(unit: Exclude<CalendarUnit, "hour">, local: number): number {
  const date = new Date(local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (unit === "year") return Date.UTC(year, 0, 1);
  if (unit === "month") return Date.UTC(year, month, 1);
  const daysSinceMonday = unit === "week" ? (date.getUTCDay() + 6) % 7 : 0;
  return Date.UTC(year, month, day - daysSinceMonday);
}

function nextAfter(unit: Exclude<CalendarUnit, "hour">, first: number): number {
  const date = new Date(first);
  if (unit === "year") return Date.UTC(date.getUTCFullYear() + 1, 0, 1);
  if (unit === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return first + (unit === "week" ? 7 : 1) * DAY_MS;
}

/** The first moment at which a clock there shows this local time or a later one. */
function beginningOf(local: number, localOf: LocalTime): number {
  const before = local - (localOf(local - DAY_MS) - (local - DAY_MS));
  const after = local - (localOf(local + DAY_MS) - (local + DAY_MS));
  const [earlier, later] = before <= after ? [before, after] : [after, before];
  if (localOf(earlier) === local) return earlier;
  if (localOf(later) === local) return later;
  return firstAtOrAfter(local, earlier, later, localOf);
}

/** The local time is one that was left out: the moment of the shift, between a moment before it and one after. */
function firstAtOrAfter(local: number, before: number, after: number, localOf: LocalTime): number {
  let [low, high] = [before - 1, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localOf(middle) >= local) high = middle;
    else low = middle;
  }
  return high;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
