/**
 * Errors in Mistral's three forms: the flat object of the API, the list of what a validator found, and the bare sentence of
 * its front door. Source: the answers of the API.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { GenerationWire, Reading } from "../generate.ts";
import { retryHeaders } from "../generate.ts";
import { jsonReply, Refusal } from "../reply.ts";

interface Words {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
}

function bodyOf({ status, message, type, code }: Words): JsonObject {
  return { object: "error", message, type, param: null, code, raw_status_code: status };
}

/** A request that was understood and is refused. */
export function mistralError(message: string, type: string, code: string | null = null, status = 400): Refusal {
  return new Refusal(status, bodyOf({ status, message, type, code }));
}

export function invalidModel(model: string): Refusal {
  return mistralError(`Invalid model: ${model}`, "invalid_model", "1500");
}

/** A field that is not of the form that the validator expects. */
export function invalidField(type: string, loc: readonly (string | number)[], message: string, input: JsonValue): Refusal {
  return new Refusal(422, { detail: [{ type, loc: ["body", ...loc], msg: message, input }] });
}

export function extraField(loc: readonly (string | number)[], input: JsonValue | undefined): Refusal {
  return invalidField("extra_forbidden", loc, "Extra inputs are not permitted", input ?? null);
}

export const INTERNAL_ERROR = bodyOf({
  status: 500,
  message: "Internal server error",
  type: "internal_server_error",
  code: "1000",
});

const UNAVAILABLE: Words = { status: 503, message: "Service unavailable.", type: "unreachable_backend", code: "1100" };

type Failure = GenerationWire<Reading>["failure"];

/** A spent plan is often told as 401, which nobody can tell from a wrong key; this is the status that says what it means. */
const FAILURES: Readonly<Record<Parameters<Failure>[0], Words>> = {
  "rate-limit": { status: 429, message: "Rate limit exceeded", type: "rate_limited", code: "1300" },
  quota: { status: 402, message: "Payment required: the usage limit is reached.", type: "payment_required", code: null },
  "server-error": { status: 500, message: "Internal server error", type: "internal_server_error", code: "1000" },
  unavailable: UNAVAILABLE,
  overloaded: UNAVAILABLE,
  loading: UNAVAILABLE,
  "context-overflow": {
    status: 400,
    message: "Prompt contains 130018 tokens and 0 draft tokens, too large for model with 128000 maximum context length",
    type: "invalid_request_invalid_args",
    code: "3051",
  },
};

export const mistralFailure: Failure = (kind, _model, retryAfter) => {
  const words = FAILURES[kind];
  return jsonReply(words.status, bodyOf(words), retryHeaders(retryAfter));
};
