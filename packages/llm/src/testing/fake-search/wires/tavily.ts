/** Tavily's search, from its reference: https://docs.tavily.com/documentation/api-reference/endpoint/search */
import { isJsonObject, type JsonObject } from "../../../json.ts";
import { parsedJson } from "../../fake-vendors/json-reading.ts";
import type { FakeSearchReply, FakeSearchWire } from "../fake-search.ts";

export const tavilyWire: FakeSearchWire = {
  answer({ method, path, headers, body }, find, key) {
    if (method !== "POST" || path !== "/search") return refuse(404, "Not Found");
    if (headers.authorization !== `Bearer ${key}`) return refuse(401, "Unauthorized: missing or invalid API key.");
    const asked = parsedJson(body);
    if (!isJsonObject(asked)) return refuse(400, "The body is not JSON.");
    const flaw = flawOf(asked);
    if (flaw !== undefined) return refuse(400, flaw);
    const words = String(asked.query);
    const found = find(words).slice(0, Number(asked.max_results ?? 5));
    return {
      status: 200,
      body: {
        query: words,
        answer: null,
        images: [],
        results: found.map(({ title, url, snippet, publishedAt }) => ({
          title,
          url,
          content: snippet,
          score: 0.9,
          raw_content: asked.include_raw_content === false ? null : `${snippet} And more of the page.`,
          ...(publishedAt === undefined ? {} : { published_date: new Date(publishedAt).toUTCString() }),
        })),
        response_time: 0.1,
        ...(asked.include_usage === true ? { usage: { credits: asked.search_depth === "advanced" ? 2 : 1 } } : {}),
      },
    };
  },
  refuse,
};

const TOPICS: readonly unknown[] = ["general", "news", "finance"];
const DEPTHS: readonly unknown[] = ["basic", "advanced"];
const RANGES: readonly unknown[] = ["day", "week", "month", "year"];

function flawOf(asked: JsonObject): string | undefined {
  const { query, max_results: count = 5, topic = "general", search_depth: depth = "basic", time_range: range = "day" } = asked;
  if (typeof query !== "string" || query === "" || query.length > 400) return "Query is missing or too long. Max 400 characters.";
  if (typeof count !== "number" || count < 0 || count > 20) return "Max results must be between 0 and 20.";
  if (!TOPICS.includes(topic)) return "Invalid topic.";
  if (!DEPTHS.includes(depth)) return "Invalid search depth.";
  return RANGES.includes(range) ? undefined : "Invalid time range.";
}

function refuse(status: number, detail: string): FakeSearchReply {
  return { status, body: { detail: { error: detail } } };
}
