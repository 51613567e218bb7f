/** Brave's web search, from its reference: https://api-dashboard.search.brave.com/api-reference/web/search/get */
import type { FakeSearchReply, FakeSearchWire } from "../fake-search.ts";

const CODES: Readonly<Record<number, string>> = { 422: "VALIDATION", 429: "RATE_LIMITED", 404: "NOT_FOUND" };

const LANGUAGES = (
  "ar bg bn ca cs da de en en-gb es et eu fi fr gl gu he hi hr hu is it jp kn ko lt lv ml mr ms nb nl pa pl pt-br pt-pt ro " +
  "ru sk sl sr sv ta te th tr uk vi zh-hans zh-hant"
).split(" ");
const COUNTRIES =
  "ALL AR AT AU BE BR CA CH CL CN DE DK ES FI FR GB HK ID IN IT JP KR MX MY NL NO NZ PH PL PT RU SA SE TR TW US ZA".split(" ");

export const braveWire: FakeSearchWire = {
  basePath: "/res/v1",
  answer({ method, path, query, headers }, find, key) {
    if (method !== "GET" || path !== "/web/search") return refuse(404, "Not found.");
    // A refused key is a 422, as any other flaw of a request.
    if (headers["x-subscription-token"] !== key) {
      return failure(422, "SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid.");
    }
    const words = query.get("q") ?? "";
    if (words === "" || words.length > 400 || words.split(/\s+/).length > 50)
      return refuse(422, "q: 1 to 400 characters, 50 words");
    const count = Number(query.get("count") ?? 20);
    if (!(count >= 1 && count <= 20)) return refuse(422, "count: 1 to 20");
    const freshness = query.get("freshness");
    if (freshness !== null && !/^p[dwmy]$|^\d{4}-\d\d-\d\dto\d{4}-\d\d-\d\d$/.test(freshness)) return refuse(422, "freshness");
    const language = query.get("search_lang");
    if (language !== null && !LANGUAGES.includes(language)) return refuse(422, "search_lang");
    if (!COUNTRIES.includes(query.get("country") ?? "ALL")) return refuse(422, "country");
    const found = find(words).slice(0, count);
    const results = found.map(({ title, url, snippet, publishedAt }) => ({
      title,
      url,
      description: snippet,
      language: "en",
      family_friendly: true,
      ...(publishedAt === undefined ? {} : { age: "recently", page_age: `${publishedAt}T08:00:00` }),
    }));
    // The group is left out when it is empty.
    const web = results.length === 0 ? {} : { web: { type: "search", results } };
    return { status: 200, body: { type: "search", query: { original: words }, ...web } };
  },
  refuse,
};

function refuse(status: number, detail: string): FakeSearchReply {
  const headers = status === 429 ? { "x-ratelimit-remaining": "0, 1200", "x-ratelimit-reset": "7, 1419704" } : {};
  return { ...failure(status, CODES[status] ?? "INTERNAL", detail), headers };
}

function failure(status: number, code: string, detail: string): FakeSearchReply {
  return { status, body: { type: "ErrorResponse", error: { id: "fake", status, code, detail, meta: {} }, time: 0 } };
}
