/**
 * What can go wrong, by the model's name: a model whose name contains `fault-cut` is cut off, on every wire alike. Each
 * fault says what a caller must see, so that a conformance suite can be driven by this table alone.
 */
import type { FinishReason } from "../../completion.ts";
import type { ErrorCode } from "../../errors.ts";
import type { FakeVendorName } from "./fake-vendor.ts";

/** What a call must come to: an error of one of these codes, or a completion with this finish. Where both stand, either. */
export interface FaultOutcome {
  readonly errors?: readonly ErrorCode[];
  readonly finish?: FinishReason;
}

export type FailureKind = "rate-limit" | "quota" | "server-error" | "unavailable" | "overloaded" | "loading" | "context-overflow";

export type DeliveryFault =
  | "reset"
  | "silence"
  | "slow-first-token"
  | "cut"
  | "reset-mid"
  | "stall"
  | "malformed"
  | "no-terminator"
  | "error-in-200"
  | "html"
  | "empty";

/** How the fake brings the fault about: an error answer, an answer of another kind, or a fault of the connection. */
export type FaultAction =
  | { readonly type: "failure"; readonly kind: FailureKind }
  /** The vendor's own form for an error about the request as such, with this status and these words. */
  | { readonly type: "refusal"; readonly status: number; readonly message: string }
  | { readonly type: "answer"; readonly finish: "length" | "refusal" }
  | { readonly type: "delivery"; readonly how: DeliveryFault };

/** One way in which a vendor can fail, and what must come of it. */
export interface Fault {
  /** Part of the model's name. */
  readonly name: string;
  readonly meaning: string;
  readonly action: FaultAction;
  /** True: only the first request to a model of this name meets it, on each server. Default: every request. */
  readonly once?: true;
  /** How long the answer asks to wait. Milliseconds. `fraction` has it said in a finer unit than whole seconds. */
  readonly retryAfter?: { readonly ms: number; readonly fraction: boolean };
  readonly complete: FaultOutcome;
  /** Absent: the same as `complete`. */
  readonly stream?: FaultOutcome;
  /** Where one vendor's way leads elsewhere. For complete and stream alike. */
  readonly byVendor?: { readonly [Vendor in FakeVendorName]?: FaultOutcome };
  /** The vendors that have it. Absent: all. */
  readonly vendors?: readonly FakeVendorName[];
}

function fails(...errors: ErrorCode[]): FaultOutcome {
  return { errors };
}

const SAID: FaultOutcome = { finish: "stop" };

function refusal(name: string, status: number, message: string, code: ErrorCode, meaning: string): Fault {
  return { name, meaning, action: { type: "refusal", status, message }, complete: fails(code) };
}

