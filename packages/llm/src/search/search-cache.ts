/** Results of the last searches, so that a question asked again, or still under way in a loop of tools, is not searched twice. */
import type { SearchBlock } from "./render-search-block.ts";

export interface CachedSearch {
  readonly backend: string;
  readonly query: string;
  readonly block: SearchBlock;
}

export interface SearchCache {
  get(question: string): CachedSearch | undefined;
  set(question: string, search: CachedSearch): void;
}

/** Searches that are kept; the oldest goes first. */
const ENTRIES_MAX = 200;

/** `keptMs` of 0 keeps nothing. */
export function createSearchCache(keptMs: number, now: () => number): SearchCache {
  const entries = new Map<string, { readonly search: CachedSearch; readonly until: number }>();
  return {
    get(question) {
      const entry = entries.get(question);
      if (entry === undefined) return undefined;
      if (entry.until > now()) return entry.search;
      entries.delete(question);
      return undefined;
    },
    set(question, search) {
      if (keptMs <= 0) return;
      entries.delete(question);
      entries.set(question, { search, until: now() + keptMs });
      const oldest = entries.keys().next().value;
      if (entries.size > ENTRIES_MAX && oldest !== undefined) entries.delete(oldest);
    },
  };
}
