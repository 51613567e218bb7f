/**
 * Brave Search. Key: `env:BRAVE_API_KEY` unless given. Source: https://api-dashboard.search.brave.com/api-reference
 *
 *     const backend = brave();
 */
import type { SecretReference } from "../../secret.ts";
import { lazySearchBackend } from "../lazy-search-backend.ts";
import type { SearchBackend } from "../search-backend.ts";
import type { SearchBackendOptions } from "../search-connection.ts";

export interface BraveOptions extends SearchBackendOptions {
  readonly key?: SecretReference;
  /** Where results come from, as in `DE`; `ALL` for anywhere. Default: the region of the query's language, else Brave's own. */
  readonly country?: string;
}

export const BRAVE_URL = "https://api.search.brave.com/res/v1";

/** Brave's search. Key: `env:BRAVE_API_KEY` unless given. */
export function brave(options: BraveOptions = {}): SearchBackend {
  return lazySearchBackend({
    id: options.id ?? "brave",
    baseUrl: options.baseUrl ?? BRAVE_URL,
    load: async () => (await import("./create-brave.ts")).createBrave(options),
  });
}
