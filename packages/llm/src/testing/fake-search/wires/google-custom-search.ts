/** Google's Custom Search, from its reference: https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list */
import type { FakeSearchReply, FakeSearchWire } from "../fake-search.ts";

export const googleCustomSearchWire: FakeSearchWire = {
  answer({ method, path, query, headers }, find, key) {
    if (method !== "GET" || path !== "/customsearch/v1") return refuse(404, "Requested entity was not found.");
    if ((headers["x-goog-api-key"] ?? query.get("key")) !== key) {
      const details = [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID", domain: "googleapis.com" },
      ];
      return failure(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", details);
    }
    if ((query.get("cx") ?? "") === "") return refuse(400, "Request contains an invalid argument.");
    const count = Number(query.get("num") ?? 10);
    if (!(count >= 1 && count <= 10)) return refuse(400, "Request contains an invalid argument.");
    const language = query.get("lr");
    if (language !== null && !/^lang_[a-z]{2}/.test(language)) return refuse(400, "Request contains an invalid argument.");
    const found = find(query.get("q") ?? "").slice(0, count);
    const items = found.map(({ title, url, snippet, publishedAt }) => ({
      kind: "customsearch#result",
      title,
      htmlTitle: title,
      link: url,
      snippet,
      ...(publishedAt === undefined ? {} : { pagemap: { metatags: [{ "article:published_time": `${publishedAt}T06:00:00Z` }] } }),
    }));
    const information = { searchTime: 0.1, totalResults: String(found.length) };
    return {
      status: 200,
      body: { kind: "customsearch#search", searchInformation: information, ...(items.length === 0 ? {} : { items }) },
    };
  },
  refuse,
};

const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
};

function refuse(status: number, message: string): FakeSearchReply {
  return failure(status, message, STATUSES[status] ?? "UNKNOWN", []);
}

function failure(code: number, message: string, status: string, details: readonly object[]): FakeSearchReply {
  return {
    status: code,
    body: { error: { code, message, status, errors: [{ message, domain: "global", reason: "badRequest" }], details } },
  };
}
