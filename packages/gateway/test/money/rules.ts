/** Short ways to say a limit. Their spans are so long that none ends while a schedule runs. */
import type { LimitRule } from "../../src/configuration.ts";

export const DAYS: LimitRule["window"] = { type: "rolling", ms: 30 * 86_400_000 };
export const YEAR: LimitRule["window"] = { type: "calendar", unit: "year", timeZone: "UTC" };
export const NOW: LimitRule["window"] = { type: "now" };

export function rule(given: Pick<LimitRule, "name" | "metric" | "amount" | "window"> & Partial<LimitRule>): LimitRule {
  return { of: {}, each: [], overflow: { type: "refuse" }, unknownPrice: "block", warnAt: [], ...given };
}
