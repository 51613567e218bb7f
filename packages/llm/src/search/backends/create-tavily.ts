import { isJsonObject, type JsonObject } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { collectResults, objectsOf } from "../collect-results.ts";
import type { SearchBackend } from "../search-backend.ts";
import { createSearchConnection, type Refusal, type RefusalReading, type SearchRequest } from "../search-connection.ts";
import { limitOf } from "../search-limit.ts";
import { shortQuery } from "../short-query.ts";
import { TAVILY_URL, type TavilyOptions } from "./tavily.ts";

/** Most results at a time. */
const RESULTS_MAX = 20;
const QUERY_LENGTH_MAX = 400;

export function createTavily(options: TavilyOptions): Required<SearchBackend> {
  const { id = "tavily", key = "env:TAVILY_API_KEY", depth = "basic", topic = "general", pages = false } = options;
  const connection = createSearchConnection({
    id,
    baseUrl: options.baseUrl ?? TAVILY_URL,
    options,
    key: { name: "authorization", prefix: "Bearer ", key },
    readRefusal,
  });

  return {
    id,
    availability: connection.keyAvailability,
    async search(query, limits = {}) {
      const limit = limitOf(limits, RESULTS_MAX);
      const asked = {
        query: shortQuery(query.text, QUERY_LENGTH_MAX),
        max_results: limit,
        search_depth: depth,
        topic,
        include_answer: false,
        include_raw_content: pages ? "text" : false,
        include_usage: true,
        ...(query.freshness === undefined ? {} : { time_range: query.freshness }),
      };
      const headers = { "content-type": "application/json" };
      const request: SearchRequest = { method: "POST", path: "/search", headers, body: JSON.stringify(asked) };
      const body = await connection.fetchJson(request, limits);
      const rows = isJsonObject(body) ? objectsOf(body.results) : undefined;
      if (rows === undefined || !isJsonObject(body)) throw connection.unexpected(request, "the answer has no list of results");
      const credits = isJsonObject(body.usage) && typeof body.usage.credits === "number" ? body.usage.credits : undefined;
      const known = credits !== undefined && options.costPerCreditUsd !== undefined;
      return {
        backend: id,
        results: collectResults(rows.map(rawResult), limit),
        warnings: query.language === undefined ? [] : [NO_LANGUAGE],
        ...(known ? { costUsd: credits * options.costPerCreditUsd } : {}),
      };
    },
  };
}

const NO_LANGUAGE: Warning = {
  type: "unsupported",
  path: "language",
  detail: "Tavily has no setting for the language of results; it follows the query",
};

function rawResult({ title, url, content, raw_content, published_date }: JsonObject) {
  return { title, url, snippet: content, publishedAt: published_date, content: raw_content };
}

/** 432 and 433 are Tavily's own: the plan's limit, and that of paying as one goes. */
function readRefusal({ status, body }: Refusal): RefusalReading {
  const detail =
    isJsonObject(body) && isJsonObject(body.detail) ? body.detail.error : isJsonObject(body) ? body.detail : undefined;
  const said = { detail: typeof detail === "string" ? detail : undefined };
  return status === 432 || status === 433 ? { ...said, code: "quota_exceeded" } : said;
}
