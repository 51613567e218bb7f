/** Hours, days and months as people of a place count them. */
import { DragomanError } from "@dragoman/llm";

export type PeriodUnit = "hour" | "day" | "month";

/** Offsets from UTC change at multiples of it. Source: the time-zone database, for all dates since 1972. */
const QUARTER_MS = 900_000;
const LABELS_MAX = 50_000;

/**
 * `2026-03`, `2026-03-29`, `2026-03-29T03:00+02:00`. An hour carries its offset, so that the one which comes twice in autumn is two. Throws `invalid_request` for a
 * time zone that is not known.
 */
export function createPeriodLabels(timeZone: string): (ms: number, unit: PeriodUnit) => string {
  const format = zoneFormat(timeZone);
  const hours = new Map<number, string>();

  function hourOf(ms: number): string {
    const quarter = Math.floor(ms / QUARTER_MS);
    const known = hours.get(quarter);
    if (known !== undefined) return known;
    if (hours.size >= LABELS_MAX) hours.clear();
    const label = hourLabel(format, quarter * QUARTER_MS);
    hours.set(quarter, label);
    return label;
  }

  return (ms, unit) => {
    const hour = hourOf(ms);
    return unit === "hour" ? hour : hour.slice(0, unit === "day" ? "2026-03-29".length : "2026-03".length);
  };
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      calendar: "iso8601",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      hourCycle: "h23",
      timeZoneName: "longOffset",
    });
  } catch (cause) {
    const detail = `there is no time zone ${JSON.stringify(timeZone)}`;
    throw new DragomanError({
      code: "invalid_request",
      detail,
      advice: "name it as Europe/Berlin or UTC",
      field: "timeZone",
      cause,
    });
  }
}

function hourLabel(format: Intl.DateTimeFormat, ms: number): string {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(ms)) parts[type] = value;
  const offset = parts.timeZoneName?.replace("GMT", "") || "Z";
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:00${offset === "+00:00" ? "Z" : offset}`;
}
