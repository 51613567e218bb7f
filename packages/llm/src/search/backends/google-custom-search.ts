/**
 * Google's Custom Search JSON API, for keys that still exist: Google takes no new customers and ends the service on
 * 2027-01-01. Until then each search carries a warning, afterwards it is refused without asking. Key:
 * `env:GOOGLE_SEARCH_API_KEY` unless given. Source: https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list
 *
 *     const backend = googleCustomSearch({ engine: "0123456789abcdef0" });
 */
import type { SecretReference } from "../../secret.ts";
import { lazySearchBackend } from "../lazy-search-backend.ts";
import type { SearchBackend } from "../search-backend.ts";
import type { SearchBackendOptions } from "../search-connection.ts";

export interface GoogleCustomSearchOptions extends SearchBackendOptions {
  readonly key?: SecretReference;
  /** The search engine's id, Google's `cx`. No secret. */
  readonly engine: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

export const GOOGLE_CUSTOM_SEARCH_URL = "https://customsearch.googleapis.com";

/** Google's Custom Search, for keys that still exist. Key: `env:GOOGLE_SEARCH_API_KEY` unless given. */
export function googleCustomSearch(options: GoogleCustomSearchOptions): SearchBackend {
  return lazySearchBackend({
    id: options.id ?? "google-custom-search",
    baseUrl: options.baseUrl ?? GOOGLE_CUSTOM_SEARCH_URL,
    load: async () => (await import("./create-google-custom-search.ts")).createGoogleCustomSearch(options),
  });
}
