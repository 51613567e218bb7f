import { describe, expect, it } from "vitest";
import { flattenBatches } from "../src/flatten-batches.ts";

describe("flattenBatches", () => {
  it("gives every value in order, over empty batches too", async () => {
    const values: number[] = [];
    for await (const value of flattenBatches(batchesOf([[1, 2], [], [3]]))) values.push(value);
    expect(values).toEqual([1, 2, 3]);
  });

  it("keeps the order for a reader who asks again before the last answer came", async () => {
    const values = flattenBatches(batchesOf([[1, 2], [3]]));
    const asked = await Promise.all([values.next(), values.next(), values.next(), values.next()]);
    expect(asked.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
    expect(asked.at(-1)?.done).toBe(true);
  });

  it("takes no batch before the last is used up, and leaves the batches when its reader leaves", async () => {
    const seen: string[] = [];
    async function* batches(): AsyncGenerator<readonly number[], void> {
      try {
        for (const batch of [[1, 2], [3]]) {
          seen.push(`batch of ${batch.length}`);
          yield batch;
        }
      } finally {
        seen.push("left");
      }
    }
    for await (const value of flattenBatches(batches())) if (value === 2) break;
    expect(seen).toEqual(["batch of 2", "left"]);
  });

  it("passes a failure on", async () => {
    // biome-ignore lint/correctness/useYield: it fails before it could.
    async function* batches(): AsyncGenerator<readonly number[], void> {
      throw new Error("broken");
    }
    await expect(flattenBatches(batches()).next()).rejects.toThrow("broken");
  });
});

async function* batchesOf(batches: readonly (readonly number[])[]): AsyncGenerator<readonly number[], void> {
  yield* batches;
}
