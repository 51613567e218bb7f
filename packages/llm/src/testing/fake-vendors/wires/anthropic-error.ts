/** Errors as Anthropic spells them. */
import type { JsonObject } from "../../../json.ts";
import type { FailureKind, Fault } from "../faults.ts";
import { retryHeaders } from "../generate.ts";
import { jsonReply, Refusal, type WholeReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

export function anthropicErrorBody(type: string, message: string): JsonObject {
  return { type: "error", error: { type, message }, request_id: "req_011FakeRequest" };
}

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  401: "authentication_error",
  404: "not_found_error",
  413: "request_too_large",
};

/** Default 400, `invalid_request_error`. */
export function anthropicError(message: string, status = 400): Refusal {
  const type = TYPE_OF_STATUS[status] ?? "invalid_request_error";
  return new Refusal(status, anthropicErrorBody(type, message), {
    "request-id": "req_011FakeRequest",
    "x-should-retry": "false",
  });
}

const FAILURES: Readonly<Record<FailureKind, readonly [status: number, type: string, message: string]>> = {
  "rate-limit": [
    429,
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.",
  ],
  quota: [
    400,
    "invalid_request_error",
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  ],
  "server-error": [500, "api_error", "Internal server error"],
  unavailable: [503, "api_error", "Service Unavailable"],
  overloaded: [529, "overloaded_error", "Overloaded"],
  loading: [503, "api_error", "Service Unavailable"],
  "context-overflow": [400, "invalid_request_error", "prompt is too long: 210018 tokens > 200000 maximum"],
};

export function anthropicFailure(
  kind: FailureKind,
  _model: string,
  retryAfter: Fault["retryAfter"],
  world: FakeWorld,
): WholeReply {
  const [status, type, message] = FAILURES[kind];
  const retry = status >= 429 ? "true" : "false";
  const headers = { "request-id": world.id("req_011", 20), "x-should-retry": retry, ...retryHeaders(retryAfter) };
  return jsonReply(status, anthropicErrorBody(type, message), headers);
}
