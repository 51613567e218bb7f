/**
 * Every way in which a call can fail, as one closed table.
 *
 * A code says what went wrong in words that hold for all vendors; the table says what follows from it: whether the same
 * call may be sent again, how far the fault reaches, and what to do next. Policies, the gateway and agents decide from
 * the table, never from a vendor's text. This file imports nothing.
 */

/** How far a fault reaches: changing this thing may make the call succeed. */
export type ErrorScope = "request" | "key" | "model" | "provider";

/** What the caller, or a policy on its behalf, should do next. */
export type ErrorAction =
  | "fix-request"
  | "compact-context"
  | "change-content"
  | "check-key"
  | "add-credit"
  | "wait"
  | "retry"
  | "switch-model"
  | "switch-provider"
  | "fix-configuration"
  | "none";

/** What follows from a code. */
export interface ErrorFacts {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** True when sending the same call again may succeed. */
  readonly retryable: boolean;
  readonly scope: ErrorScope;
  readonly action: ErrorAction;
  /** The next step, worded for a person. */
  readonly advice: string;
  /** The HTTP status under which our server tells it to a client, unless the vendor's own status says more. */
  readonly httpStatus: number;
}

function facts(
  httpStatus: number,
  retryable: boolean,
  scope: ErrorScope,
  action: ErrorAction,
  meaning: string,
  advice: string,
): ErrorFacts {
  return { meaning, retryable, scope, action, advice, httpStatus };
}

/** The table itself: what follows from each code. */
export const ERROR_TABLE = {
  invalid_request: facts(
    400,
    false,
    "request",
    "fix-request",
    "The request is malformed or breaks a rule of the vendor.",
    "correct the field that is named",
  ),
  unsupported: facts(
    400,
    false,
    "model",
    "switch-model",
    "The model or its dialect has no such feature.",
    "leave the feature out or use a model that has it",
  ),
  schema_unsupported: facts(
    400,
    false,
    "request",
    "fix-request",
    "A JSON Schema cannot be expressed for this vendor.",
    "simplify the schema at the path that is named",
  ),
  request_too_large: facts(
    413,
    false,
    "request",
    "fix-request",
    "The request body is larger than allowed.",
    "send less, or send media by reference",
  ),
  context_overflow: facts(
    400,
    false,
    "model",
    "compact-context",
    "The prompt and the answer do not fit into the model's context window.",
    "shorten the conversation or use a model with a larger window",
  ),
  content_refused: facts(
    400,
    false,
    "request",
    "change-content",
    "The vendor's content policy refused the prompt or the answer.",
    "change the content; another attempt will be refused again",
  ),
  authentication: facts(401, false, "key", "check-key", "The key is missing, malformed or not accepted.", "check the key"),
  permission_denied: facts(
    403,
    false,
    "key",
    "check-key",
    "The key is valid but not allowed to do this.",
    "use a key with access, or ask for access",
  ),
  quota_exceeded: facts(
    402,
    false,
    "key",
    "add-credit",
    "Credit or a fixed quota is used up; waiting seconds does not help.",
    "add credit, raise the quota, or use another key",
  ),
  rate_limited: facts(
    429,
    true,
    "key",
    "wait",
    "Too many requests or tokens in a short time.",
    "wait and retry, or add a fallback",
  ),
  overloaded: facts(529, true, "provider", "retry", "The vendor is out of capacity.", "retry with backoff, or add a fallback"),
  model_not_found: facts(
    404,
    false,
    "model",
    "switch-model",
    "The vendor does not serve this model to this key.",
    "check the model's name",
  ),
  unknown_model: facts(
    404,
    false,
    "model",
    "switch-model",
    "No registered provider claims this model.",
    "name a known model as provider:model",
  ),
  ambiguous_model: facts(
    400,
    false,
    "request",
    "fix-request",
    "More than one provider claims this model.",
    "write it as provider:model",
  ),
  model_loading: facts(503, true, "model", "wait", "The engine is still loading the model.", "wait until it is loaded and retry"),
  provider_unavailable: facts(
    503,
    false,
    "provider",
    "fix-configuration",
    "The provider cannot be used as it is set up.",
    "see the reason that is named",
  ),
  connection_failed: facts(
    502,
    true,
    "provider",
    "retry",
    "The vendor could not be reached, or the connection broke before an answer.",
    "check that the endpoint is reachable and retry",
  ),
  timeout: facts(
    504,
    true,
    "provider",
    "retry",
    "The vendor did not answer within the time allowed.",
    "retry, raise the timeout that is named, or add a fallback",
  ),
  aborted: facts(499, false, "request", "none", "The caller aborted the call.", "nothing; this is the caller's own decision"),
  stream_truncated: facts(
    502,
    true,
    "provider",
    "retry",
    "The stream ended before the vendor said that it was complete.",
    "retry; what had arrived is in the partial completion",
  ),
  invalid_response: facts(
    502,
    true,
    "provider",
    "retry",
    "The vendor's answer is not what its protocol promises.",
    "retry; if it persists, check that the endpoint speaks this dialect",
  ),
  vendor_error: facts(502, true, "provider", "retry", "The vendor failed internally.", "retry, or add a fallback"),
  invalid_output: facts(
    502,
    true,
    "model",
    "retry",
    "The model's answer does not satisfy the requested schema.",
    "retry, relax the schema, or use a stronger model",
  ),
  configuration: facts(
    500,
    false,
    "provider",
    "fix-configuration",
    "The configuration is wrong.",
    "correct the setting that is named",
  ),
  not_found: facts(404, false, "request", "fix-request", "There is no such route or object.", "check the path"),
  method_not_allowed: facts(
    405,
    false,
    "request",
    "fix-request",
    "The route does not take this method.",
    "use one of the methods that are named",
  ),
  internal: facts(500, false, "request", "none", "Dragoman itself failed; this is a defect.", "report it with the message"),
} as const satisfies Record<string, ErrorFacts>;

