import { DragomanError, toDragomanError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { collectResults, objectsOf } from "../collect-results.ts";
import { withoutInvisible } from "../plain-text.ts";
import type { SearchBackend } from "../search-backend.ts";
import { createSearchConnection, type Refusal, type RefusalReading, type SearchRequest } from "../search-connection.ts";
import { limitOf } from "../search-limit.ts";
import type { SearxngOptions } from "./searxng.ts";

export function createSearxng(options: SearxngOptions): Required<SearchBackend> {
  const { id = "searxng", costPerSearchUsd } = options;
  const connection = createSearchConnection({
    id,
    baseUrl: options.baseUrl,
    options,
    readRefusal,
    ...(options.key === undefined ? {} : { key: { name: "authorization", prefix: "Bearer ", key: options.key } }),
  });

  return {
    id,
    async search(query, limits = {}) {
      const parameters = new URLSearchParams({ q: query.text, format: "json" });
      if (query.language !== undefined) parameters.set("language", query.language);
      if (query.freshness !== undefined) parameters.set("time_range", query.freshness);
      if (options.categories !== undefined) parameters.set("categories", options.categories);
      if (options.engines !== undefined) parameters.set("engines", options.engines);
      const request: SearchRequest = { method: "GET", path: "/search", query: parameters };
      const body = await connection.fetchJson(request, limits);
      const rows = isJsonObject(body) ? objectsOf(body.results) : undefined;
      if (rows === undefined) throw connection.unexpected(request, "the answer has no list of results");
      const silent = isJsonObject(body) ? silentEngines(body.unresponsive_engines) : [];
      if (rows.length === 0 && silent.length > 0) throw noEngine(id, silent);
      const results = collectResults(
        rows.map(({ title, url, content, publishedDate }) => ({ title, url, snippet: content, publishedAt: publishedDate })),
        limitOf(limits),
      );
      const cost = costPerSearchUsd === undefined ? {} : { costUsd: costPerSearchUsd };
      return { backend: id, results, warnings: silentWarnings(silent), ...cost };
    },
    async availability(call = {}) {
      const key = await connection.keyAvailability();
      if (!key.available) return key;
      try {
        await connection.fetchText({ method: "GET", path: "/healthz" }, { ...call, timeoutMs: 3_000 });
        return { available: true };
      } catch (thrown) {
        const { code, detail, advice } = toDragomanError(thrown);
        return { available: false, reason: "not-reachable", detail: `${code}: ${detail}`, nextStep: advice };
      }
    },
  };
}

function noEngine(provider: string, silent: readonly string[]): DragomanError {
  const detail = `no engine of the instance answered: ${silent.join(", ")}`;
  return new DragomanError({ code: "vendor_error", provider, detail });
}

/** SearXNG names the engines that failed, each with its reason. */
function silentEngines(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, 10)
    .map((entry: unknown) => withoutInvisible(Array.isArray(entry) ? entry.map(String).join(": ") : String(entry)));
}

function silentWarnings(silent: readonly string[]): readonly Warning[] {
  if (silent.length === 0) return [];
  return [{ type: "other", detail: `engines of the SearXNG instance did not answer: ${silent.join(", ")}` }];
}

/** SearXNG says no more than 403 of a format that is not allowed; a proxy before it may mean something else. */
function readRefusal({ status }: Refusal): RefusalReading {
  if (status === 403) {
    return {
      code: "configuration",
      detail: "the instance refuses, most likely because it does not give out JSON",
      advice: "add json to search.formats in the instance's settings.yml",
    };
  }
  return {};
}
