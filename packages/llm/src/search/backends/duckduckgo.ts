/**
 * DuckDuckGo without a key, as its page for browsers without scripts shows it. Best effort: it is no interface for programs,
 * may change on any day, and asks for proof of being human after a few searches in a row. So it searches seldom, says so when
 * it is refused, and never takes a page that it does not know for "nothing found".
 *
 *     const backend = duckduckgo();
 */
import { lazySearchBackend } from "../lazy-search-backend.ts";
import type { SearchBackend } from "../search-backend.ts";
import type { SearchBackendOptions } from "../search-connection.ts";

/** What DuckDuckGo's search takes. */
export interface DuckDuckGoOptions extends Omit<SearchBackendOptions, "costPerSearchUsd"> {
  /** Between two searches; a sooner one is refused as `rate_limited` without asking. Milliseconds. Default 3 000. */
  readonly intervalMs?: number;
  /** After DuckDuckGo took us for a robot, as long nothing is asked. Milliseconds. Default 600 000. */
  readonly pauseMs?: number;
  /** Default `Dragoman (search for a language model)`. */
  readonly userAgent?: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

export const DUCKDUCKGO_URL = "https://html.duckduckgo.com";

/** DuckDuckGo's page for browsers without scripts. Needs no key. */
export function duckduckgo(options: DuckDuckGoOptions = {}): SearchBackend {
  return lazySearchBackend({
    id: options.id ?? "duckduckgo",
    baseUrl: options.baseUrl ?? DUCKDUCKGO_URL,
    load: async () => (await import("./create-duckduckgo.ts")).createDuckDuckGo(options),
  });
}
