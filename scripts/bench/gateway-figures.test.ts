/** What the server's benchmark makes of what it measured. */
import { describe, expect, it } from "vitest";
import { gapFigures } from "../../bench/gateway/gaps.ts";
import { inTurn } from "../../bench/gateway/in-turn.ts";
import { mergeRounds } from "../../bench/gateway/merge-rounds.ts";
import { rateWithin } from "../../bench/gateway/rates-within.ts";
import { slope } from "../../bench/gateway/slope.ts";

describe("gaps of a stream", () => {
  it("tells quantiles, the longest, and how many are stalls", () => {
    const gaps = [...Array.from({ length: 97 }, () => 20), 200, 201, 950];
    expect(gapFigures(gaps)).toEqual({ p50Ms: 20, p99Ms: 950, longestMs: 950, stalls: 2 });
  });

  it("knows nothing of a stream without gaps", () => {
    expect(gapFigures([])).toEqual({ p50Ms: Number.NaN, p99Ms: Number.NaN, longestMs: Number.NaN, stalls: 0 });
  });
});

describe("the frontier", () => {
  const rungs = [
    { ratePerSecond: 100, p99Ms: 0.8 },
    { ratePerSecond: 200, p99Ms: 1 },
    { ratePerSecond: 300, p99Ms: 7 },
    { ratePerSecond: 400, p99Ms: 6 },
    { ratePerSecond: 500, p99Ms: 80 },
  ];

  it.each([
    [1, 200],
    [5, 200],
    [6.5, 400],
    [50, 400],
    [0.5, undefined],
  ])("is the greatest rate tried that keeps %d ms", (bound, rate) => {
    expect(rateWithin(rungs, bound)).toBe(rate);
  });

  it("takes the median of the climbs at each rate", () => {
    const climbs = [
      [1, 40],
      [2, 9],
      [30, 8],
    ].map(([low = 0, high = 0]) => [
      { ratePerSecond: 100, p99Ms: low },
      { ratePerSecond: 200, p99Ms: high },
    ]);
    expect(mergeRounds(climbs)).toEqual([
      { ratePerSecond: 100, p99Ms: 2 },
      { ratePerSecond: 200, p99Ms: 9 },
    ]);
  });

  it("does not let one lucky climb stand for those that ended earlier", () => {
    const low = { ratePerSecond: 100, p99Ms: 120 };
    expect(mergeRounds([[low], [low], [low, { ratePerSecond: 200, p99Ms: 2 }]])).toEqual([low]);
  });
});

describe("memory over time", () => {
  it("is told by least squares", () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 100 + 2 * x + (x % 2 === 0 ? 1 : -1) }));
    expect(slope(points)).toBeCloseTo(1.6);
    expect(slope([{ x: 1, y: 1 }])).toBeNaN();
  });
});

describe("rounds", () => {
  it("begin with another way each, and keep each way's blocks in order", async () => {
    const order: string[] = [];
    const found = await inTurn(["a", "b", "c"], 3, async (way) => order.push(way));
    expect(order.join("")).toBe("abcbcacab");
    expect([...found]).toEqual([
      ["a", [1, 6, 8]],
      ["b", [2, 4, 9]],
      ["c", [3, 5, 7]],
    ]);
  });
});
