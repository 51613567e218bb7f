/** A connection that fails, or on which nothing comes. */
import { LATE_MS } from "../odd-vendor.ts";
import type { FaultScenario } from "../scenario.ts";
import { BACKOFF_MS } from "./statuses.ts";

const group = "The connection fails, or nothing comes";

const STREAMED: FaultScenario["mounts"] = ["stream", "chat stream", "messages stream"];

/** Deadlines of target 1 alone, long enough that it has heard of the request by then; the one that answers has none. */
function within(timeouts: { readonly [name: string]: number }): NonNullable<FaultScenario["route"]> {
  return { targets: [{ model: "openai:gpt-4.1-mini", timeouts }], fallback: ["anthropic:claude-sonnet-4-5"] };
}

export const CONNECTIONS: readonly FaultScenario[] = [
  {
    group,
    name: "nothing listens",
    instead: "nobody",
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
    whole: { attempts: ["1 connection_failed ~", "1 connection_failed ~", "2 answered"], waits: [BACKOFF_MS] },
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
    route: within({ firstByteMs: 120 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    note: "Left at the first deadline; not asked again.",
  },
  {
    group,
    name: "the request is taken and never answered, and no other target",
    meets: { 1: [{ type: "delivery", how: "silence" }] },
    route: { targets: [{ model: "openai:gpt-4.1-mini", timeouts: { firstByteMs: 120 } }] },
    whole: { attempts: ["1 timeout ~"], error: { code: "timeout", status: 504 } },
  },
  {
    group,
    name: "each target takes the request and never answers",
    meets: { 1: [{ type: "delivery", how: "silence" }], 2: [{ type: "delivery", how: "silence" }] },
    route: {
      targets: [{ model: "openai:gpt-4.1-mini", timeouts: { firstByteMs: 120 } }],
      fallback: [{ model: "anthropic:claude-sonnet-4-5", timeouts: { firstByteMs: 120 } }],
    },
    whole: { attempts: ["1 timeout ~", "2 timeout ~"], error: { code: "timeout", status: 504 } },
  },
  {
    group,
    name: "silence before the head of a stream, longer than `first_token`",
    meets: { 1: [{ type: "delivery", how: "silence" }] },
    route: within({ firstTokenMs: 120 }),
    mounts: STREAMED,
    whole: { attempts: ["1 timeout ~", "2 answered"] },
  },
  {
    group,
    name: "the first token comes late, and in time",
    meets: { 1: [{ type: "delivery", how: "slow-first-token" }] },
    whole: { attempts: ["1 answered"] },
  },
  {
    group,
    name: "the first token of a stream comes later than `first_token`",
    meets: { 1: [{ type: "delivery", how: "slow-first-token" }] },
    // Half of what it takes, so that whichever comes first is no matter of chance.
    route: within({ firstTokenMs: LATE_MS / 2 }),
    mounts: STREAMED,
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    note: "What comes after all is not given out.",
  },
  {
    group,
    name: "nothing but signs of life, without end",
    instead: "signs-of-life",
    meets: {},
    route: within({ firstTokenMs: 120, totalMs: 150 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    note: "They end no wait for the first token. Of a whole answer they are pieces: there `total` ends it.",
  },
  {
    group,
    name: "an answer that goes on for ever, longer than `total`",
    instead: "endless",
    meets: {},
    route: within({ totalMs: 200 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    streamed: { attempts: ["1 timeout ~", "2 answered"], restarts: true },
    wireStreamed: { attempts: ["1 timeout ~"], error: { code: "timeout", status: 200, inBand: true } },
  },
  {
    group,
    name: "an answer without end, as fast as it is taken",
    instead: "flood",
    meets: {},
    whole: { attempts: ["1 invalid_response ~", "1 invalid_response ~", "2 answered"], waits: [BACKOFF_MS] },
    // A hundred megabytes more of each would take the tests seconds.
    mounts: ["complete", "stream"],
    streamed: { attempts: ["1 invalid_response ~", "2 answered"], restarts: true },
    note: "64 MiB of a whole answer and 128 MiB of a stream are taken.",
  },
  {
    group,
    name: "the head at once, and no first token",
    bench: ["S07"],
    meets: { 1: [{ type: "delivery", how: "silent-after-head" }] },
    // A whole answer has no first token: there the silence inside the body ends it.
    route: within({ firstTokenMs: 120, idleMs: 120 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
  },
  {
    group,
    name: "the answer stops in the middle, and the connection stays open",
    bench: ["S09"],
    meets: { 1: [{ type: "delivery", how: "stall" }] },
    route: within({ idleMs: 200 }),
    whole: { attempts: ["1 timeout ~", "2 answered"] },
    streamed: { attempts: ["1 timeout ~", "2 answered"], restarts: true },
    wireStreamed: { attempts: ["1 timeout ~"], error: { code: "timeout", status: 200, inBand: true } },
  },
];
