/**
 * Which of our codes fit an error, by its status and the vendor's words: a table of its own, shorter and coarser than the
 * dialects' classification, so that the two check one another. Where the words leave room, several codes are right.
 */
import type { ErrorCode } from "../../errors.ts";

interface Expectation {
  readonly words: RegExp;
  /** Statuses for which the words count; undefined counts them always. */
  readonly status?: (status: number | undefined) => boolean;
  readonly codes: readonly ErrorCode[];
}

const isClientError = (status: number | undefined): boolean => status === undefined || (status >= 400 && status < 500);

/** Words that decide whatever the status says; the first that fits. */
const BY_WORDS: readonly Expectation[] = [
  {
    words: /insufficient_quota|depleted your|credit balance|insufficient (credits|balance)|out of credits/i,
    codes: ["quota_exceeded"],
  },
  {
    words:
      /context length|context window|context size|context_length_exceeded|too_many_prompt_tokens|(prompt|input|messages).{0,30}too long|token count.{0,60}exceeds|maximum (prompt|model) length|model token limit|reduce the length|too large for model|too large to process|input tokens exceeds/i,
    status: (status) => status !== 429,
    codes: ["context_overflow"],
  },
  // A quota may be one per minute or one per month; the words rarely tell.
  { words: /quota/i, status: (status) => status === 429, codes: ["rate_limited", "quota_exceeded"] },
  { words: /content violates|content_filter|content_policy|data_inspection_failed/i, codes: ["content_refused"] },
  { words: /overloaded_error/i, codes: ["overloaded"] },
  { words: /overloaded/i, codes: ["overloaded", "rate_limited"] },
  {
    words: /rate_limit_(error|exceeded)|rate[- ]limited/i,
    // These two statuses say more than the words.
    status: (status) => status !== 402 && status !== 529,
    codes: ["rate_limited"],
  },
  {
    words: /invalid_api_key|API_KEY_INVALID|authentication_error|incorrect api key|api key not valid/i,
    codes: ["authentication"],
  },
  {
    words:
      /model_not_found|deploymentnotfound|\bmodel\b.{0,80}(not found|does not exist|not exist)|"message":"model: |model_not_available/i,
    status: (status) => isClientError(status) && status !== 429,
    codes: ["model_not_found"],
  },
  // Not the key's fault, and not the request's: the vendor does not serve this place.
  { words: /location is not supported/i, codes: ["permission_denied", "unsupported", "invalid_request"] },
  { words: /permission_(error|denied)/i, codes: ["permission_denied"] },
];

const CALLERS_MISTAKE: readonly ErrorCode[] = ["invalid_request", "unsupported", "schema_unsupported", "model_not_found"];

const BY_STATUS: ReadonlyMap<number, readonly ErrorCode[]> = new Map<number, readonly ErrorCode[]>([
  [400, CALLERS_MISTAKE],
  [401, ["authentication", "permission_denied"]],
  [402, ["quota_exceeded"]],
  [403, ["permission_denied", "authentication"]],
  [404, ["not_found", "model_not_found", "unsupported", "invalid_request"]],
  [408, ["timeout"]],
  [413, ["request_too_large", "context_overflow"]],
  [422, CALLERS_MISTAKE],
  [429, ["rate_limited"]],
  [503, ["overloaded", "model_loading", "vendor_error", "connection_failed", "provider_unavailable", "rate_limited"]],
  [504, ["timeout", "vendor_error"]],
  [529, ["overloaded"]],
]);

/** An engine on this machine answers 500 to a caller's mistake too, so both readings hold. */
const SERVERS_FAULT: readonly ErrorCode[] = ["vendor_error", "unsupported", "invalid_request", "connection_failed", "overloaded"];

/** Codes of which any is right. Undefined status: the error came inside a 200, where only the words can tell. */
export function expectedErrorCodes(status: number | undefined, words: string): readonly ErrorCode[] | undefined {
  const decided = BY_WORDS.find((row) => row.words.test(words) && (row.status?.(status) ?? true));
  if (decided !== undefined) return decided.codes;
  if (status === undefined) return undefined;
  return BY_STATUS.get(status) ?? (status >= 500 ? SERVERS_FAULT : CALLERS_MISTAKE);
}

/** Shapes that must never stand in a message: keys as vendors issue them, tokens, and passwords in an address. */
const SECRETS: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{12,}/,
  /\bAIza[A-Za-z0-9_-]{20,}/,
  /\b(gsk|xai|hf|csk|pplx)[-_][A-Za-z0-9]{16,}/,
  /\bBearer\s+[A-Za-z0-9._-]{12,}/i,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /:\/\/[^/\s:@]+:[^/\s@]{4,}@/,
];

/** The first thing in the text that looks like a credential. */
export function secretIn(text: string): string | undefined {
  for (const shape of SECRETS) {
    const match = shape.exec(text);
    if (match !== null) return `${match[0].slice(0, 6)}…`;
  }
  return undefined;
}