/** What went wrong, in a word that holds for all vendors. `Extract` keeps the name where an editor would spell the list out. */
export type ErrorCode = Extract<keyof typeof ERROR_TABLE, string>;

/** One try of a policy that did not give the answer. Plain data. */
export interface FailedAttempt {
  /** Id of the provider that was tried. */
  readonly provider: string;
  readonly model: string;
  /** `failed`: it ended in an error. `refused`: it answered, and the answer was not accepted. `skipped`: it was never sent. */
  readonly outcome: "failed" | "refused" | "skipped";
  /** Of the error, where there was one. */
  readonly code?: ErrorCode;
  /** The error's own detail, or why the attempt was refused or skipped. */
  readonly detail: string;
  /** Milliseconds. Absent when it was never sent. */
  readonly durationMs?: number;
  /** What it used and cost, where that is known. Not part of the answer's own usage and cost. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
}

/** What an error is made of. */
export interface DragomanErrorInit {
  readonly code: ErrorCode;
  /** What went wrong in particular: the vendor's own words, or ours. Secrets are redacted from it. */
  readonly detail: string;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** The HTTP status that the vendor answered with. One of 2xx: it had begun an answer. */
  readonly status?: number | undefined;
  /** Method and path of the request, as in `POST /v1/messages`. */
  readonly request?: string | undefined;
  /** Path of the offending field, as in `messages[2].content`. */
  readonly field?: string | undefined;
  /** How long the vendor asked to wait. Milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** The vendor's own error code or type, as it spelt it. */
  readonly vendorCode?: string | undefined;
  /** The next step, where it is more particular than the table's advice. */
  readonly advice?: string | undefined;
  /** Overrides the table where the vendor said so itself (`x-should-retry`). */
  readonly retryable?: boolean | undefined;
  /** What was tried before giving up, in order. */
  readonly attempts?: readonly FailedAttempt[] | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("dragoman.error");

/**
 * The one error class. `code` decides; `message` names the request and the next step, as in
 * `openai rate_limited (429) on POST /v1/responses, model gpt-x: slow down. Retry after 12 s, or add a fallback`.
 */
export class DragomanError extends Error {
  override readonly name = "DragomanError";
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly scope: ErrorScope;
  readonly action: ErrorAction;
  readonly advice: string;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly status: number | undefined;
  readonly request: string | undefined;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly vendorCode: string | undefined;
  /** What a policy tried before giving up, in order. Undefined where there was one try only. */
  readonly attempts: readonly FailedAttempt[] | undefined;

