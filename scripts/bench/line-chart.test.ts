/** The pictures of the benchmarks. */
import { describe, expect, it } from "vitest";
import type { Chart } from "../../bench/chart.ts";
import { renderLineChart } from "../../bench/line-chart.ts";

const CHART: Chart = {
  title: "Latency & rate <by way>",
  x: { label: "requests per second", scale: "linear", from: 0, to: 1_000 },
  y: { label: "p99, ms", scale: "log", from: 1, to: 100 },
  series: [
    {
      name: "late",
      points: [
        { x: 0, y: 1 },
        { x: 500, y: 10 },
        { x: 1_000, y: 1_000 },
      ],
    },
    {
      name: "early",
      points: [
        { x: 0, y: 1 },
        { x: 1_000, y: 10 },
      ],
    },
  ],
};

const svg = renderLineChart(CHART);

function placeOf(label: string): { readonly x: number; readonly y: number } {
  const [, x, y] = new RegExp(`x="([\\d.]+)" y="([\\d.]+)">${label}<`).exec(svg) ?? [];
  return { x: Number(x), y: Number(y) };
}

function pointsOf(series: number): readonly (readonly number[])[] {
  const path = new RegExp(`class="line s${series}" d="M([^"]+)"`).exec(svg)?.[1] ?? "";
  return path.split("L").map((point) => point.split(" ").map(Number));
}

describe("a line chart", () => {
  it("places points by a linear and a logarithmic axis", () => {
    const [[left = 0, bottom = 0] = [], [middle = 0, half = 0] = []] = pointsOf(0);
    const [, [right = 0] = []] = pointsOf(1);
    expect(middle - left).toBeCloseTo(right - middle, 0);
    // 10 is in the middle of 1 to 100.
    expect(placeOf("10").y - placeOf("100").y).toBeCloseTo(placeOf("1").y - placeOf("10").y, 0);
    expect(half).toBeCloseTo(placeOf("10").y - 4, 0);
    expect(bottom).toBeCloseTo(placeOf("1").y - 4, 0);
  });

  it("names a line that leaves at the top above the plot, where it leaves", () => {
    const [, [middle = 0] = [], [right = 0] = []] = pointsOf(0);
    const name = placeOf("late");
    expect(name.y).toBeLessThan(placeOf("100").y);
    // 100 is half of the way from 10 to 1000.
    expect(name.x - 4).toBeCloseTo((middle + right) / 2, 0);
  });

  it("names any other line at its end", () => {
    const [, [right = 0, end = 0] = []] = pointsOf(1);
    expect(placeOf("early")).toEqual({ x: right + 8, y: end + 4 });
  });

  it("names lines that end at the same place one below the other", () => {
    const [, early] = CHART.series;
    if (early === undefined) throw new Error("the chart has two lines");
    const both = renderLineChart({ ...CHART, series: [early, { ...early, name: "same" }] });
    const heights = [...both.matchAll(/class="name n\d" x="[\d.]+" y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect((heights[1] ?? 0) - (heights[0] ?? 0)).toBe(18);
  });

  it("writes both axes and their labels, and no markup of its own from a text", () => {
    expect(svg).toContain(">requests per second<");
    expect(svg).toContain(">p99, ms<");
    expect(svg).toContain("Latency &#38; rate &#60;by way&#62;");
    expect(svg).not.toContain("<by");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("has colours for a light and a dark page", () => {
    expect(svg).toContain("@media(prefers-color-scheme:dark)");
  });
});