/** Every fault that a fake vendor can be asked for, by the name of the model. */
export const FAULTS: readonly Fault[] = [
  {
    name: "fault-429",
    meaning: "Rate limited, without a word on how long to wait.",
    action: { type: "failure", kind: "rate-limit" },
    complete: fails("rate_limited"),
  },
  {
    name: "fault-429-retry-after",
    meaning: "Rate limited; asks to wait one second.",
    action: { type: "failure", kind: "rate-limit" },
    retryAfter: { ms: 1000, fraction: false },
    complete: fails("rate_limited"),
  },
  {
    name: "fault-429-retry-after-ms",
    meaning: "Rate limited; asks to wait 250 ms, in the finer unit that these vendors have.",
    action: { type: "failure", kind: "rate-limit" },
    retryAfter: { ms: 250, fraction: true },
    complete: fails("rate_limited"),
    vendors: ["openai", "gemini"],
  },
  {
    name: "fault-429-once",
    meaning: "Rate limited at the first request, then well.",
    action: { type: "failure", kind: "rate-limit" },
    once: true,
    complete: fails("rate_limited"),
  },
  {
    name: "fault-quota",
    meaning: "Credit or quota is used up, in the vendor's words.",
    action: { type: "failure", kind: "quota" },
    complete: fails("quota_exceeded"),
  },
  {
    name: "fault-500",
    meaning: "The vendor fails internally.",
    action: { type: "failure", kind: "server-error" },
    complete: fails("vendor_error"),
  },
  {
    name: "fault-500-once",
    meaning: "The vendor fails internally at the first request, then is well.",
    action: { type: "failure", kind: "server-error" },
    once: true,
    complete: fails("vendor_error"),
  },
  {
    name: "fault-503",
    meaning: "The service is unavailable.",
    action: { type: "failure", kind: "unavailable" },
    complete: fails("overloaded", "vendor_error"),
  },
  {
    name: "fault-529",
    meaning: "The vendor is overloaded and says so (529 where it has that status).",
    action: { type: "failure", kind: "overloaded" },
    complete: fails("overloaded"),
  },
  {
    name: "fault-overloaded",
    meaning: "The same as fault-529.",
    action: { type: "failure", kind: "overloaded" },
    complete: fails("overloaded"),
  },
  {
    name: "fault-loading",
    meaning: "The engine is loading the model at the first request, then well.",
    action: { type: "failure", kind: "loading" },
    once: true,
    complete: fails("model_loading"),
    vendors: ["llamacpp", "lmstudio", "ollama", "huggingface", "openai-compatible"],
  },
  {
    name: "fault-reset",
    meaning: "The connection is reset before any header.",
    action: { type: "delivery", how: "reset" },
    complete: fails("connection_failed"),
  },
  {
    name: "fault-silence",
    meaning: "The request is taken and never answered.",
    action: { type: "delivery", how: "silence" },
    complete: fails("timeout"),
  },
  {
    name: "fault-slow-first-token",
    meaning: "Headers at once, the first token late; without a first-token limit the answer is good.",
    action: { type: "delivery", how: "slow-first-token" },
    complete: SAID,
  },
  {
    name: "fault-cut",
    meaning: "The connection ends cleanly in the middle of the answer.",
    action: { type: "delivery", how: "cut" },
    complete: fails("invalid_response", "stream_truncated"),
    stream: fails("stream_truncated"),
  },
  {
    name: "fault-reset-mid",
    meaning: "The connection breaks in the middle of the answer.",
    action: { type: "delivery", how: "reset-mid" },
    complete: fails("connection_failed"),
    stream: fails("connection_failed", "stream_truncated"),
  },
  {
    name: "fault-stall",
    meaning: "The answer stops in the middle; the connection stays open.",
    action: { type: "delivery", how: "stall" },
    complete: fails("timeout"),
  },
  {
    name: "fault-malformed",
    meaning: "One event in the middle is not JSON; of a whole answer, the body is not.",
    action: { type: "delivery", how: "malformed" },
    complete: fails("invalid_response"),
  },
  {
    name: "fault-no-terminator",
    meaning: "All content, but the stream ends without the mark that it is complete. A whole answer is good.",
    action: { type: "delivery", how: "no-terminator" },
    complete: SAID,
    stream: fails("stream_truncated"),
  },
  {
    name: "fault-error-in-200",
    meaning: "Status 200, then an internal error: in the middle of a stream, or as the body.",
    action: { type: "delivery", how: "error-in-200" },
    complete: fails("vendor_error"),
  },
  {
    name: "fault-context-overflow",
    meaning: "The prompt does not fit into the context window, in the vendor's words.",
    action: { type: "failure", kind: "context-overflow" },
    complete: fails("context_overflow"),
  },
  {
    name: "fault-refusal",
    meaning: "The content policy refuses, in the vendor's way. Local engines have none: there the model declines in text.",
    action: { type: "answer", finish: "refusal" },
    complete: { finish: "content-filter" },
    byVendor: {
      gemini: { finish: "content-filter", errors: ["content_refused"] },
      vertex: { finish: "content-filter", errors: ["content_refused"] },
      moonshot: fails("content_refused"),
      xai: fails("content_refused"),
      dashscope: fails("content_refused"),
      azure: fails("content_refused"),
      vllm: SAID,
      fireworks: SAID,
      cerebras: SAID,
      perplexity: SAID,
      cohere: SAID,
      ollama: SAID,
      lmstudio: SAID,
      llamacpp: SAID,
      mistral: SAID,
    },
  },
  {
    name: "fault-html",
    meaning: "A proxy answers 502 with an HTML page.",
    action: { type: "delivery", how: "html" },
    complete: fails("vendor_error"),
  },
  {
    name: "fault-empty",
    meaning: "Status 200 with an empty body.",
    action: { type: "delivery", how: "empty" },
    complete: fails("invalid_response"),
    stream: fails("invalid_response", "stream_truncated"),
  },
  {
    name: "fault-length",
    meaning: "The answer ends at the output limit.",
    action: { type: "answer", finish: "length" },
    complete: { finish: "length" },
  },
  refusal("fault-400", 400, "messages.0.content: the value is malformed", "invalid_request", "The request breaks a rule."),
  refusal("fault-403", 403, "Your key has no access to this resource.", "permission_denied", "The key is not allowed to."),
  refusal("fault-404", 404, "Invalid URL (POST /nowhere)", "not_found", "There is no such route."),
  refusal("fault-413", 413, "Request body is too large", "request_too_large", "The body is larger than allowed."),
  refusal("fault-504", 504, "upstream request timeout", "timeout", "A gateway gave up on the vendor."),
  refusal("fault-policy", 400, "The prompt was rejected by our content policy.", "content_refused", "The prompt is refused."),
  refusal("fault-unsupported", 400, "This model does not support audio input.", "unsupported", "The model has no such feature."),
  refusal("fault-schema", 400, "Invalid schema for function 'f': no type", "schema_unsupported", "A schema is not taken."),
  refusal("fault-warming", 503, "Loading model", "model_loading", "The model is still being loaded."),
];

const LONGEST_FIRST = [...FAULTS].sort((one, other) => other.name.length - one.name.length);

/** The fault that a model's name asks for, the longest name first. Undefined where this vendor has no such fault. */
export function findFault(vendor: FakeVendorName, model: string): Fault | undefined {
  const fault = LONGEST_FIRST.find(({ name }) => new RegExp(`${name}(?![a-z0-9])`).test(model));
  return fault !== undefined && hasFault(vendor, fault) ? fault : undefined;
}

export function hasFault(vendor: FakeVendorName, fault: Fault): boolean {
  return fault.vendors === undefined || fault.vendors.includes(vendor);
}

/** What a call of this fault must come to at this vendor. */
export function faultOutcome(vendor: FakeVendorName, fault: Fault, call: "complete" | "stream"): FaultOutcome {
  return fault.byVendor?.[vendor] ?? (call === "stream" ? (fault.stream ?? fault.complete) : fault.complete);
}
