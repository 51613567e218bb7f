/** A vendor that answers with an error. */
import type { ErrorCode } from "@dragoman/llm";
import type { Ending, FaultScenario, LateHeaders, Met } from "../scenario.ts";

export function answers(status: number, message: string, headers?: LateHeaders): Met {
  return { type: "error", status, message, ...(headers === undefined ? {} : { headers }) };
}

/** In nobody's form. */
function bare(status: number, body: string): Met {
  return { type: "raw", status, headers: { "content-type": "text/html" }, body };
}

/** The backoff before the second attempt, with chances of one half. Milliseconds. */
export const BACKOFF_MS = 125;

const group = "The vendor answers with an error";

/** Another target answers; this one is not asked again. */
function leavesFor(code: ErrorCode): Ending {
  return { attempts: [`1 ${code}`, "2 answered"] };
}

/** Asked twice, then another target answers. */
function asksAgain(code: ErrorCode): Ending {
  return { attempts: [`1 ${code}`, `1 ${code}`, "2 answered"], waits: [BACKOFF_MS] };
}

function gives(code: ErrorCode, status: number): Ending {
  return { attempts: [`1 ${code}`], error: { code, status } };
}

function status(name: string, met: Met, whole: Ending, more: Partial<FaultScenario> = {}): FaultScenario {
  return { group, name, meets: { 1: [met] }, whole, ...more };
}

export const STATUSES: readonly FaultScenario[] = [
  status(
    "307: the vendor sends elsewhere",
    { type: "raw", status: 307, headers: { location: "/v1/elsewhere" }, body: "" },
    leavesFor("invalid_response"),
    { note: "It is not followed: the key would go with it." },
  ),
  status(
    "400: the request is malformed",
    answers(400, "messages.0.content: the value is malformed"),
    gives("invalid_request", 400),
  ),
  status("401: the gateway's key is not accepted", answers(401, "Incorrect API key provided."), leavesFor("authentication")),
  status(
    "401 where there is no other target",
    answers(401, "Incorrect API key provided."),
    {
      attempts: ["1 authentication"],
      error: { code: "authentication", status: 503, wireCode: "provider_unavailable" },
    },
    { route: { targets: ["openai:gpt-4.1-mini"] }, note: "The client's own key is good: it is not told otherwise." },
  ),
  status(
    "401: the key is dead, and other models of the same key stand in the route",
    answers(401, "Incorrect API key provided."),
    { attempts: ["1 authentication", "2 answered", "3 skipped"] },
    { route: { targets: ["openai:gpt-4.1-mini"], fallback: ["openai:gpt-5-mini", "anthropic:claude-sonnet-4-5"] } },
  ),
  status("402: credit is used up", answers(402, "Payment required"), leavesFor("quota_exceeded")),
  status(
    "403: this key may not use the model, another model it may",
    answers(403, "Your key has no access to this resource."),
    { attempts: ["1 permission_denied", "3 answered"] },
    { route: { targets: ["openai:gpt-4.1-mini"], fallback: ["openai:gpt-5-mini"] } },
  ),
  status("404: the model is gone", answers(404, "The model `gpt-4.1-mini` does not exist"), leavesFor("model_not_found")),
  status("404: there is no such route", answers(404, "Invalid URL (POST /nowhere)"), gives("not_found", 404)),
  status("408: the vendor gave up waiting", answers(408, "Request timeout"), leavesFor("timeout")),
  status("409: a conflict at the vendor", answers(409, "The resource was changed meanwhile"), asksAgain("vendor_error")),
  status(
    "410: the model was retired",
    answers(410, "The model 'gpt-4.1-mini' has reached its end of life and is no longer available."),
    leavesFor("model_not_found"),
  ),
  status("410: there is no such route any more", answers(410, "This API version was removed"), gives("not_found", 410)),
  status("413: the body is too large", answers(413, "Request body is too large"), gives("request_too_large", 413)),
  status("422: a value cannot be processed", answers(422, "temperature: must be at most 2"), gives("invalid_request", 422)),
  status("429 without a word on how long", answers(429, "Too many requests"), asksAgain("rate_limited"), { bench: ["S02"] }),
  status("429 with a proxy's HTML page", bare(429, "<html>Too many requests</html>"), asksAgain("rate_limited")),
  status("429: the account's quota is used up", { type: "named", name: "fault-quota" }, leavesFor("quota_exceeded")),
  {
    group,
    name: "500 once, then well",
    bench: ["S03"],
    meets: { 1: [answers(500, "Internal server error"), "well"] },
    whole: { attempts: ["1 vendor_error", "1 answered"], waits: [BACKOFF_MS] },
  },
  status(
    "500, and the vendor says that asking again is in vain",
    answers(500, "Internal server error", { "x-should-retry": "false" }),
    leavesFor("vendor_error"),
  ),
  status("500 without a body", bare(500, ""), asksAgain("vendor_error")),
  status("500 each time", answers(500, "Internal server error"), asksAgain("vendor_error")),
  {
    group,
    name: "500, and its body never ends",
    instead: "endless-error",
    meets: {},
    // Of a stream the first token's deadline comes first, of a whole answer there is only the other.
    route: {
      targets: [{ model: "openai:gpt-4.1-mini", timeouts: { firstTokenMs: 120, idleMs: 120 } }],
      fallback: ["anthropic:claude-sonnet-4-5"],
    },
    whole: leavesFor("timeout"),
  },
  status("502 with a proxy's HTML page", { type: "delivery", how: "html" }, asksAgain("vendor_error")),
  status("503 each time", answers(503, "Service unavailable"), asksAgain("overloaded"), { bench: ["S04", "S16"] }),
  status("504: the vendor's own gateway gave up", answers(504, "upstream request timeout"), leavesFor("timeout")),
  status(
    "520: the vendor's edge has met something that it does not know",
    bare(520, "error code: 520"),
    asksAgain("vendor_error"),
  ),
  status("529: overloaded", answers(529, "Overloaded"), asksAgain("overloaded")),
  {
    group,
    name: "each target fails each time",
    meets: { 1: [answers(500, "Internal server error")], 2: [answers(529, "Overloaded", { "x-should-retry": "true" })] },
    whole: {
      attempts: ["1 vendor_error", "1 vendor_error", "2 overloaded", "2 overloaded"],
      waits: [BACKOFF_MS, BACKOFF_MS],
      error: { code: "vendor_error", status: 500 },
    },
  },
  {
    group,
    name: "each target fails each time, and attempts are limited to three",
    meets: { 1: [answers(500, "Internal server error")], 2: [answers(529, "Overloaded", { "x-should-retry": "true" })] },
    failing: { attemptsMax: 3 },
    whole: {
      attempts: ["1 vendor_error", "1 vendor_error", "2 overloaded"],
      waits: [BACKOFF_MS, BACKOFF_MS],
      error: { code: "vendor_error", status: 500 },
    },
  },
];
