/**
 * Gives a model what it cannot know: decides whether the user's question needs current facts, searches the web, and puts the
 * results, with their sources, before the question. When nothing can be searched, the answer is the plain one, with a warning.
 *
 *     const informed = search(anthropic(), { backends: [brave(), duckduckgo()] });
 *
 * The decision is local and explained (`needsCurrentFacts`); when it is unsure, nothing is searched and nobody learns of the
 * question. The results go into the user's turn, quoted and fenced, never into the system prompt: whoever wrote them must not
 * speak with its authority. What was done is told in a warning (`searchReportOf`); the sources are added to the answer.
 *
 * While a model works with tools, the results of its question are put in again from the cache and nothing is searched anew.
 * The caller's messages stay as they are: results are not part of the history.
 */
import { DragomanError } from "../errors.ts";
import type { Provider } from "../provider.ts";
import type { VendorNativeSearch } from "../search/backends/vendor-native.ts";
import type { FreshnessDecision } from "../search/needs-current-facts.ts";
import type { SearchBackend, SearchFreshness } from "../search/search-backend.ts";
import type { SearchQuestion } from "../search/search-question.ts";
import type { QueryWriter } from "../search/write-search-query.ts";
import { wrapProvider } from "../wrap-provider.ts";
import type { InformedCalls } from "./informed-calls.ts";

/** Where to search, when, and how much of it to put before the model. */
export interface SearchPolicyOptions {
  readonly backend?: SearchBackend | VendorNativeSearch;
  /** Asked in order, after `backend`; the next one when one fails or finds nothing. */
  readonly backends?: readonly (SearchBackend | VendorNativeSearch)[];
  /** `auto`: by `needsCurrentFacts`. A function decides by itself. Default `auto`. */
  readonly when?: "auto" | "always" | "never" | ((question: SearchQuestion) => boolean | Promise<boolean>);
  /** Most results that are put in. Default 5. */
  readonly resultsMax?: number;
  /** Most that the results may add to the prompt, estimated. Tokens. Default 2 000. */
  readonly tokensMax?: number;
  /** Language of the results, as in `de`. Default: the backend decides. */
  readonly language?: string;
  /** How old results may be. Default: any age. */
  readonly freshness?: SearchFreshness;
  /** For each backend, and for the model that writes the query. Milliseconds. Default 8 000. */
  readonly timeoutMs?: number;
  /** How long results are kept for the same question. Milliseconds. Default 300 000; 0 keeps nothing. */
  readonly cacheMs?: number;
  /** A model that writes the query. Default: it is derived from the question's words. */
  readonly queryWriter?: QueryWriter;
  /** Until when a model knows the world, as in `2025-03`. Default: unknown. */
  readonly knowledgeCutoff?: (model: string) => string | undefined;
  /** Told of each decision of `auto`, also of those against a search. */
  readonly onDecision?: (decision: FreshnessDecision, question: SearchQuestion) => void;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** Throws `configuration` when there is no backend. */
export function search<Model extends string>(provider: Provider<Model>, options: SearchPolicyOptions): Provider<Model>;
export function search(provider: Provider, options: SearchPolicyOptions): Provider {
  if (backendsOf(options).length === 0 && options.when !== "never") {
    throw new DragomanError({ code: "configuration", field: "backends", detail: "search has no backend" });
  }
  let loaded: Promise<InformedCalls> | undefined;

  function calls(): Promise<InformedCalls> {
    loaded ??= import("./informed-calls.ts").then(({ createInformedCalls }) => createInformedCalls(provider, options));
    return loaded;
  }

  return wrapProvider(provider, {
    complete: async (call) => (await calls()).complete(call),
    async *stream(call) {
      yield* (await calls()).stream(call);
    },
  });
}

/** In the order in which they are asked. */
export function backendsOf({ backend, backends = [] }: SearchPolicyOptions): readonly (SearchBackend | VendorNativeSearch)[] {
  return backend === undefined ? backends : [backend, ...backends];
}
