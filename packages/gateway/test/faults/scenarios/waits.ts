/** A vendor that says how long to wait. */
import type { Ending, FaultScenario, LateHeaders } from "../scenario.ts";
import { answers, BACKOFF_MS } from "./statuses.ts";

const group = "The vendor says how long to wait";

function once(name: string, headers: LateHeaders, whole: Ending, more: Partial<FaultScenario> = {}): FaultScenario {
  return { group, name, meets: { 1: [answers(429, "Too many requests", headers), "well"] }, whole, ...more };
}

function waited(...waits: NonNullable<Ending["waits"]>): Ending {
  return { attempts: ["1 rate_limited", "1 answered"], waits };
}

/** It asked for longer than anybody waits here: the other target at once, and this one is left alone. */
const TOO_LONG: Ending = { attempts: ["1 rate_limited", "2 answered"], leftAlone: [1] };

export const WAITS: readonly FaultScenario[] = [
  once("Retry-After in seconds, within `wait_max`", { "retry-after": "1" }, waited(1_000), { bench: ["S01"] }),
  once(
    "Retry-After as a date, within `wait_max`",
    { "retry-after": (now) => new Date(now + 1_900).toUTCString() },
    waited([0, 2_000]),
  ),
  once("Retry-After: 0", { "retry-after": "0" }, waited(0)),
  once("retry-after-ms", { "retry-after-ms": "40" }, waited(40)),
  once("Retry-After as a date that has passed", { "retry-after": (now) => new Date(now - 60_000).toUTCString() }, waited(0)),
  once("Retry-After with a fraction of a second", { "retry-after": "0.5" }, waited(500)),
  once("retry-after-ms beside a longer Retry-After", { "retry-after": "30", "retry-after-ms": "60" }, waited(60)),
  once("Retry-After exactly as long as `wait_max`", { "retry-after": "2" }, waited(2_000)),
  once("Retry-After without a word", { "retry-after": "" }, waited(BACKOFF_MS)),
  once("Retry-After in words that nobody knows", { "retry-after": "soon" }, waited(BACKOFF_MS)),
  once("Retry-After below nothing", { "retry-after": "-5" }, waited(BACKOFF_MS)),
  once("Retry-After beyond `wait_max`", { "retry-after": "30" }, TOO_LONG),
  once("Retry-After as a date beyond `wait_max`", { "retry-after": (now) => new Date(now + 60_000).toUTCString() }, TOO_LONG),
  once("Retry-After of many years", { "retry-after": "999999999999" }, TOO_LONG, {
    note: "It is left alone for no longer than `open_max`.",
  }),
  once(
    "Retry-After beyond `wait_max`, and no other target",
    { "retry-after": "30" },
    {
      attempts: ["1 rate_limited"],
      error: { code: "rate_limited", status: 429, retryAfterSeconds: 30 },
      leftAlone: [1],
    },
    { route: { targets: ["openai:gpt-4.1-mini"] } },
  ),
  {
    group,
    name: "Retry-After within `wait_max`, each time",
    meets: { 1: [answers(429, "Too many requests", { "retry-after": "1" })] },
    whole: { attempts: ["1 rate_limited", "1 rate_limited", "2 answered"], waits: [1_000], leftAlone: [1] },
  },
  {
    group,
    name: "each target asks for longer than `wait_max`",
    meets: {
      1: [answers(429, "Too many requests", { "retry-after": "30" })],
      2: [answers(429, "Too many requests", { "retry-after": "20", "x-should-retry": "true" })],
    },
    whole: {
      attempts: ["1 rate_limited", "2 rate_limited"],
      error: { code: "rate_limited", status: 429, retryAfterSeconds: 20 },
      leftAlone: [1, 2],
    },
    note: "The client is told the shortest.",
  },
  {
    group,
    name: "500 with Retry-After, within `wait_max`",
    meets: { 1: [answers(500, "Internal server error", { "retry-after": "1" }), "well"] },
    whole: { attempts: ["1 vendor_error", "1 answered"], waits: [1_000] },
  },
  {
    group,
    name: "503 with Retry-After beyond `wait_max`",
    meets: { 1: [answers(503, "Service unavailable", { "retry-after": "20" })] },
    whole: { attempts: ["1 overloaded", "2 answered"], leftAlone: [1] },
  },
];
