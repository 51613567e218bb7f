import { DragomanError } from "@dragoman/llm";
import { expect, it } from "vitest";
import { errorForClient, toServerError } from "../src/http/client-error.ts";

it("tells a client that the server is set up wrongly, but not where", () => {
  const error = new DragomanError({
    code: "configuration",
    detail: "the key file /home/someone/key cannot be read",
    provider: "p",
  });
  expect(errorForClient(error).message).toMatch(/^p configuration: .*not set up.*Next: /);
  expect(errorForClient(error).message).not.toContain("someone");
});

it("hides where a key lies, but names the variable that is missing", () => {
  const file = new DragomanError({
    code: "authentication",
    detail: "no key: file:/home/someone/key is not set",
    advice: "check file:/home/someone/key",
  });
  expect(errorForClient(file).message).toContain("no key: file:*** is not set");
  expect(errorForClient(file).message).not.toContain("someone");
  const variable = new DragomanError({ code: "authentication", detail: "no key: env:SOME_API_KEY is not set" });
  expect(errorForClient(variable)).toBe(variable);
});

it("leaves the caller's and the vendor's faults as they are", () => {
  for (const code of ["invalid_request", "rate_limited", "connection_failed", "content_refused"] as const) {
    const error = new DragomanError({ code, detail: "words" });
    expect(errorForClient(error)).toBe(error);
  }
});

it("keeps what makes an error traceable", () => {
  const error = new DragomanError({ code: "internal", detail: "x", provider: "p", model: "m", requestId: "r" });
  expect(errorForClient(error)).toMatchObject({ code: "internal", provider: "p", model: "m", requestId: "r", retryable: false });
});

it("puts the framework's refusals into our words", () => {
  expect(toServerError({ code: "FST_ERR_CTP_BODY_TOO_LARGE" }, 7)).toMatchObject({
    code: "request_too_large",
    detail: "the body is larger than 7 bytes",
  });
  expect(toServerError({ code: "FST_ERR_CTP_INVALID_MEDIA_TYPE" }, 7)).toMatchObject({ code: "invalid_request" });
  expect(toServerError({ code: "ECONNRESET" }, 7)).toMatchObject({ code: "aborted" });
  expect(toServerError(new TypeError("boom"), 7)).toMatchObject({ code: "internal" });
});
