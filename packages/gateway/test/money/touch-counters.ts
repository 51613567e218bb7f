/** Has a gateway count what these schedules count: a count begins, from what the ledger knows, when it is first asked for. */
import type { Gateway } from "../../src/gateway.ts";
import { HOLDER, KEYS, teamOf } from "./keys.ts";

const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

export function touchCounters({ meter }: Gateway, providers: readonly string[] = ["anthropic"]): void {
  for (const key of [...KEYS, HOLDER] as const) meter.check({ key, ...teamOf(key) }, "call", NOTHING);
  for (const provider of providers) meter.check({ provider, model: "any" }, "attempt", NOTHING);
}
