import type { Catalogue } from "@dragoman/llm";
import { comparePrices, type PriceChanges, type PriceList } from "./price-changes.ts";

/** How one catalogue differs from the one before it, by model id. */
export function compareCatalogues(before: Catalogue, after: Catalogue): PriceChanges {
  return comparePrices(listOf(before), listOf(after));
}

function listOf({ models }: Catalogue): PriceList {
  return new Map(models.map(({ id, pricing }) => [id, pricing]));
}
