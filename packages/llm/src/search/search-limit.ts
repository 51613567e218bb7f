import type { SearchOptions } from "./search-backend.ts";

export const DEFAULT_LIMIT = 5;

/** How many results are asked for, between 1 and what the service offers at a time. */
export function limitOf({ limit = DEFAULT_LIMIT }: SearchOptions, serviceMax = 50): number {
  return Number.isFinite(limit) ? Math.min(serviceMax, Math.max(1, Math.floor(limit))) : DEFAULT_LIMIT;
}
