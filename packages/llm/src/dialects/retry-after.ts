/**
 * How long a vendor asks to wait, from wherever it says so. Sources: RFC 9110 10.2.3 (`retry-after` in seconds or as a
 * date), `retry-after-ms` of OpenAI and Azure, `x-ratelimit-reset` in epoch milliseconds of OpenRouter, `RetryInfo` of
 * google.rpc.
 */
import { isJsonObject } from "../json.ts";

/** Milliseconds from `nowMs`, or undefined where nothing is said. */
export function parseRetryAfter(
  headers: Readonly<Record<string, string>>,
  body: unknown,
  nowMs: number = Date.now(),
): number | undefined {
  return (
    milliseconds(headers["retry-after-ms"]) ??
    secondsOrDate(headers["retry-after"], nowMs) ??
    googleRetryDelay(body) ??
    epochReset(openRouterReset(body), nowMs)
  );
}

function milliseconds(value: string | undefined): number | undefined {
  const number = value === undefined ? Number.NaN : Number.parseFloat(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

function secondsOrDate(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number.parseFloat(value) * 1000;
  // Only what begins with a day is a date: to `Date.parse` "-5" and "3, 4" are days of long ago, and so no wait at all.
  const date = /^\s*([A-Za-z]{3}|\d{4}-)/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function googleRetryDelay(body: unknown): number | undefined {
  const error = isJsonObject(body) ? body.error : undefined;
  const details = isJsonObject(error) ? error.details : undefined;
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const delay = isJsonObject(detail) ? detail.retryDelay : undefined;
    const match = typeof delay === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(delay) : null;
    if (match?.[1] !== undefined) return Number.parseFloat(match[1]) * 1000;
  }
  return undefined;
}

function openRouterReset(body: unknown): number | undefined {
  const error = isJsonObject(body) ? body.error : undefined;
  const metadata = isJsonObject(error) ? error.metadata : undefined;
  const headers = isJsonObject(metadata) ? metadata.headers : undefined;
  const reset = isJsonObject(headers) ? headers["X-RateLimit-Reset"] : undefined;
  return typeof reset === "string" ? Number.parseFloat(reset) : undefined;
}

/** Only a time in epoch milliseconds counts; anything smaller is another unit. */
function epochReset(value: number | undefined, nowMs: number): number | undefined {
  return value === undefined || !(value > 1e12) ? undefined : Math.max(0, value - nowMs);
}
