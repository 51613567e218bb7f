/** A `retry-after` that is neither seconds nor a date was read as a day of long ago: the next attempt went out at once. */
import { expect, test } from "vitest";
import { parseRetryAfter } from "../../src/dialects/retry-after.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

test.each(["-5", "3, 4", "1/2", "soon"])("retry-after: %s says nothing", (value) => {
  expect(parseRetryAfter({ "retry-after": value }, undefined, NOW)).toBeUndefined();
});

test.each([
  ["7", 7000],
  ["Thu, 01 Jan 2026 00:00:09 GMT", 9000],
  ["2026-01-01T00:00:09Z", 9000],
])("retry-after: %s is a wait", (value, milliseconds) => {
  expect(parseRetryAfter({ "retry-after": value }, undefined, NOW)).toBe(milliseconds);
});
