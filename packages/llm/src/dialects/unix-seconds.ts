/** The last second that a `Date` can hold. Source: ECMA-262, time values and time range. */
const SECONDS_MAX = 8_640_000_000_000;

/** Seconds since 1970, whole; undefined for 0, which servers send for unknown, and for what is no time. */
export function unixSeconds(value: unknown): number | undefined {
  return typeof value === "number" && value >= 1 && value <= SECONDS_MAX ? Math.floor(value) : undefined;
}
