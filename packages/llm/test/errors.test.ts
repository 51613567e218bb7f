import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DragomanError, ERROR_TABLE, type ErrorCode, redactSecrets, toDragomanError } from "../src/index.ts";

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

const KEYS = [
  "sk-ant-api03-AbCdEfGhIjKlMnOp-_12",
  "sk-proj-abcdefgh12345678",
  "gsk_abcdefgh12345678",
  "xai-abcdefgh12345678",
  "hf_abcdefghIJKLMNOP",
  "AIzaSyA-abcdefghijklmnopqrstu",
  "AKIAIOSFODNN7EXAMPLE",
  "ya29.abcdefghijk",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  "dgm_abcdefgh12345678",
] as const;

describe("the table of errors", () => {
  test("is what it was decided to be: scope, action, retry and status of each code", () => {
    const rows = Object.entries(ERROR_TABLE).map(
      ([code, { httpStatus, retryable, scope, action }]) =>
        `${code} ${httpStatus} ${retryable ? "retry" : "final"} ${scope} ${action}`,
    );
    expect(rows).toMatchInlineSnapshot(`
      [
        "invalid_request 400 final request fix-request",
        "unsupported 400 final model switch-model",
        "schema_unsupported 400 final request fix-request",
        "request_too_large 413 final request fix-request",
        "context_overflow 400 final model compact-context",
        "content_refused 400 final request change-content",
        "authentication 401 final key check-key",
        "permission_denied 403 final key check-key",
        "quota_exceeded 402 final key add-credit",
        "rate_limited 429 retry key wait",
        "overloaded 529 retry provider retry",
        "model_not_found 404 final model switch-model",
        "unknown_model 404 final model switch-model",
        "ambiguous_model 400 final request fix-request",
        "model_loading 503 retry model wait",
        "provider_unavailable 503 final provider fix-configuration",
        "connection_failed 502 retry provider retry",
        "timeout 504 retry provider retry",
        "aborted 499 final request none",
        "stream_truncated 502 retry provider retry",
        "invalid_response 502 retry provider retry",
        "vendor_error 502 retry provider retry",
        "invalid_output 502 retry model retry",
        "configuration 500 final provider fix-configuration",
        "not_found 404 final request fix-request",
        "method_not_allowed 405 final request fix-request",
        "internal 500 final request none",
      ]
    `);
  });

  test.each(CODES)(
    "%s has a meaning and a next step, and may be retried only where waiting or trying again is the step",
    (code) => {
      const { meaning, advice, action, retryable, httpStatus } = ERROR_TABLE[code];
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(advice).not.toBe("");
      expect(retryable).toBe(action === "wait" || action === "retry");
      expect(httpStatus).toBeGreaterThanOrEqual(400);
      expect(httpStatus).toBeLessThan(600);
    },
  );
});

describe("a message", () => {
  test("names vendor, code, status, request, model, field, what happened and what to do", () => {
    const error = new DragomanError({
      code: "rate_limited",
      detail: "slow down.",
      provider: "openai",
      model: "gpt-x",
      status: 429,
      request: "POST /v1/responses",
      field: "input",
      retryAfterMs: 11_200,
    });
    expect(error.message).toBe(
      "openai rate_limited (429) on POST /v1/responses, model gpt-x, field input: slow down. Next: retry after 12 s; wait and retry, or add a fallback",
    );
  });

  test("falls back to the table where nothing particular is known", () => {
    expect(new DragomanError({ code: "overloaded", detail: " " }).message).toBe(
      "dragoman overloaded: The vendor is out of capacity. Next: retry with backoff, or add a fallback",
    );
  });

  test("of every code carries the next step", () => {
    for (const code of CODES) {
      const error = new DragomanError({ code, detail: "it happened" });
      expect(error.message).toContain(`${code}: it happened. Next: ${error.advice}`);
      expect(error.advice).toBe(ERROR_TABLE[code].advice);
    }
  });
});