  constructor(init: DragomanErrorInit) {
    const row: ErrorFacts = ERROR_TABLE[init.code];
    const detail = redactSecrets(init.detail);
    const advice = init.advice ?? adviceWithWait(row, init.retryAfterMs);
    super(composeMessage(init, detail, advice), init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.detail = detail;
    this.retryable = init.retryable ?? row.retryable;
    this.scope = row.scope;
    this.action = row.action;
    this.advice = advice;
    this.provider = init.provider;
    this.model = init.model;
    this.status = init.status;
    this.request = init.request;
    this.field = init.field;
    this.retryAfterMs = init.retryAfterMs;
    this.requestId = init.requestId;
    this.vendorCode = init.vendorCode;
    this.attempts = init.attempts;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for a DragomanError of this or another copy of the library. */
  static is(value: unknown): value is DragomanError {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  /** The same error with facts that only an outer layer knows (provider, model, request). Facts already there stay. */
  with(context: Partial<Pick<DragomanErrorInit, "provider" | "model" | "request" | "retryAfterMs" | "status">>): DragomanError {
    return new DragomanError({
      code: this.code,
      detail: this.detail,
      provider: this.provider ?? context.provider,
      model: this.model ?? context.model,
      status: this.status ?? context.status,
      request: this.request ?? context.request,
      field: this.field,
      retryAfterMs: this.retryAfterMs ?? context.retryAfterMs,
      requestId: this.requestId,
      vendorCode: this.vendorCode,
      retryable: this.retryable,
      attempts: this.attempts,
      cause: this.cause,
      ...(this.advice === adviceWithWait(ERROR_TABLE[this.code], this.retryAfterMs) ? {} : { advice: this.advice }),
    });
  }

  /** Plain data for logs and machine-readable output: no stack, no cause, no secret. */
  toJSON(): Record<string, string | number | boolean> {
    const json: Record<string, string | number | boolean> = {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      scope: this.scope,
      action: this.action,
    };
    for (const key of ["provider", "model", "status", "request", "field", "retryAfterMs", "requestId", "vendorCode"] as const) {
      const value = this[key];
      if (value !== undefined) json[key] = value;
    }
    return json;
  }
}

/**
 * Whatever was thrown, as a DragomanError: itself, `aborted` for an abort, `timeout` for a signal's time limit, `internal`
 * for anything unexpected.
 */
export function toDragomanError(thrown: unknown): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return new DragomanError({ code: "aborted", detail: "the call was aborted", cause: thrown });
  }
  if (thrown instanceof Error && thrown.name === "TimeoutError") {
    return new DragomanError({ code: "timeout", detail: "the signal's time limit has passed", cause: thrown });
  }
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new DragomanError({ code: "internal", detail, cause: thrown });
}

function adviceWithWait(row: ErrorFacts, retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? row.advice : `retry after ${Math.ceil(retryAfterMs / 1000)} s; ${row.advice}`;
}

function composeMessage(init: DragomanErrorInit, detail: string, advice: string): string {
  const status = init.status === undefined ? "" : ` (${init.status})`;
  const request = init.request === undefined ? "" : ` on ${init.request}`;
  const model = init.model === undefined ? "" : `, model ${init.model}`;
  const field = init.field === undefined ? "" : `, field ${init.field}`;
  const sentence = withoutPeriod(detail) || withoutPeriod(ERROR_TABLE[init.code].meaning);
  return `${init.provider ?? "dragoman"} ${init.code}${status}${request}${model}${field}: ${sentence}. Next: ${advice}`;
}

function withoutPeriod(sentence: string): string {
  return sentence.trim().replace(/[.\s]+$/, "");
}

/**
 * Shapes of keys that vendors issue and that their error messages like to repeat. A match is replaced whole.
 * Sources: the vendors' published key prefixes; JSON Web Tokens (RFC 7519); URL user info (RFC 3986, 3.2.1).
 */
const SECRET_SHAPES: readonly [RegExp, string][] = [
  [/\b(sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|fw|tgp_v1|csk|sess|dgm)[-_][A-Za-z0-9_*-]{8,}/g, "***"],
  // Without a digit or a star it is a word, as `key_limit_exceeded`.
  [/\bkey[-_](?=[A-Za-z_-]*[0-9*])[A-Za-z0-9_*-]{8,}/g, "***"],
  [/\bAIza[A-Za-z0-9_-]{16,}/g, "***"],
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, "***"],
  [/\bya29\.[A-Za-z0-9_-]{8,}/g, "***"],
  [/\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?/g, "***"],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, "$1 ***"],
  [/([?&](?:key|api[-_]?key|token|access[-_]?token|sig|signature)=)[^&\s"']+/gi, "$1***"],
  [/("?(?:x-)?api[-_]?key"?\s*[:=]\s*"?)[A-Za-z0-9._~+/*-]{6,}/gi, "$1***"],
  [/(\/\/)[^/\s:@]+:[^/\s@]+@/g, "$1***@"],
];

/** The text with everything that looks like a credential replaced by `***`. */
export function redactSecrets(text: string): string {
  let redacted = text;
  for (const [shape, replacement] of SECRET_SHAPES) redacted = redacted.replace(shape, replacement);
  return redacted;
}
