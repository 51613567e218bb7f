import { createRandom, seedOf } from "../recordings/chunking.ts";

/** Choices from a seed: the same seed chooses alike, on every machine. */
export interface FuzzRandom {
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  /** One of the list. Throws for an empty one. */
  pick<Item>(items: readonly Item[]): Item;
}

/** Each case has a generator of its own, so that it can be made again without those before it. */
export function createFuzzRandom(seed: number, subject: string, caseNumber: number): FuzzRandom {
  const next = createRandom(seedOf(`${seed}/${subject}/${caseNumber}`));
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    percent: (share) => next() * 100 < share,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("there is nothing to pick from");
      return item;
    },
  };
}
