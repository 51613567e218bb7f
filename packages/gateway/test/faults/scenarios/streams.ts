/** An answer that is cut, garbled, or turns into an error. */

import type { ErrorCode } from "@dragoman/llm";
import type { Ending, FaultScenario, Met } from "../scenario.ts";
import { BACKOFF_MS } from "./statuses.ts";

const group = "The answer is cut or garbled";

/** Asked twice while nothing has been given out; both may have been billed. */
function asksAgain(code: ErrorCode): Ending {
  return { attempts: [`1 ${code} ~`, `1 ${code} ~`, "2 answered"], waits: [BACKOFF_MS] };
}

function restarts(code: ErrorCode): Ending {
  return { attempts: [`1 ${code} ~`, "2 answered"], restarts: true };
}

function inBand(code: ErrorCode): Ending {
  return { attempts: [`1 ${code} ~`], error: { code, status: 200, inBand: true } };
}

/** What breaks after it was given out. */
function broken(name: string, met: Met, whole: Ending, code: ErrorCode, more: Partial<FaultScenario> = {}): FaultScenario {
  return { group, name, meets: { 1: [met] }, whole, streamed: restarts(code), wireStreamed: inBand(code), ...more };
}

/** Held back until it is sure: nobody sees that the first broke. */
function heldBack(
  name: string,
  commit: "full" | { readonly characters: number },
  bench: readonly `S${number}`[] = [],
): FaultScenario {
  return {
    group,
    name,
    bench,
    meets: { 1: [{ type: "delivery", how: "cut" }] },
    failing: { commit },
    whole: asksAgain("invalid_response"),
    streamed: { attempts: ["1 stream_truncated ~", "2 answered"] },
  };
}

const WELL: Ending = { attempts: ["1 answered"] };
const CUT: Met = { type: "delivery", how: "cut" };

export const STREAMS: readonly FaultScenario[] = [
  {
    group,
    name: "cut before the first token",
    meets: { 1: [{ type: "delivery", how: "cut-at-once" }] },
    whole: asksAgain("invalid_response"),
    streamed: asksAgain("stream_truncated"),
  },
  broken("cut in the middle", CUT, asksAgain("invalid_response"), "stream_truncated", { bench: ["S08"] }),
  heldBack("cut in the middle, with `commit: full`", "full", ["S08"]),
  heldBack("cut before so many characters as `commit` holds back", { characters: 10_000 }),
  broken("cut after so many characters as `commit` holds back", CUT, asksAgain("invalid_response"), "stream_truncated", {
    failing: { commit: { characters: 3 } },
  }),
  broken("cut in the middle, and the other target takes no prefill", CUT, asksAgain("invalid_response"), "stream_truncated", {
    bench: ["S14"],
    capabilities: { 2: { prefill: false } },
    note: "Nothing is continued: the other target is asked the request itself.",
  }),
  broken("reset in the middle", { type: "delivery", how: "reset-mid" }, asksAgain("connection_failed"), "connection_failed"),
  broken(
    "an event in the middle is no JSON",
    { type: "delivery", how: "malformed" },
    asksAgain("invalid_response"),
    "invalid_response",
    {
      bench: ["S10"],
    },
  ),
  broken("all the text, and no word that it is complete", { type: "delivery", how: "no-terminator" }, WELL, "stream_truncated"),
  {
    group,
    name: "the finish reason, and no `[DONE]`",
    bench: ["S11"],
    meets: { 1: [{ type: "delivery", how: "no-last-event" }] },
    whole: WELL,
    note: "With the finish reason the answer is known to be complete.",
  },
  {
    group,
    name: "a stop reason, and no `message_stop`",
    meets: { 2: [{ type: "delivery", how: "no-last-event" }] },
    route: { targets: ["anthropic:claude-sonnet-4-5"], fallback: ["openai:gpt-4.1-mini"] },
    whole: { attempts: ["2 answered"] },
    streamed: { attempts: ["2 stream_truncated ~", "1 answered"], restarts: true },
    wireStreamed: { attempts: ["2 stream_truncated ~"], error: { code: "stream_truncated", status: 200, inBand: true } },
  },
  {
    group,
    name: "pieces that end inside events and characters",
    meets: { 1: [{ type: "delivery", how: "odd-pieces" }] },
    whole: WELL,
  },
  broken(
    "status 200, and an error in the middle",
    { type: "delivery", how: "error-in-200" },
    asksAgain("vendor_error"),
    "vendor_error",
  ),
  {
    group,
    name: "status 200, and an error before the first token",
    meets: { 1: [{ type: "delivery", how: "error-at-once" }] },
    whole: asksAgain("vendor_error"),
  },
  broken(
    "cut in the middle of a tool call",
    CUT,
    { ...asksAgain("invalid_response"), finish: "tool-calls" },
    "stream_truncated",
    {
      asks: "tools",
      streamed: { ...restarts("stream_truncated"), finish: "tool-calls" },
    },
  ),
  broken(
    "a whole tool call, and no word that the answer is complete",
    { type: "delivery", how: "no-terminator" },
    { ...WELL, finish: "tool-calls" },
    "stream_truncated",
    { asks: "tools", streamed: { ...restarts("stream_truncated"), finish: "tool-calls" } },
  ),
  {
    group,
    name: "cut in the middle at each target",
    meets: { 1: [CUT], 2: [CUT] },
    whole: {
      attempts: ["1 invalid_response ~", "1 invalid_response ~", "2 invalid_response ~", "2 invalid_response ~"],
      waits: [BACKOFF_MS, BACKOFF_MS],
      error: { code: "invalid_response", status: 502 },
    },
    streamed: {
      attempts: ["1 stream_truncated ~", "2 stream_truncated ~"],
      error: { code: "stream_truncated", status: 200, inBand: true },
      restarts: true,
    },
    wireStreamed: inBand("stream_truncated"),
  },
  {
    group,
    name: "status 200, said to be compressed, and not",
    instead: "false-encoding",
    meets: {},
    whole: asksAgain("invalid_response"),
  },
  {
    group,
    name: "the output limit ends the answer",
    meets: { 1: [{ type: "named", name: "fault-length" }] },
    whole: { ...WELL, finish: "length" },
    note: "An answer, which says that it is not all.",
  },
  {
    group,
    name: "status 200, and an empty body",
    meets: { 1: [{ type: "delivery", how: "empty" }] },
    whole: asksAgain("invalid_response"),
    streamed: asksAgain("stream_truncated"),
  },
  {
    group,
    name: "status 200, and an HTML page",
    meets: {
      1: [{ type: "raw", status: 200, headers: { "content-type": "text/html" }, body: "<html><title>Sign in</title></html>" }],
    },
    whole: asksAgain("invalid_response"),
  },
  {
    group,
    name: "status 200, JSON, and no answer in it",
    meets: { 1: [{ type: "raw", status: 200, headers: { "content-type": "application/json" }, body: '{"ok":true}' }] },
    whole: asksAgain("vendor_error"),
  },
];
