import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { collectResults, objectsOf } from "../collect-results.ts";
import type { SearchBackend, SearchFreshness } from "../search-backend.ts";
import { createSearchConnection, type Refusal, type RefusalReading, type SearchRequest } from "../search-connection.ts";
import { limitOf } from "../search-limit.ts";
import { shortQuery } from "../short-query.ts";
import { GOOGLE_CUSTOM_SEARCH_URL, type GoogleCustomSearchOptions } from "./google-custom-search.ts";

/** Most results at a time. */
const RESULTS_MAX = 10;
const QUERY_LENGTH_MAX = 1_024;

const ENDS_AT_MS = Date.UTC(2027, 0, 1);
const ADVICE = "use another backend: searxng, brave or tavily";

const FRESHNESS: Readonly<Record<SearchFreshness, string>> = { day: "d1", week: "w1", month: "m1", year: "y1" };

export function createGoogleCustomSearch(options: GoogleCustomSearchOptions): Required<SearchBackend> {
  const { id = "google-custom-search", key = "env:GOOGLE_SEARCH_API_KEY", now = Date.now, costPerSearchUsd } = options;
  const connection = createSearchConnection({
    id,
    baseUrl: options.baseUrl ?? GOOGLE_CUSTOM_SEARCH_URL,
    options,
    // Google also takes the key in the address, where it would be logged.
    key: { name: "x-goog-api-key", key },
    readRefusal,
  });
  const hasEnded = () => now() >= ENDS_AT_MS;

  return {
    id,
    async availability() {
      if (!hasEnded()) return connection.keyAvailability();
      return { available: false, reason: "not-configured", detail: ENDED, nextStep: ADVICE };
    },
    async search(query, limits = {}) {
      if (hasEnded()) throw new DragomanError({ code: "provider_unavailable", provider: id, detail: ENDED, advice: ADVICE });
      const limit = limitOf(limits, RESULTS_MAX);
      const parameters = new URLSearchParams({
        cx: options.engine,
        q: shortQuery(query.text, QUERY_LENGTH_MAX),
        num: String(limit),
      });
      if (query.language !== undefined) parameters.set("lr", `lang_${languageOf(query.language)}`);
      if (query.freshness !== undefined) parameters.set("dateRestrict", FRESHNESS[query.freshness]);
      const request: SearchRequest = { method: "GET", path: "/customsearch/v1", query: parameters };
      const body = await connection.fetchJson(request, limits);
      const rows = rowsOf(body);
      if (rows === undefined) throw connection.unexpected(request, "the answer is not a search of Google's");
      const cost = costPerSearchUsd === undefined ? {} : { costUsd: costPerSearchUsd };
      return { backend: id, results: collectResults(rows.map(rawResult), limit), warnings: [ENDING], ...cost };
    },
  };
}

const ENDED = "Google ended the Custom Search JSON API on 2027-01-01";

const ENDING: Warning = {
  type: "other",
  detail: `Google ends the Custom Search JSON API on 2027-01-01; ${ADVICE}`,
};

/** As Google spells it in `lr`: the language alone, but for Chinese, which has two scripts, and Hebrew's old code. */
function languageOf(language: string): string {
  const [spoken = "", region = ""] = language.toLowerCase().split("-");
  if (spoken === "zh") return ["tw", "hk", "hant"].includes(region) ? "zh-TW" : "zh-CN";
  return spoken === "he" ? "iw" : spoken;
}

/** A search that finds nothing has no `items`. */
function rowsOf(body: unknown): readonly JsonObject[] | undefined {
  if (!isJsonObject(body)) return undefined;
  if (body.items !== undefined) return objectsOf(body.items);
  return body.kind === "customsearch#search" || isJsonObject(body.searchInformation) ? [] : undefined;
}

function rawResult({ title, link, snippet, pagemap }: JsonObject) {
  const tags = isJsonObject(pagemap) ? objectsOf(pagemap.metatags)?.[0] : undefined;
  return { title, url: link, snippet, publishedAt: tags?.["article:published_time"] ?? tags?.["og:updated_time"] };
}

/** A refused key is a 400 here, and a used-up day a 429. */
function readRefusal({ status, body }: Refusal): RefusalReading {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const detail = typeof error.message === "string" ? error.message : undefined;
  const reasons = [...(objectsOf(error.errors) ?? []), ...(objectsOf(error.details) ?? [])].map(({ reason }) => String(reason));
  const vendorCode = typeof error.status === "string" ? error.status : reasons[0];
  const said = { detail, vendorCode };
  if (reasons.includes("API_KEY_INVALID") || reasons.includes("keyInvalid")) return { ...said, code: "authentication" };
  const spent = reasons.includes("dailyLimitExceeded") || (status === 429 && /per day/i.test(detail ?? ""));
  return spent ? { ...said, code: "quota_exceeded" } : said;
}
