import type { Cost, Origin, Warning } from "@dragoman/llm";

/** Most of a header that proxies take without complaint is 8 KiB; half of it leaves room for the others. */
const WARNINGS_LENGTH_MAX = 4_096;

/**
 * What the client's dialect has no field for: who really answered, what it cost, and what was not done as asked.
 * `x-dragoman-warnings` is a JSON array in ASCII; where it would grow too long, the last entry counts what was left out.
 */
export function callHeaders(origin: Origin | undefined, warnings: readonly Warning[], cost?: Cost): Record<string, string> {
  const headers: Record<string, string> = {};
  if (origin !== undefined) headers["x-dragoman-model"] = headerText(`${origin.provider}:${origin.model}`);
  if (cost !== undefined) {
    headers["x-dragoman-cost-usd"] = usdText(cost.totalUsd);
    headers["x-dragoman-prices"] = headerText(cost.catalogue);
  }
  if (warnings.length > 0) headers["x-dragoman-warnings"] = warningList(warnings);
  return headers;
}

function warningList(warnings: readonly Warning[]): string {
  const kept: unknown[] = [];
  let length = 2;
  for (const [index, { type, path, detail }] of warnings.entries()) {
    const row = { type, ...(path === undefined ? {} : { path }), detail };
    length += headerText(JSON.stringify(row)).length + 1;
    if (length > WARNINGS_LENGTH_MAX) {
      kept.push({ type: "other", detail: `${warnings.length - index} more warnings` });
      break;
    }
    kept.push(row);
  }
  return headerText(JSON.stringify(kept));
}

/** Without the noise that sums of binary fractions have at their end. */
function usdText(usd: number): string {
  return String(Number(usd.toPrecision(USD_DIGITS)));
}

const USD_DIGITS = 12;

const BEYOND_ASCII = /[^\x20-\x7e]/;

/** A header holds visible ASCII only; everything else is escaped as JSON would. */
function headerText(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  return text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
