/** Cerebras: flat errors, unknown fields refused by name, an overflow without a word, times beside the usage. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { Refusal, type WholeReply } from "../reply.ts";
import { CREATED_AT } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { plainFlavour } from "./plain-flavour.ts";

function failed(status: number, message: string, type: string, param: string, code: string): FailureRow {
  return row(status, { message, type, param, code });
}

function unsupported(property: string): Refusal {
  const message = `${property}: property '${property}' is unsupported`;
  return new Refusal(400, { message, type: "invalid_request_error", param: "validation_error", code: "wrong_api_format" });
}

const UNSUPPORTED = ["frequency_penalty", "presence_penalty", "logit_bias", "top_k", "max_output_tokens", "prompt_cache_key"];

const FAILURES = failureFrom({
  "rate-limit": failed(
    429,
    "Requests per minute limit exceeded - too many requests sent.",
    "too_many_requests_error",
    "quota",
    "request_quota_exceeded",
  ),
  quota: failed(402, "Payment required to access this resource.", "payment_required_error", "quota", "payment_required"),
  "server-error": failed(500, "Encountered a server error, please try again.", "server_error", "", ""),
  unavailable: failed(503, "Service unavailable", "service_unavailable_error", "", ""),
  overloaded: failed(
    429,
    "We're experiencing high traffic right now! Please try again soon.",
    "too_many_requests_error",
    "queue",
    "queue_exceeded",
  ),
  loading: failed(503, "Service unavailable", "service_unavailable_error", "", ""),
  "context-overflow": failed(400, "", "", "", ""),
});

/** An overflow has no body at all. */
const EMPTY: WholeReply = { kind: "whole", status: 400, headers: {}, body: "" };

export const cerebrasFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => unsupported("model"),
  unknownModel: (id) =>
    new Refusal(404, {
      message: `Model ${id} does not exist or you do not have access to it.`,
      type: "not_found_error",
      param: "model",
      code: "model_not_found",
    }),
  check(body, model) {
    const field = UNSUPPORTED.find((name) => body[name] !== undefined);
    if (field !== undefined) throw unsupported(field);
    const at = objectsOf(body.messages).findIndex((message) => message.reasoning_content !== undefined);
    if (at >= 0) throw unsupported(`messages.${at}.assistant.reasoning_content`);
    if (model.reasoning === "always" && body.reasoning_effort === "none") throw unsupported("reasoning_effort.none");
    checkStrict(objectOf(objectOf(body.response_format).json_schema));
    for (const tool of objectsOf(body.tools))
      checkStrict({ ...objectOf(tool.function), schema: objectOf(tool.function).parameters });
  },
  reasoningField: "reasoning",
  refusal: "text",
  usageDetails: (cachedTokens, reasoningTokens) => ({
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }),
  extras: () => ({
    system_fingerprint: "fp_fake",
    time_info: { created: CREATED_AT, queue_time: 0.004, prompt_time: 0.02, completion_time: 0.25, total_time: 0.274 },
  }),
  errorBody: { error: { message: "Encountered a server error, please try again.", type: "server_error", param: "", code: "" } },
  failure: (kind, model, retryAfter) => (kind === "context-overflow" ? EMPTY : FAILURES(kind, model, retryAfter)),
};

/** What a strict schema may not say. */
const REFUSED_KEYWORDS = ["pattern", "format", "minItems", "maxItems"];

function checkStrict({ strict, schema }: JsonObject): void {
  if (strict !== true) return;
  const breach = breachOf(schema, "schema");
  if (breach === undefined) return;
  throw new Refusal(400, { message: breach, type: "invalid_request_error", param: "response_format", code: "wrong_api_format" });
}

function breachOf(schema: JsonValue | undefined, path: string): string | undefined {
  const node = objectOf(schema);
  const keyword = REFUSED_KEYWORDS.find((name) => node[name] !== undefined);
  if (keyword !== undefined) return `Unsupported JSON schema fields: {'${keyword}'} at ${path}`;
  if (node.type === "object" && node.additionalProperties !== false) {
    return `Object at ${path} must have 'additionalProperties' set to false`;
  }
  const inner = [...Object.entries(objectOf(node.properties)), ["items", node.items] as const];
  for (const [name, value] of inner) {
    const breach = value === undefined ? undefined : breachOf(value, `${path}.${stringOf(name)}`);
    if (breach !== undefined) return breach;
  }
  return undefined;
}

/** The row of the public listing, which knows more than `GET /v1/models`. */
export function cerebrasPublicRow(model: FakeModel): JsonObject {
  return {
    id: model.id,
    object: "model",
    created: CREATED_AT,
    owned_by: "Cerebras",
    name: model.id.toUpperCase(),
    capabilities: { function_calling: model.tools, structured_outputs: true, vision: false, reasoning: model.reasoning !== "no" },
    limits: { max_context_length: model.contextTokens, max_completion_tokens: 40_960 },
  };
}
