/** An error body of thousands of brackets was followed to its core, one call a bracket, until the stack ended. */
import { expect, test } from "vitest";
import { parseVendorError } from "../../src/dialects/vendor-error.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };

test("a body of nothing but brackets is an error without a message", () => {
  const body = "[".repeat(50_000) + "]".repeat(50_000);
  expect(parseVendorError({ status: 500, headers: {}, body }, CONTEXT)).toMatchObject({ code: "vendor_error", status: 500 });
});

test("an error object within one array is still read", () => {
  const body = '[{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}]';
  expect(parseVendorError({ status: 429, headers: {}, body }, CONTEXT)).toMatchObject({ code: "rate_limited" });
});
