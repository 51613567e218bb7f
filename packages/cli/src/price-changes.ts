/** How one list of prices differs from another, and each difference in words. */
import type { OwnPricing } from "@dragoman/llm";
import { price } from "./figures.ts";

/** Model -> its rates; undefined where it has none. */
export type PriceList = ReadonlyMap<string, OwnPricing | undefined>;

export interface PriceChanges {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly repriced: readonly { readonly id: string; readonly before?: OwnPricing; readonly after?: OwnPricing }[];
}

export function comparePrices(before: PriceList, after: PriceList): PriceChanges {
  return {
    added: [...after.keys()].filter((id) => !before.has(id)),
    gone: [...before.keys()].filter((id) => !after.has(id)),
    repriced: [...after].flatMap(([id, rates]) => {
      const earlier = before.get(id);
      if (!before.has(id) || sameRates(earlier, rates)) return [];
      return [{ id, ...(earlier === undefined ? {} : { before: earlier }), ...(rates === undefined ? {} : { after: rates }) }];
    }),
  };
}

export function countChanges({ added, gone, repriced }: PriceChanges): number {
  return added.length + gone.length + repriced.length;
}

/** One line a model; of a price only what has changed. */
export function changeLines({ added, gone, repriced }: PriceChanges): readonly string[] {
  return [
    ...added.map((id) => `new   ${id}`),
    ...gone.map((id) => `gone  ${id}`),
    ...repriced.map(({ id, before, after }) => `price ${id}: ${changedRates(before, after).join("; ")}`),
  ];
}

const WORDS: readonly (readonly [keyof OwnPricing, string])[] = [
  ["inputPerMillionUsd", "in"],
  ["outputPerMillionUsd", "out"],
  ["cacheReadPerMillionUsd", "cache read"],
  ["cacheWritePerMillionUsd", "cache write"],
  ["cacheWriteOneHourPerMillionUsd", "cache write 1h"],
  ["inputAudioPerMillionUsd", "audio in"],
  ["outputAudioPerMillionUsd", "audio out"],
  ["webSearchesPerThousandUsd", "web searches/k"],
  ["fileSearchesPerThousandUsd", "file searches/k"],
  ["toolCallsPerThousandUsd", "tool calls/k"],
  ["requestsPerThousandUsd", "requests/k"],
];

function changedRates(before: OwnPricing = {}, after: OwnPricing = {}): readonly string[] {
  const rates = WORDS.flatMap(([name, word]) => {
    const [earlier, later] = [before[name], after[name]];
    return earlier === later ? [] : [`${word} ${rateText(earlier)} -> ${rateText(later)}`];
  });
  const factor =
    before.batchFactor === after.batchFactor
      ? []
      : [`batch ${before.batchFactor ?? "unknown"} -> ${after.batchFactor ?? "unknown"}`];
  const tiers = sameValue(before.tiers, after.tiers) ? [] : ["tiers of long inputs"];
  const hours = sameValue(before.hours, after.hours) ? [] : ["hours of the day"];
  return [...rates, ...factor, ...tiers, ...hours];
}

function rateText(rate: unknown): string {
  return typeof rate === "number" ? price(rate) : "unknown";
}

function sameRates(one: OwnPricing | undefined, other: OwnPricing | undefined): boolean {
  return changedRates(one, other).length === 0;
}

/** Their order of fields apart. */
function sameValue(one: readonly object[] = [], other: readonly object[] = []): boolean {
  const sorted = (rows: readonly object[]): string => JSON.stringify(rows.map((row) => Object.entries(row).sort()));
  return sorted(one) === sorted(other);
}
