/** What vendors answer in error, in every shape that their words come in: one code each, whoever says it. */
import { describe, expect, test } from "vitest";
import { parseVendorError, vendorErrorFrom } from "../src/dialects/index.ts";
import type { ErrorCode } from "../src/index.ts";

const CONTEXT = { provider: "p", model: "m" };

/** The shapes of error bodies that vendors, gateways and proxies send. */
const SHAPES: Readonly<Record<string, (message: string, status: number) => unknown>> = {
  Anthropic: (message) => ({ type: "error", error: { type: "some_error", message }, request_id: "req_1" }),
  OpenAI: (message) => ({ error: { message, type: "some_error", param: null, code: null } }),
  "a numeric code": (message, code) => ({ error: { message, code } }),
  Google: (message, code) => ({ error: { code, message, status: "SOME_STATUS", details: [] } }),
  "Google's stream": (message, code) => [{ error: { code, message, status: "SOME_STATUS" } }],
  "Mistral's flat object": (message) => ({ object: "error", message, type: "some_error", param: null, code: null }),
  Bedrock: (message) => ({ message }),
  "a bare string": (message) => ({ error: message }),
  "xAI's pair": (message) => ({ code: "Some error", error: message }),
  FastAPI: (message) => ({ detail: message }),
  OpenRouter: (message, code) => ({ error: { message: "Provider returned error", code, metadata: { raw: message } } }),
};

function codeOf(status: number, body: unknown, headers: Record<string, string> = {}): ErrorCode {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return parseVendorError({ status, headers, body: text }, CONTEXT).code;
}

