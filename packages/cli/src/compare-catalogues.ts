import type { Catalogue, CatalogueModel } from "@dragoman/llm";

/** How one catalogue differs from the one before it, by model id. */
export interface CatalogueChanges {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  /** With other prices than before. */
  readonly repriced: readonly { readonly id: string; readonly before: Prices; readonly after: Prices }[];
}

type Prices = NonNullable<CatalogueModel["pricing"]> | undefined;

export function compareCatalogues(before: Catalogue, after: Catalogue): CatalogueChanges {
  const old = new Map(before.models.map((model) => [model.id, model]));
  const ids = new Set(after.models.map((model) => model.id));
  return {
    added: after.models.filter((model) => !old.has(model.id)).map((model) => model.id),
    gone: before.models.filter((model) => !ids.has(model.id)).map((model) => model.id),
    repriced: after.models.flatMap((model) => {
      const previous = old.get(model.id);
      if (previous === undefined || JSON.stringify(previous.pricing) === JSON.stringify(model.pricing)) return [];
      return [{ id: model.id, before: previous.pricing, after: model.pricing }];
    }),
  };
}
