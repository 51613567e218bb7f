/** Errors as Google spells them: a code, a status word, and details that say how long to wait. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FailureKind, Fault } from "../faults.ts";
import { jsonReply, Refusal, type WholeReply } from "../reply.ts";

const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

const HEADERS = { "content-type": "application/json; charset=UTF-8" };

export function geminiErrorBody(status: number, message: string, details: readonly JsonValue[] = []): JsonObject {
  const error = { code: status, message, status: STATUS_WORDS[status] ?? "UNKNOWN" };
  return { error: details.length === 0 ? error : { ...error, details } };
}

export function geminiError(message: string, status = 400, details: readonly JsonValue[] = []): Refusal {
  return new Refusal(status, geminiErrorBody(status, message, details), HEADERS);
}

const QUOTA_WORDS =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ";

const FAILURES: Readonly<Record<FailureKind, readonly [status: number, message: string]>> = {
  "rate-limit": [
    429,
    `${QUOTA_WORDS}\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count, limit: 1000000`,
  ],
  quota: [
    429,
    `${QUOTA_WORDS}\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_requests_per_model_per_day, limit: 250`,
  ],
  "server-error": [
    500,
    "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  ],
  unavailable: [503, "The service is currently unavailable."],
  overloaded: [503, "The model is overloaded. Please try again later."],
  loading: [503, "The service is currently unavailable."],
  "context-overflow": [400, "The input token count (1048594) exceeds the maximum number of tokens allowed (1048576)."],
};

const QUOTA_IDS: { readonly [Kind in FailureKind]?: string } = {
  "rate-limit": "GenerateContentPaidTierInputTokensPerModelPerMinute",
  quota: "GenerateRequestsPerDayPerProjectPerModel",
};

export function geminiFailure(kind: FailureKind, model: string, retryAfter: Fault["retryAfter"]): WholeReply {
  const [status, message] = FAILURES[kind];
  const details: JsonObject[] = [];
  const quotaId = QUOTA_IDS[kind];
  if (quotaId !== undefined) {
    const violation = { quotaId, quotaDimensions: { model, location: "global" }, quotaValue: "250" };
    details.push({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] });
  }
  if (retryAfter !== undefined) {
    details.push({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${retryAfter.ms / 1000}s` });
  }
  return jsonReply(status, geminiErrorBody(status, message, details), HEADERS);
}
