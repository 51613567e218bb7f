/** A connection that fails, or on which nothing comes. */
import type { FaultScenario } from "../scenario.ts";
import { BACKOFF_MS } from "./statuses.ts";

const group = "The connection fails, or nothing comes";

/** Deadlines of target 1 alone, so small that nobody waits; the one that answers has none. */
function within(timeouts: { readonly [name: string]: number }): NonNullable<FaultScenario["route"]> {
  return { targets: [{ model: "openai:gpt-4.1-mini", timeouts }], fallback: ["anthropic:claude-sonnet-4-5"] };
}

export const CONNECTIONS: readonly FaultScenario[] = [
  {
    group,
    name: "nothing listens",
    unreachable: true,
    meets: {},
    whole: { attempts: ["1 connection_failed", "1 connection_failed", "2 answered"], waits: [BACKOFF_MS] },
  },
  {
    group,
    name: "reset before the head, once",
    bench: ["S05"],
    meets: { 1: [{ type: "delivery", how: "reset" }, "well"] },
    whole: { attempts: ["1 connection_failed", "1 answered"], waits: [BACKOFF_MS] },
  },
  {
    group,
    name: "reset before the head, each time",
    meets: { 1: [{ type: "delivery", how: "reset" }] },
    whole: { attempts: ["1 connection_failed", "1 connection_failed", "2 answered"], waits: [BACKOFF_MS] },
  },
  {
    group,
    name: "reset after the head",
    meets: { 1: [{ type: "delivery", how: "reset-after-head" }] },
    whole: { attempts: ["1 connection_failed", "1 connection_failed", "2 answered"], waits: [BACKOFF_MS] },
  },
  {
    group,
    name: "bytes that are no HTTP",
    meets: { 1: [{ type: "delivery", how: "garbage" }] },
    whole: { attempts: ["1 connection_failed", "1 connection_failed", "2 answered"], waits: [BACKOFF_MS] },
  },
  {
    group,
    name: "the request is taken and never answered",
    bench: ["S06"],
    meets: { 1: [{ type: "delivery", how: "silence" }] },
    route: within({ firstByteMs: 60 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    note: "Left at the first deadline; not asked again.",
  },
  {
    group,
    name: "the request is taken and never answered, and no other target",
    meets: { 1: [{ type: "delivery", how: "silence" }] },
    route: { targets: [{ model: "openai:gpt-4.1-mini", timeouts: { firstByteMs: 60 } }] },
    whole: { attempts: ["1 timeout ~"], error: { code: "timeout", status: 504 } },
  },
  {
    group,
    name: "the head at once, and no first token",
    bench: ["S07"],
    meets: { 1: [{ type: "delivery", how: "silent-after-head" }] },
    // A whole answer has no first token: there the silence inside the body ends it.
    route: within({ firstTokenMs: 100, idleMs: 100 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
  },
  {
    group,
    name: "the answer stops in the middle, and the connection stays open",
    bench: ["S09"],
    meets: { 1: [{ type: "delivery", how: "stall" }] },
    route: within({ idleMs: 150 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    streamed: { attempts: ["1 timeout ~", "2 answered"], restarts: true },
    wireStreamed: { attempts: ["1 timeout ~"], error: { code: "timeout", status: 200, inBand: true } },
  },
];
