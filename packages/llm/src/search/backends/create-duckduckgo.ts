import { DragomanError } from "../../errors.ts";
import { collectResults } from "../collect-results.ts";
import type { SearchBackend, SearchFreshness, SearchQuery } from "../search-backend.ts";
import { createSearchConnection, type SearchRequest } from "../search-connection.ts";
import { limitOf } from "../search-limit.ts";
import { shortQuery } from "../short-query.ts";
import { DUCKDUCKGO_URL, type DuckDuckGoOptions } from "./duckduckgo.ts";
import { readDuckDuckGoPage } from "./duckduckgo-page.ts";

/** What the first page holds. */
const RESULTS_MAX = 10;
const QUERY_LENGTH_MAX = 400;
/** A page is about 45 KB. Reading one is work for the process, so a huge one is not read. */
const PAGE_BYTES_MAX = 512 * 1024;
const ADVICE = "wait, or use a backend with a key or of your own: searxng, brave, tavily";

const FRESHNESS: Readonly<Record<SearchFreshness, string>> = { day: "d", week: "w", month: "m", year: "y" };

export function createDuckDuckGo(options: DuckDuckGoOptions): Required<SearchBackend> {
  const { id = "duckduckgo", intervalMs = 3_000, pauseMs = 600_000, now = Date.now } = options;
  const connection = createSearchConnection({ id, baseUrl: options.baseUrl ?? DUCKDUCKGO_URL, options });
  let nextAt = 0;

  function takeTurn(): void {
    const waitMs = nextAt - now();
    if (waitMs > 0) throw refusedFor(waitMs, "this backend searches seldom, so as not to be taken for a robot");
    nextAt = now() + intervalMs;
  }

  function refusedFor(retryAfterMs: number, detail: string): DragomanError {
    return new DragomanError({ code: "rate_limited", provider: id, detail, retryAfterMs, advice: ADVICE });
  }

  return {
    id,
    availability: async () => ({ available: true, detail: "without a key, best effort" }),
    async search(query, limits = {}) {
      takeTurn();
      const request: SearchRequest = {
        method: "POST",
        path: "/html/",
        headers: headersOf(query, options.userAgent),
        body: formOf(query).toString(),
      };
      const { status, text } = await connection.fetchText(request, { bytesMax: PAGE_BYTES_MAX, ...limits });
      const page = readDuckDuckGoPage(text);
      if (page.type === "challenge" || (page.type === "unknown" && status === 202)) {
        nextAt = now() + pauseMs;
        throw refusedFor(pauseMs, "DuckDuckGo asks for proof that this is no robot");
      }
      if (page.type === "unknown")
        throw connection.unexpected(request, "the page is not as expected; DuckDuckGo may have changed it");
      return { backend: id, results: collectResults(page.rows, limitOf(limits, RESULTS_MAX)), warnings: [] };
    },
  };
}

function headersOf({ language }: SearchQuery, userAgent = "Dragoman (search for a language model)"): Record<string, string> {
  return {
    accept: "text/html",
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": userAgent,
    ...(language === undefined || !/^[A-Za-z-]{2,35}$/.test(language) ? {} : { "accept-language": language }),
  };
}

function formOf({ text, language, freshness }: SearchQuery): URLSearchParams {
  const form = new URLSearchParams({ q: shortQuery(text, QUERY_LENGTH_MAX) });
  const [, spoken, region] = /^([a-z]{2})-([a-z]{2})$/i.exec(language ?? "") ?? [];
  // DuckDuckGo says "uk" where everyone says "gb".
  if (spoken !== undefined && region !== undefined)
    form.set("kl", `${region.toLowerCase().replace("gb", "uk")}-${spoken.toLowerCase()}`);
  if (freshness !== undefined) form.set("df", FRESHNESS[freshness]);
  return form;
}
