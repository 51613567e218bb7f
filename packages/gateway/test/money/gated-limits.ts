/** Prices and limits of the gated schedules. */
import type { LimitRule } from "../../src/configuration.ts";
import type { GivenLimits } from "./gated-schedule.ts";
import { AT_ONCE } from "./laws.ts";
import type { TokenPrice } from "./prices.ts";
import { DAYS, NOW, rule, YEAR } from "./rules.ts";

/** By provider. */
export const GATED_PRICES: Readonly<Record<string, TokenPrice>> = {
  cheap: { input: 400, cacheRead: 100, output: 1_600 },
  dear: { input: 3_000, cacheRead: 300, output: 15_000 },
};

export function gatedRules({ team, ann, dear, tokens, requests, atOnce, queue }: GivenLimits): readonly LimitRule[] {
  return [
    rule({ name: "teams", metric: "usd", amount: team / 1e9, window: YEAR, each: ["team"] }),
    rule({ name: "ann", metric: "usd", amount: ann / 1e9, window: DAYS, of: { key: ["ann"] } }),
    rule({ name: "dear", metric: "usd", amount: dear / 1e9, window: DAYS, of: { provider: ["dear"] } }),
    rule({ name: "tokens", metric: "tokens", amount: tokens, window: DAYS, each: ["key"] }),
    rule({ name: "requests", metric: "requests", amount: requests, window: YEAR, each: ["key"] }),
    rule({
      name: AT_ONCE,
      metric: "concurrency",
      amount: atOnce,
      window: NOW,
      each: ["key"],
      ...(queue ? { overflow: { type: "queue", waitMaxMs: 600_000, lengthMax: 3 } } : {}),
    }),
  ];
}
