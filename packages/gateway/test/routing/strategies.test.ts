import { describe, expect, it } from "vitest";
import { asking, CALLER, routerFixture, seeded } from "./routing-fixture.ts";

const THREE = ["a:one", "b:two", "c:three"];
const DRAWS = 6_000;

function firstShares(fixture: ReturnType<typeof routerFixture>, draws = DRAWS): Map<string, number> {
  const counts = new Map<string, number>();
  for (let draw = 0; draw < draws; draw++) {
    const [first = ""] = fixture.order();
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

describe("order", () => {
  it("asks in the order of the list, and a lower order before it", () => {
    const fixture = routerFixture({ smart: { targets: ["a:one", { model: "b:two", order: 1 }, "c:three"] } });
    expect(fixture.order()).toEqual(["a:one", "c:three", "b:two"]);
  });
});

describe("weight", () => {
  const targets = [
    { model: "a:one", weight: 6 },
    { model: "b:two", weight: 3 },
    { model: "c:three", weight: 1 },
    { model: "d:none", weight: 0 },
  ];

  it("gives each its share of the calls", () => {
    const counts = firstShares(routerFixture({ smart: { strategy: "weight", targets, sticky: false } }));
    let chiSquare = 0;
    for (const [name, share] of [
      ["a:one", 0.6],
      ["b:two", 0.3],
      ["c:three", 0.1],
    ] as const) {
      chiSquare += ((counts.get(name) ?? 0) - share * DRAWS) ** 2 / (share * DRAWS);
    }
    expect(counts.get("d:none")).toBeUndefined();
    // Two degrees of freedom: fair shares stay below this in 999 of 1 000 series.
    expect(chiSquare).toBeLessThan(13.82);
  });

  it("gives who stands in its share of what is left", () => {
    const fixture = routerFixture({ smart: { strategy: "weight", targets, sticky: false } });
    let second = 0;
    let firsts = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const [first, next] = fixture.order();
      if (first !== "a:one") continue;
      firsts += 1;
      if (next === "b:two") second += 1;
    }
    expect(second / firsts).toBeGreaterThan(0.72);
    expect(second / firsts).toBeLessThan(0.78);
  });

  it("tells a target's weight among those of its order", () => {
    const fixture = routerFixture({
      smart: { strategy: "weight", targets: [...targets, { model: "a:other", order: 1, weight: 5 }] },
    });
    const { candidates } = fixture.router.plan(asking("smart"), CALLER).decision;
    expect(candidates.find(({ target }) => target === "a:one")?.reasons).toEqual(["weight 6 of 10"]);
    expect(candidates.find(({ target }) => target === "a:other")?.reasons).toEqual(["weight 5 of 5"]);
  });
});

describe("latency", () => {
  const route = { smart: { strategy: "latency" as const, targets: THREE, sticky: false } };

  it("draws among all while none was measured, and then gives one call in five to the new ones", () => {
    const fixture = routerFixture(route);
    const atFirst = firstShares(fixture);
    for (const name of THREE) expect((atFirst.get(name) ?? 0) / DRAWS).toBeCloseTo(1 / 3, 1);
    for (let call = 0; call < 3; call++) fixture.answered("a:one", { firstTokenMs: 200 });
    const then = firstShares(fixture);
    expect((then.get("a:one") ?? 0) / DRAWS).toBeCloseTo(0.8, 1);
    expect((then.get("b:two") ?? 0) / DRAWS).toBeCloseTo(0.1, 1);
    expect((then.get("c:three") ?? 0) / DRAWS).toBeCloseTo(0.1, 1);
  });

  it("has measured all of ten targets within a hundred calls, and asks the quickest from then on", () => {
    const targets = Array.from({ length: 10 }, (_, index) => `a:m${index}`);
    const fixture = routerFixture({ smart: { strategy: "latency", targets, sticky: false } });
    for (let call = 0; call < 100; call++) {
      const [first = ""] = fixture.order();
      fixture.answered(first, { firstTokenMs: 1_000 - 50 * Number(first.slice(3)) });
      fixture.pass(100);
    }
    const late = firstShares(fixture, 200);
    expect(late.get("a:m9")).toBeGreaterThan(150);
  });

  it("puts the quickest first and tells the measured time", () => {
    const fixture = routerFixture(route);
    for (let call = 0; call < 4; call++) {
      fixture.answered("a:one", { firstTokenMs: 900 });
      fixture.answered("b:two", { firstTokenMs: 300 });
      fixture.answered("c:three", { firstTokenMs: 600 });
    }
    const { targets, decision } = fixture.router.plan(asking("smart"), CALLER);
    expect(targets.map(({ name }) => name)).toEqual(["b:two", "c:three", "a:one"]);
    expect(decision.candidates[0]).toEqual({
      target: "b:two",
      eligible: true,
      score: -300,
      reasons: ["speaks after 300 ms lately"],
    });
  });

  it("does not take a target that fails at once for a quick one", () => {
    const fixture = routerFixture(route);
    for (let call = 0; call < 5; call++) {
      fixture.router.observe({ target: "a:one", outcome: "failed", code: "overloaded", durationMs: 2, at: fixture.now() });
      fixture.answered("b:two", { firstTokenMs: 2_000 });
      fixture.answered("c:three", { firstTokenMs: 3_000 });
    }
    expect(fixture.order()).toEqual(["b:two", "c:three", "a:one"]);
  });

  it("holds neither a caller's mistake nor an abort before the first token against a target", () => {
    const fixture = routerFixture(route);
    for (let call = 0; call < 5; call++) {
      fixture.answered("a:one", { firstTokenMs: 100 });
      fixture.answered("b:two", { firstTokenMs: 200 });
      fixture.answered("c:three", { firstTokenMs: 300 });
      fixture.router.observe({ target: "a:one", outcome: "failed", code: "invalid_request", durationMs: 5, at: fixture.now() });
      fixture.router.observe({ target: "a:one", outcome: "aborted", durationMs: 20, at: fixture.now() });
    }
    expect(fixture.order()[0]).toBe("a:one");
    // One that was waited for longer than it ever took says that it is slow now.
    for (let call = 0; call < 5; call++)
      fixture.router.observe({ target: "a:one", outcome: "aborted", durationMs: 30_000, at: fixture.now() });
    expect(fixture.order()[0]).toBe("b:two");
  });

  it("compares streams with streams: whole answers do not make a target look slow", () => {
    const fixture = routerFixture({ smart: { strategy: "latency", targets: ["a:one", "b:two"], sticky: false } });
    for (let call = 0; call < 5; call++) {
      fixture.answered("a:one", { durationMs: 8_000 });
      fixture.answered("a:one", { firstTokenMs: 200, durationMs: 8_000 });
      fixture.answered("b:two", { firstTokenMs: 400, durationMs: 5_000 });
    }
    expect(fixture.order()).toEqual(["a:one", "b:two"]);
  });

  it("forgets a bad quarter of an hour, asks an old one now and then, and knows nothing after half an hour", () => {
    const fixture = routerFixture({ smart: { strategy: "latency", targets: ["a:one", "b:two"], sticky: false } });
    for (let call = 0; call < 5; call++) {
      fixture.answered("a:one", { firstTokenMs: 5_000 });
      fixture.answered("b:two", { firstTokenMs: 1_000 });
    }
    fixture.pass(600_000);
    for (let call = 0; call < 5; call++) fixture.answered("b:two", { firstTokenMs: 1_000 });
    const shares = firstShares(fixture);
    expect((shares.get("a:one") ?? 0) / DRAWS).toBeGreaterThan(0.01);
    expect((shares.get("a:one") ?? 0) / DRAWS).toBeLessThan(0.03);
    for (let call = 0; call < 3; call++) fixture.answered("a:one", { firstTokenMs: 500 });
    expect(fixture.order()[0]).toBe("a:one");
    fixture.pass(31 * 60_000);
    const { candidates } = fixture.router.plan(asking("smart"), CALLER).decision;
    expect(candidates.every(({ reasons }) => reasons[0] === "was not measured lately")).toBe(true);
  });
});

describe("cost", () => {
  const known = {
    "a:one": { inputUsd: 3, outputUsd: 15, cacheReadUsd: 0.3 },
    "b:two": { inputUsd: 2, outputUsd: 10, cacheReadUsd: 2 },
  };
  const route = { smart: { strategy: "cost" as const, targets: [...THREE, "d:none"].slice(0, 3), sticky: false } };

  it("puts the cheapest first, and what has no price last", () => {
    const fixture = routerFixture(route, { known });
    const { targets, decision } = fixture.router.plan(asking("smart", "word ".repeat(2_000)), CALLER);
    expect(targets.map(({ name }) => name)).toEqual(["b:two", "a:one", "c:three"]);
    expect(decision.candidates[0]?.reasons[0]).toMatch(/^about 0\.010\d USD; it was not measured lately$/);
    expect(decision.candidates[2]).toEqual({ target: "c:three", eligible: true, reasons: ["its price is unknown"] });
  });

  it("counts what a target's cache has served lately, and how much its model writes", () => {
    const fixture = routerFixture(route, { known });
    const used = { inputTokens: 10_000, outputTokens: 200 };
    for (let call = 0; call < 5; call++) {
      fixture.answered("a:one", { ...used, cacheReadTokens: 9_000 });
      fixture.answered("b:two", { ...used, cacheReadTokens: 0 });
    }
    const { targets, decision } = fixture.router.plan(asking("smart", "word ".repeat(2_000)), CALLER);
    expect(targets[0]?.name).toBe("a:one");
    expect(decision.candidates[0]?.reasons[0]).toContain("with 90 % of the prompt cached");
    const wordy = { inputTokens: 10_000, outputTokens: 9_000, cacheReadTokens: 9_000 };
    for (let call = 0; call < 20; call++) fixture.answered("a:one", wordy);
    expect(fixture.order({ messages: asking("", "word ".repeat(2_000)).messages })[0]).toBe("b:two");
  });

  it("tries a cheaper one that nobody has asked by taking the others' figures for it", () => {
    const fixture = routerFixture(route, {
      known: { ...known, "c:three": { inputUsd: 2.9, outputUsd: 15, cacheReadUsd: 0.29 } },
    });
    for (let call = 0; call < 5; call++)
      fixture.answered("a:one", { inputTokens: 10_000, outputTokens: 200, cacheReadTokens: 9_000 });
    expect(fixture.order({ messages: asking("", "word ".repeat(2_000)).messages })[0]).toBe("c:three");
  });
});

it("draws the same series from the same seed", () => {
  const series = [1, 2].map(() => {
    const fixture = routerFixture({ smart: { strategy: "weight", targets: THREE } }, { random: seeded(42) });
    return Array.from({ length: 20 }, () => fixture.order()[0]);
  });
  expect(series[0]).toEqual(series[1]);
});
