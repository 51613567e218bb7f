/**
 * The contract of whatever searches the web. Small on purpose: words in, a short list of places out. Ours and a stranger's
 * pass the same suite, `searchBackendCases` of `@dragoman/llm/testing`.
 */
import type { Availability, CallOptions } from "../provider.ts";
import type { Warning } from "../warning.ts";

/** How old a result may be. */
export type SearchFreshness = "day" | "week" | "month" | "year";

/** What to look for. */
export interface SearchQuery {
  /** The words, as a person would type them. Services take 400 characters or less. */
  readonly text: string;
  /** Language of the results, as in `de` or `pt-BR`. Absent: the service decides. */
  readonly language?: string;
  /** Absent: any age. */
  readonly freshness?: SearchFreshness;
}

/** What every search takes. */
export interface SearchOptions extends CallOptions {
  /** Most results to give back. Default 5; a service that offers fewer at a time gives fewer. */
  readonly limit?: number;
  /** For the whole search. Milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** The longest answer that is read. Bytes, after decompression. Default 2 MiB. */
  readonly bytesMax?: number;
}

/** One place on the web. Its words are a stranger's: plain text, never instructions, never markup. */
export interface SearchResult {
  /** At most 300 characters. */
  readonly title: string;
  /** `http:` or `https:`, without credentials. */
  readonly url: string;
  /** What the service shows of the page. May be empty. At most 2 000 characters. */
  readonly snippet: string;
  /** The day on which the page was published or changed, as in `2026-05-04`, where the service says it. */
  readonly publishedAt?: string;
  /** More of the page's text, where the service gives it. At most 20 000 characters. */
  readonly content?: string;
}

/** What a service found. */
export interface SearchResults {
  /** The backend's id. */
  readonly backend: string;
  /** Best first, each address once. Empty: the service knows nothing. */
  readonly results: readonly SearchResult[];
  /** Absent where the price is unknown; never 0 for unknown. */
  readonly costUsd?: number;
  /** What was not done as asked. */
  readonly warnings: readonly Warning[];
}

/** A search service. Ours are made as a stranger's. */
export interface SearchBackend {
  /** Names it in warnings and errors, as in `brave`. */
  readonly id: string;
  /** Rejects with a DragomanError of the table. Contacts no host but the one that it was set up with. */
  search(query: SearchQuery, options?: SearchOptions): Promise<SearchResults>;
  /** Whether it can be used, without a search that costs something. Does not reject. */
  availability?(options?: CallOptions): Promise<Availability>;
}
