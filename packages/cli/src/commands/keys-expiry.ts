import { DragomanError } from "@dragoman/llm";

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/;

/** `30d` from now, or a time as `2027-01-31` or `2027-01-31T12:00:00Z`; a date begins at midnight UTC. Milliseconds since 1970. */
export function parseExpiry(text: string, now: number): number {
  const [, amount, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  const at = unitMs === undefined ? (MOMENT.test(text) ? Date.parse(text) : Number.NaN) : now + Number(amount) * unitMs;
  if (Number.isFinite(at) && at > now) return at;
  throw new DragomanError({
    code: "invalid_request",
    field: "expires",
    detail: Number.isFinite(at) ? `${text} is in the past` : `${text} is no time`,
    advice: "write 30d, 12h, 2027-01-31, or 2027-01-31T12:00:00Z",
  });
}