describe("facts that an outer layer adds", () => {
  const inner = new DragomanError({
    code: "vendor_error",
    detail: "broken",
    provider: "inner",
    status: 500,
    field: "f",
    requestId: "req_1",
    vendorCode: "api_error",
    retryable: false,
    cause: new Error("why"),
  });

  test("fill gaps and change nothing that was said", () => {
    const outer = inner.with({ provider: "outer", model: "m", request: "POST /x", status: 502 });
    expect(outer).toMatchObject({
      code: "vendor_error",
      detail: "broken",
      provider: "inner",
      model: "m",
      request: "POST /x",
      status: 500,
      field: "f",
      requestId: "req_1",
      vendorCode: "api_error",
      retryable: false,
    });
    expect(outer.cause).toBe(inner.cause);
  });

  test("keep an advice of its own, and reckon a wait into the table's", () => {
    const own = new DragomanError({ code: "rate_limited", detail: "x", advice: "call us" });
    expect(own.with({ retryAfterMs: 5_000 })).toMatchObject({ advice: "call us", retryAfterMs: 5_000 });
    const plain = new DragomanError({ code: "rate_limited", detail: "x" });
    expect(plain.with({ retryAfterMs: 5_000 }).advice).toBe("retry after 5 s; wait and retry, or add a fallback");
    expect(plain.with({ retryAfterMs: 5_000 }).with({ model: "m" }).advice).toBe(
      "retry after 5 s; wait and retry, or add a fallback",
    );
  });
});

describe("secrets", () => {
  test.each(KEYS)("a key like %s leaves no error", (key) => {
    const error = new DragomanError({ code: "authentication", detail: `Incorrect API key provided: ${key}. Try again` });
    for (const shown of [error.message, error.detail, JSON.stringify(error), String(error), inspect(error)]) {
      expect(shown).not.toContain(key);
      expect(shown).not.toContain(key.slice(-8));
    }
    expect(error.detail).toContain("Try again");
  });

  test.each([
    ["Authorization: Bearer abc.def-123456", "Authorization: Bearer ***"],
    ["https://x.example/v1?alt=sse&key=abcdefg123", "https://x.example/v1?alt=sse&key=***"],
    ["https://user:pass1234@host/path", "https://***@host/path"],
    ["x-api-key: abcdef123456", "x-api-key: ***"],
    ['{"api_key": "abcdef123456"}', '{"api_key": "***"}'],
  ])("%s becomes %s", (given, redacted) => {
    expect(redactSecrets(given)).toBe(redacted);
  });

  test("ordinary words stay as they are", () => {
    const words =
      "The model gpt-5-mini does not exist. See https://example.com/docs?page=2; field messages[0].content, 128000 tokens";
    expect(redactSecrets(words)).toBe(words);
  });

  test("redacting twice is redacting once, wherever a key stands", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.constantFrom(...KEYS), fc.string({ maxLength: 20 }), (before, key, after) => {
        const once = redactSecrets(`${before} ${key} ${after}`);
        expect(once).not.toContain(key);
        expect(redactSecrets(once)).toBe(once);
      }),
    );
  });
});

describe("as data", () => {
  test("an error has no stack, no cause and no empty field", () => {
    const error = new DragomanError({ code: "timeout", detail: "late", provider: "p", cause: new Error("secret cause") });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: "timeout",
      message: error.message,
      retryable: true,
      scope: "provider",
      action: "retry",
      provider: "p",
    });
  });
});

describe("whatever was thrown", () => {
  test("becomes an error of the table", () => {
    const error = new DragomanError({ code: "overloaded", detail: "x" });
    expect(toDragomanError(error)).toBe(error);
    expect(toDragomanError(AbortSignal.abort().reason)).toMatchObject({ code: "aborted" });
    expect(toDragomanError(new DOMException("late", "TimeoutError"))).toMatchObject({ code: "timeout" });
    expect(toDragomanError(new TypeError("oops"))).toMatchObject({ code: "internal", detail: "TypeError: oops" });
    expect(toDragomanError("a string")).toMatchObject({ code: "internal", detail: "a string" });
    expect(toDragomanError(undefined)).toMatchObject({ code: "internal" });
  });

  test("an error of another copy of the library is known as one", () => {
    const copy = Object.assign(new Error("x"), { code: "timeout", [Symbol.for("dragoman.error")]: true });
    expect(DragomanError.is(copy)).toBe(true);
    expect(DragomanError.is(new Error("x"))).toBe(false);
    expect(DragomanError.is(null)).toBe(false);
  });
});
