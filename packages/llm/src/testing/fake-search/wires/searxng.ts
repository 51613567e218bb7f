/** SearXNG's JSON, from its reference: https://docs.searxng.org/dev/search_api.html */
import type { FakeSearchReply, FakeSearchWire } from "../fake-search.ts";

export const searxngWire: FakeSearchWire = {
  answer({ method, path, query, headers }, find, key) {
    if (path === "/healthz" && method === "GET") return { status: 200, body: "OK" };
    if (path !== "/search" || method !== "GET") return refuse(404, "Page not found");
    // SearXNG has no keys; this one stands behind a proxy that has.
    if (headers.authorization !== undefined && headers.authorization !== `Bearer ${key}`) return refuse(401, "Unauthorized");
    if (query.get("format") !== "json") return refuse(403, "Forbidden");
    const words = query.get("q") ?? "";
    if (words === "") return refuse(400, "No query");
    const range = query.get("time_range");
    if (range !== null && !["day", "week", "month", "year"].includes(range)) return refuse(400, "Invalid time_range");
    const found = find(words);
    const body = {
      query: words,
      number_of_results: found.length,
      results: found.map(({ title, url, snippet, publishedAt }) => ({
        title,
        url,
        content: snippet,
        engine: "fake",
        score: 1,
        category: "general",
        publishedDate: publishedAt === undefined ? null : `${publishedAt}T00:00:00`,
      })),
      answers: [],
      corrections: [],
      infoboxes: [],
      suggestions: [],
      unresponsive_engines: words.includes("unresponsive") ? [["bing", "timeout"]] : [],
    };
    return { status: 200, body };
  },
  refuse,
};

/** An instance tells errors in HTML. */
function refuse(status: number, detail: string): FakeSearchReply {
  return { status, body: `<!doctype html><title>${status} ${detail}</title><p>${detail}</p>` };
}
