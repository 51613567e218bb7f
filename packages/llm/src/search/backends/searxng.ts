/**
 * An instance of SearXNG of your own, which asks many engines without telling them who asks. Its JSON format has to be
 * allowed in `settings.yml` (`search.formats`). Source: https://docs.searxng.org/dev/search_api.html
 *
 *     const backend = searxng({ baseUrl: "http://localhost:8080" });
 */

import type { SecretReference } from "../../secret.ts";
import { lazySearchBackend } from "../lazy-search-backend.ts";
import type { SearchBackend } from "../search-backend.ts";
import type { SearchBackendOptions } from "../search-connection.ts";

export interface SearxngOptions extends SearchBackendOptions {
  /** The instance's address. */
  readonly baseUrl: string;
  /** Sent as a bearer token, for an instance behind a proxy that asks for one. SearXNG itself has no keys. */
  readonly key?: SecretReference;
  /** As in `general,news`. Default: the instance's own. */
  readonly categories?: string;
  /** As in `duckduckgo,wikipedia`. Default: the instance's own. */
  readonly engines?: string;
}

/** A SearXNG of one's own. Needs no key. */
export function searxng(options: SearxngOptions): SearchBackend {
  return lazySearchBackend({
    id: options.id ?? "searxng",
    baseUrl: options.baseUrl,
    load: async () => (await import("./create-searxng.ts")).createSearxng(options),
  });
}