const OVERFLOWS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  Anthropic: [400, "prompt is too long: 210000 tokens > 200000 maximum"],
  "OpenAI responses": [400, "Your input exceeds the context window of this model. Please adjust your input and try again."],
  OpenAI: [400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."],
  Google: [400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."],
  xAI: [400, "This model's maximum prompt length is 131072 but the request contains 200000 tokens."],
  Groq: [400, "Please reduce the length of the messages or completion."],
  "OpenRouter, vLLM and DeepSeek": [400, "This endpoint's maximum context length is 32768 tokens. You requested about 40000."],
  "llama.cpp, vectors": [
    500,
    "input (4002 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
  ],
  "Ollama, vectors": [400, "the input length exceeds the context length"],
  "Bedrock, Titan": [400, "Too many input tokens. Max input tokens: 8192, request input token count: 9000"],
  "Hugging Face, vectors": [413, "Input validation error: `inputs` must have less than 512 tokens. Given: 600"],
  "llama.cpp": [400, "the request exceeds the available context size, try increasing it"],
  "LM Studio": [400, "The number of tokens to keep from the initial prompt is greater than the context length."],
  Kimi: [400, "Invalid request: Your request exceeded model token limit: 8192"],
  Mistral: [400, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"],
  Bedrock: [400, "Input is too long for requested model."],
  "Bedrock's Nova": [
    400,
    "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
  ],
  Together: [422, "Input (40000 tokens) is longer than the limit."],
  Ollama: [400, "prompt too long; exceeded max context length by 12 tokens"],
  "vLLM's new words": [400, "You passed 9000 input tokens. However, the model's context length is only 8192 tokens."],
  "vLLM's check of the input": [400, "Input length (9000) exceeds model's maximum context length (8192)."],
  "z.ai": [400, "Prompt exceeds max length"],
  DashScope: [400, "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]"],
};

describe.each(Object.entries(OVERFLOWS))("an overflow of the context in the words of %s", (_vendor, [status, message]) => {
  test.each(Object.entries(SHAPES))("in the shape of %s", (_shape, write) => {
    expect(codeOf(status, write(message, status))).toBe("context_overflow");
  });

  test("inside a 200", () => {
    expect(vendorErrorFrom({ error: { message } }, undefined, CONTEXT).code).toBe("context_overflow");
  });
});

test("an overflow without a word (Cerebras) is one, and throttling that speaks of tokens is none", () => {
  expect(codeOf(400, "")).toBe("context_overflow");
  expect(codeOf(413, "")).toBe("context_overflow");
  expect(codeOf(429, { message: "Too many tokens, please wait before trying again." })).toBe("rate_limited");
  expect(codeOf(429, { error: { message: "Rate limit reached: reduce the length of the messages" } })).toBe("rate_limited");
  expect(codeOf(400, { error: { message: "x", type: "invalid_request_error", code: "context_length_exceeded" } })).toBe(
    "context_overflow",
  );
});

/** Message, status and the code that follows, whatever shape the message comes in. */
const WORDS: readonly (readonly [code: ErrorCode, status: number, message: string])[] = [
  ["quota_exceeded", 429, "You exceeded your current quota, please check your plan and billing details."],
  ["quota_exceeded", 400, "Your credit balance is too low to access the Anthropic API."],
  ["quota_exceeded", 402, "Insufficient credits. Add more."],
  ["quota_exceeded", 402, "anything at all"],
  ["quota_exceeded", 403, "This API method requires billing to be enabled. Please enable billing on project #1."],
  ["quota_exceeded", 429, "Your account is suspended due to insufficient balance, please recharge"],
  ["quota_exceeded", 403, "You have depleted your monthly included credits."],
  ["quota_exceeded", 412, "Account my-account is suspended, possibly due to reaching the monthly spending limit."],
  ["quota_exceeded", 403, "The free tier of the model has been exhausted."],
  ["content_refused", 400, "System detected potentially unsafe or sensitive content in input or generation."],
  ["unsupported", 400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
  ["rate_limited", 429, "Rate limit reached for gpt-x on tokens per min (TPM): Limit 30000"],
  ["rate_limited", 429, "anything at all"],
  ["rate_limited", 503, "Too many requests, please slow down"],
  [
    "rate_limited",
    429,
    "You exceeded your current quota. Quota exceeded for metric: generativelanguage.googleapis.com/generate_requests, limit: 5, per minute",
  ],
  [
    "quota_exceeded",
    429,
    "You exceeded your current quota. Quota exceeded for metric: generativelanguage.googleapis.com/generate_requests_per_day, limit: 50",
  ],
  ["quota_exceeded", 429, "Your team x has either used all available credits or reached its monthly spending limit."],
  ["quota_exceeded", 403, "Your newly created team doesn't have any credits yet."],
  ["quota_exceeded", 429, "Credit limit exceeded, please navigate to the billing page."],
  ["overloaded", 498, "Flex tier capacity exceeded"],
  ["overloaded", 529, "Overloaded"],
  ["overloaded", 503, "The model is overloaded. Please try again later."],
  ["overloaded", 500, "We are currently experiencing high demand"],
  ["overloaded", 503, "anything at all"],
  ["model_loading", 503, "Loading model"],
  ["model_loading", 503, "Model meta/llama is currently loading"],
  ["content_refused", 400, "The response was filtered due to the prompt triggering our content management policy."],
  ["content_refused", 400, "Your request was rejected by our safety system."],
  ["authentication", 401, "invalid x-api-key"],
  ["authentication", 401, "anything at all"],
  ["authentication", 400, "API key not valid. Please pass a valid API key."],
  ["authentication", 400, "Incorrect API key provided: ***"],
  ["permission_denied", 403, "anything at all"],
  ["permission_denied", 400, "User location is not supported for the API use."],
  ["model_not_found", 404, "The model `gpt-9` does not exist or you do not have access to it."],
  ["model_not_found", 404, "model 'llama9' not found, try pulling it first"],
  ["model_not_found", 400, "No such model: nothing"],
  ["model_not_found", 400, "a/b is not a valid model ID"],
  ["not_found", 404, "Invalid URL (POST /v1/nothing)"],
  // NVIDIA
  ["model_not_found", 410, "The model 'a/b' has reached its end of life on 2026-06-11T00:00:00Z and is no longer available."],
  ["not_found", 410, "This endpoint was removed. Please use another."],
  ["request_too_large", 413, "Request exceeds the maximum size"],
  ["unsupported", 400, "Unsupported parameter: 'temperature' is not supported with this model."],
  ["unsupported", 400, "registry.ollama.ai/library/gemma3 does not support tools"],
  ["schema_unsupported", 400, "Invalid schema for response_format 'x': 'oneOf' is not permitted."],
  ["timeout", 408, "anything at all"],
  ["timeout", 504, "anything at all"],
  ["vendor_error", 500, "anything at all"],
  ["vendor_error", 502, "Bad gateway"],
  ["vendor_error", 409, "anything at all"],
  ["invalid_request", 400, "messages: at least one message is required"],
  ["invalid_request", 422, "anything at all"],
];

describe.each(WORDS)("%s: status %i with “%s”", (code, status, message) => {
  test.each(Object.entries(SHAPES))("in the shape of %s", (_shape, write) => {
    expect(codeOf(status, write(message, status))).toBe(code);
  });
});

/** Words in the type and code fields decide where there is no status, as inside a stream. */
test.each<readonly [ErrorCode, unknown]>([
  ["overloaded", { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
  ["rate_limited", { type: "error", error: { type: "rate_limit_error", message: "x" } }],
  ["authentication", { type: "error", error: { type: "authentication_error", message: "x" } }],
  ["permission_denied", { type: "error", error: { type: "permission_error", message: "x" } }],
  ["request_too_large", { type: "error", error: { type: "request_too_large", message: "x" } }],
  ["quota_exceeded", { error: { code: "insufficient_quota", message: "x" } }],
  ["rate_limited", { response: { error: { code: "rate_limit_exceeded", message: "x" } } }],
  ["content_refused", { error: { code: "content_filter", message: "x", innererror: { code: "ResponsibleAIPolicyViolation" } } }],
  ["vendor_error", { response: { error: { code: "server_error", message: "x" } } }],
  ["invalid_request", { error: { type: "invalid_request_error", message: "x" } }],
  ["overloaded", { error: { code: 529, message: "x" } }],
  ["rate_limited", { error: { code: "429", message: "x" } }],
  ["timeout", { error: { status: "DEADLINE_EXCEEDED", message: "x" } }],
  ["authentication", { error: { status: "INVALID_ARGUMENT", message: "x", details: [{ reason: "API_KEY_INVALID" }] } }],
  ["vendor_error", { error: "an error was encountered while running the model: unexpected EOF" }],
])("an error inside a 200 is %s: %j", (code, body) => {
  expect(vendorErrorFrom(body, undefined, CONTEXT).code).toBe(code);
});

describe("a proxy's page", () => {
  test("is told by its title", () => {
    const body = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    expect(parseVendorError({ status: 502, headers: {}, body }, CONTEXT)).toMatchObject({
      code: "vendor_error",
      detail: "an HTML page: 502 Bad Gateway",
    });
  });

  test("and a text that is no JSON is told as it is", () => {
    expect(parseVendorError({ status: 500, headers: {}, body: "upstream sent garbage" }, CONTEXT)).toMatchObject({
      detail: "upstream sent garbage",
    });
  });

  test("an empty answer names its status", () => {
    expect(parseVendorError({ status: 500, headers: {}, body: "" }, CONTEXT).detail).toContain("500");
  });
});

describe("how long to wait", () => {
  const waitOf = (headers: Record<string, string>, body: unknown = {}): number | undefined =>
    parseVendorError({ status: 429, headers, body: JSON.stringify(body) }, CONTEXT).retryAfterMs;

  test("is read from seconds, with or without a fraction", () => {
    expect(waitOf({ "retry-after": "12" })).toBe(12_000);
    expect(waitOf({ "retry-after": "0.5" })).toBe(500);
    expect(waitOf({ "retry-after": "0" })).toBe(0);
  });

  test("is read from a date, and is nothing once the date has passed", () => {
    expect(waitOf({ "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" })).toBe(0);
    const inAMinute = waitOf({ "retry-after": new Date(Date.now() + 3_600_000).toUTCString() });
    expect(inAMinute).toBeGreaterThan(3_000_000);
    expect(inAMinute).toBeLessThanOrEqual(3_600_000);
  });

  test("in milliseconds goes over seconds", () => {
    expect(waitOf({ "retry-after-ms": "250", "retry-after": "1" })).toBe(250);
    expect(waitOf({ "retry-after-ms": "soon", "retry-after": "1" })).toBe(1_000);
  });

  test("is read from Google's RetryInfo", () => {
    const details = [{ "@type": "x" }, { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" }];
    expect(waitOf({}, { error: { code: 429, message: "x", details } })).toBe(34_500);
  });

  test("is read from OpenRouter's reset, which is a time", () => {
    const reset = String(Date.now() + 3_600_000);
    const wait = waitOf({}, { error: { message: "x", metadata: { headers: { "X-RateLimit-Reset": reset } } } });
    expect(wait).toBeGreaterThan(3_000_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
    expect(waitOf({}, { error: { message: "x", metadata: { headers: { "X-RateLimit-Reset": "60" } } } })).toBeUndefined();
  });

  test("is unknown where nobody says it", () => {
    expect(waitOf({})).toBeUndefined();
    expect(waitOf({ "retry-after": "soon" })).toBeUndefined();
  });
});

test("the vendor's own verdict on retrying goes over the table", () => {
  const of = (status: number, verdict: string) =>
    parseVendorError({ status, headers: { "x-should-retry": verdict }, body: "{}" }, CONTEXT).retryable;
  expect(of(500, "false")).toBe(false);
  expect(of(400, "true")).toBe(true);
  expect(of(500, "perhaps")).toBe(true);
});

test("an error names the vendor's code, field, request id and status", () => {
  const body = JSON.stringify({
    error: { message: "bad", type: "invalid_request_error", param: "messages[0].content", code: "x_y" },
  });
  expect(
    parseVendorError({ status: 400, headers: { "x-request-id": "req_9" }, body, request: "POST /v1/x" }, CONTEXT),
  ).toMatchObject({
    code: "invalid_request",
    field: "messages[0].content",
    vendorCode: "x_y",
    requestId: "req_9",
    status: 400,
    request: "POST /v1/x",
    provider: "p",
    model: "m",
  });
});
