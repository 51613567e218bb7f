import type { Dialect } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import type { ConformanceCase, DialectSubject } from "./conformance-case.ts";
import { expectCode, expectTrue } from "./expect.ts";

/** Codes that a client of ours can tell apart whatever the dialect. */
const TELLING: readonly ErrorCode[] = [
  "authentication",
  "rate_limited",
  "context_overflow",
  "model_not_found",
  "request_too_large",
  "permission_denied",
  "content_refused",
  "quota_exceeded",
];

/** Bodies that gateways and proxies pass on, whoever stands behind them. */
const FOREIGN_ERRORS: readonly {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly code: ErrorCode;
}[] = [
  {
    name: "Anthropic's",
    status: 401,
    body: '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
    code: "authentication",
  },
  {
    name: "OpenAI's",
    status: 429,
    body: '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}',
    code: "quota_exceeded",
  },
  {
    name: "Google's",
    status: 429,
    body: '{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}',
    code: "rate_limited",
  },
  {
    name: "Mistral's flat one",
    status: 400,
    body: '{"object":"error","message":"Prompt contains 40000 tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","param":null,"code":null}',
    code: "context_overflow",
  },
  { name: "Ollama's string", status: 404, body: '{"error":"model \'nothing\' not found"}', code: "model_not_found" },
  {
    name: "xAI's pair",
    status: 400,
    body: '{"code":"invalid-argument","error":"Incorrect API key provided."}',
    code: "authentication",
  },
  {
    name: "FastAPI's detail",
    status: 422,
    body: '{"detail":[{"loc":["body","messages"],"msg":"field required","type":"missing"}]}',
    code: "invalid_request",
  },
  {
    name: "a proxy's HTML",
    status: 502,
    body: "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>",
    code: "vendor_error",
  },
  { name: "an empty body", status: 503, body: "", code: "overloaded" },
];

const CONTEXT = { provider: "sample", model: "sample-model" };

export function errorShapeCases({ dialect }: DialectSubject): readonly ConformanceCase[] {
  return [
    ...FOREIGN_ERRORS.map(
      ({ name, status, body, code }): ConformanceCase => ({
        name: `understands an error in another shape: ${name}`,
        run: async () => expectCode(dialect.parseError({ status, headers: {}, body }, CONTEXT), code),
      }),
    ),
    ...TELLING.map(
      (code): ConformanceCase => ({
        name: `tells a client of ${code} so that it is understood again`,
        run: async () => expectErrorRoundTrip(dialect, code),
      }),
    ),
    { name: "has an answer for every error, and none shows a key", run: async () => expectEveryError(dialect) },
  ];
}

function expectErrorRoundTrip(dialect: Dialect, code: ErrorCode): void {
  const error = new DragomanError({
    code,
    detail: DETAILS[code] ?? ERROR_TABLE[code].meaning,
    provider: "upstream",
    model: "sample-model",
    ...(code === "rate_limited" ? { retryAfterMs: 7000 } : {}),
  });
  const { status, headers, body } = dialect.renderError(error);
  const parsed = dialect.parseError({ status, headers, body: JSON.stringify(body) }, CONTEXT);
  expectCode(parsed, code);
  if (code === "rate_limited") expectTrue(parsed.retryAfterMs === 7000, `the wait came back as ${parsed.retryAfterMs} ms`);
}

/** The vendors' own words, as they reach us and go on to a client. */
const DETAILS: Partial<Record<ErrorCode, string>> = {
  context_overflow: "prompt is too long: 250000 tokens > 200000 maximum",
  content_refused: "the prompt was refused by the content policy",
  model_not_found: "the model nothing-1 does not exist",
  quota_exceeded: "You exceeded your current quota, please check your plan and billing details.",
};

function expectEveryError(dialect: Dialect): void {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    const { status, body } = dialect.renderError(new DragomanError({ code, detail: "key sk-abcdefghijklmnop1234 was refused" }));
    expectTrue(status >= 400 && status < 600, `${code} is answered with ${status}`);
    const text = JSON.stringify(body);
    expectTrue(text.length > 10 && !text.includes("abcdefghijklmnop"), `${code} is answered with ${text}`);
  }
}
