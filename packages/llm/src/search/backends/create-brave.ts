import { isJsonObject, type JsonObject } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { collectResults, objectsOf } from "../collect-results.ts";
import type { SearchBackend, SearchFreshness, SearchQuery } from "../search-backend.ts";
import { createSearchConnection, type Refusal, type RefusalReading, type SearchRequest } from "../search-connection.ts";
import { limitOf } from "../search-limit.ts";
import { shortQuery } from "../short-query.ts";
import { BRAVE_URL, type BraveOptions } from "./brave.ts";

/** Most results at a time. */
const RESULTS_MAX = 20;
const QUERY_LENGTH_MAX = 400;
const QUERY_WORDS_MAX = 50;

const FRESHNESS: Readonly<Record<SearchFreshness, string>> = { day: "pd", week: "pw", month: "pm", year: "py" };

export function createBrave(options: BraveOptions): Required<SearchBackend> {
  const { id = "brave", key = "env:BRAVE_API_KEY", costPerSearchUsd } = options;
  const connection = createSearchConnection({
    id,
    baseUrl: options.baseUrl ?? BRAVE_URL,
    options,
    key: { name: "x-subscription-token", key },
    readRefusal,
  });

  return {
    id,
    availability: connection.keyAvailability,
    async search(query, limits = {}) {
      const limit = limitOf(limits, RESULTS_MAX);
      const request: SearchRequest = { method: "GET", path: "/web/search", query: parametersOf(query, limit, options.country) };
      const body = await connection.fetchJson(request, limits);
      const rows = rowsOf(body);
      if (rows === undefined) throw connection.unexpected(request, "the answer has no list of results");
      const cost = costPerSearchUsd === undefined ? {} : { costUsd: costPerSearchUsd };
      return { backend: id, results: collectResults(rows.map(rawResult), limit), warnings: languageWarnings(query), ...cost };
    },
  };
}

/**
 * What Brave takes as `search_lang` and `country`; anything else is a 422, so it is left out and told of. Source:
 * https://api-dashboard.search.brave.com/app/documentation/web-search/codes
 */
const LANGUAGES: ReadonlySet<string> = new Set(
  (
    "ar eu bn bg ca zh-hans zh-hant hr cs da nl en en-gb et fi fr gl de gu he hi hu is it jp kn ko lv lt ms ml mr nb pl " +
    "pt-br pt-pt pa ro ru sr sk sl es sv ta te th tr uk vi"
  ).split(" "),
);
const COUNTRIES: ReadonlySet<string> = new Set(
  "AR AU AT BE BR CA CL DK FI FR DE HK IN ID IT JP KR MY MX NL NZ NO CN PL PT PH RU SA ZA ES SE CH TW TR GB US".split(" "),
);
/** Languages that Brave spells otherwise than everyone. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ["ja", "jp"],
  ["no", "nb"],
  ["pt", "pt-pt"],
  ["zh", "zh-hans"],
  ["zh-tw", "zh-hant"],
  ["zh-hk", "zh-hant"],
]);

function parametersOf(query: SearchQuery, count: number, country: string | undefined): URLSearchParams {
  const parameters = new URLSearchParams({ q: shortQuery(query.text, QUERY_LENGTH_MAX, QUERY_WORDS_MAX), count: String(count) });
  parameters.set("text_decorations", "false");
  parameters.set("result_filter", "web");
  const [language = "", region = ""] = (query.language ?? "").split("-");
  const spoken = languageOf(language.toLowerCase(), region.toLowerCase());
  if (spoken !== undefined) parameters.set("search_lang", spoken);
  const place = country?.toUpperCase() ?? regionOf(region.toUpperCase());
  if (place !== undefined) parameters.set("country", place);
  if (query.freshness !== undefined) parameters.set("freshness", FRESHNESS[query.freshness]);
  return parameters;
}

/** Language and region, else the language alone; undefined where Brave has neither. */
function languageOf(language: string, region: string): string | undefined {
  return [`${language}-${region}`, language].map((one) => SPELLINGS.get(one) ?? one).find((one) => LANGUAGES.has(one));
}

function regionOf(region: string): string | undefined {
  return COUNTRIES.has(region) ? region : undefined;
}

/** Where Brave has no such language, it decides by the query. */
function languageWarnings({ language }: SearchQuery): readonly Warning[] {
  if (language === undefined) return [];
  const [spoken = "", region = ""] = language.toLowerCase().split("-");
  if (languageOf(spoken, region) !== undefined) return [];
  return [
    {
      type: "unsupported",
      path: "language",
      detail: `Brave has no setting for ${JSON.stringify(language)}; it follows the query`,
    },
  ];
}

/** An answer without web results leaves the group out. */
function rowsOf(body: unknown): readonly JsonObject[] | undefined {
  if (!isJsonObject(body)) return undefined;
  if (body.web === undefined && body.type === "search") return [];
  return isJsonObject(body.web) ? objectsOf(body.web.results) : undefined;
}

function rawResult({ title, url, description, page_age, extra_snippets }: JsonObject) {
  const extra = Array.isArray(extra_snippets) ? extra_snippets.filter((one) => typeof one === "string").join(" ") : undefined;
  return { title, url, snippet: description, publishedAt: page_age, content: extra };
}

/** A refused key is a 422 here, and a used-up plan a 429: the body's code tells them apart. */
function readRefusal({ status, headers, body }: Refusal): RefusalReading {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const vendorCode = typeof error.code === "string" ? error.code : undefined;
  const detail = typeof error.detail === "string" ? error.detail : undefined;
  const said = { vendorCode, detail };
  if (vendorCode?.startsWith("SUBSCRIPTION_TOKEN") === true) return { ...said, code: "authentication" };
  if (vendorCode === "QUOTA_LIMITED") return { ...said, code: "quota_exceeded" };
  return status === 429 ? { ...said, retryAfterMs: resetOf(headers) } : said;
}

/**
 * `x-ratelimit-remaining: 0, 1200` and `x-ratelimit-reset: 1, 1419704`, a value for each window, in seconds: the wait is the
 * longest of the windows that are used up.
 */
function resetOf(headers: Readonly<Record<string, string>>): number | undefined {
  const remaining = numbersOf(headers["x-ratelimit-remaining"]);
  const waits = numbersOf(headers["x-ratelimit-reset"]).filter((_wait, window) => remaining[window] === 0);
  return waits.length === 0 ? undefined : Math.max(...waits) * 1000;
}

function numbersOf(header: string | undefined): readonly number[] {
  return (header ?? "").split(",").map((value) => Number.parseFloat(value));
}
