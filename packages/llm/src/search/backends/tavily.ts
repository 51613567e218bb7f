/**
 * Tavily, a search made for models: it gives the parts of pages that bear on the question. Key: `env:TAVILY_API_KEY` unless
 * given. Source: https://docs.tavily.com/documentation/api-reference/endpoint/search
 *
 *     const backend = tavily({ costPerCreditUsd: 0.008 });
 */
import type { SecretReference } from "../../secret.ts";
import { lazySearchBackend } from "../lazy-search-backend.ts";
import type { SearchBackend } from "../search-backend.ts";
import type { SearchBackendOptions } from "../search-connection.ts";

/** What Tavily's search takes. */
export interface TavilyOptions extends Omit<SearchBackendOptions, "costPerSearchUsd"> {
  readonly key?: SecretReference;
  /** `advanced` reads more of each page and costs two credits instead of one. Default `basic`. */
  readonly depth?: "basic" | "advanced";
  /** Default `general`. Only `news` dates its results. */
  readonly topic?: "general" | "news" | "finance";
  /** Fetch the pages' text as well, as `content` of the results. Default false. */
  readonly pages?: boolean;
  /** What a credit costs under your plan, for the reports. US dollars. Default: unknown. */
  readonly costPerCreditUsd?: number;
}

export const TAVILY_URL = "https://api.tavily.com";

/** Tavily's search. Key: `env:TAVILY_API_KEY` unless given. */
export function tavily(options: TavilyOptions = {}): SearchBackend {
  return lazySearchBackend({
    id: options.id ?? "tavily",
    baseUrl: options.baseUrl ?? TAVILY_URL,
    load: async () => (await import("./create-tavily.ts")).createTavily(options),
  });
}
