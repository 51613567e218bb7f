/** What services send, as results of the contract: addresses checked, words made plain, each address once. */
import { isJsonObject, type JsonObject } from "../json.ts";
import { plainText } from "./plain-text.ts";
import type { SearchResult } from "./search-backend.ts";

/** A result in a service's own words. Anything may be anything. */
export interface RawResult {
  readonly title: unknown;
  readonly url: unknown;
  readonly snippet: unknown;
  readonly publishedAt?: unknown;
  readonly content?: unknown;
}

const TITLE_LENGTH_MAX = 300;
const SNIPPET_LENGTH_MAX = 2_000;
const CONTENT_LENGTH_MAX = 20_000;
const URL_LENGTH_MAX = 2_000;

/** At most `limit` results, in order. One without a usable address is no result. */
export function collectResults(rows: Iterable<RawResult>, limit: number): readonly SearchResult[] {
  const results = new Map<string, SearchResult>();
  for (const row of rows) {
    if (results.size >= limit) break;
    const url = webAddress(row.url);
    if (url === undefined || results.has(url)) continue;
    const publishedAt = dayOf(row.publishedAt);
    const content = textOf(row.content, CONTENT_LENGTH_MAX);
    results.set(url, {
      title: textOf(row.title, TITLE_LENGTH_MAX) || url,
      url,
      snippet: textOf(row.snippet, SNIPPET_LENGTH_MAX),
      ...(publishedAt === undefined ? {} : { publishedAt }),
      ...(content === "" ? {} : { content }),
    });
  }
  return [...results.values()];
}

/** The objects of a list; undefined where there is no list. */
export function objectsOf(value: unknown): readonly JsonObject[] | undefined {
  return Array.isArray(value) ? value.filter(isJsonObject) : undefined;
}

function textOf(value: unknown, lengthMax: number): string {
  return typeof value === "string" ? plainText(value, lengthMax) : "";
}

/** An address on the web in its normal spelling, which has no spaces, quotes or brackets; or undefined. */
export function webAddress(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > URL_LENGTH_MAX) return undefined;
  const url = URL.parse(value);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  if (url.username !== "" || url.password !== "" || url.hostname === "") return undefined;
  const spelled = url.href.replace(/[|`{}^[\]\\]/g, (character) => encodeURIComponent(character));
  return spelled.length > URL_LENGTH_MAX ? undefined : spelled;
}

/** The day of whatever date a service gives. What is only relative ("3 days ago") is unknown. */
function dayOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const leading = /^\s*(\d{4}-\d{2}-\d{2})(?!\d)/.exec(value)?.[1];
  if (leading !== undefined) return Number.isNaN(Date.parse(leading)) ? undefined : leading;
  // Dates as mail writes them (RFC 5322) name their zone; others would be read in the zone of this machine.
  if (!/\d{4} \d{2}:\d{2}:\d{2} (GMT|UTC|[+-]\d{4})\s*$/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}
