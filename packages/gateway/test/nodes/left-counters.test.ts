/** What a node says of the counters that its killed process had: over the model of the store, in the test's time. */
import { describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { rule, turn } from "../limits/metering.ts";
import { fleetOf, LEASE_MS } from "./manual-fleet.ts";

const ROUND_MS = LEASE_MS / 3;
const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };
const budget = rule({ metric: "usd", amount: 1e-6, window: DAY });

function killableFleet(given: LimitRule, names: readonly string[]) {
  const { model, fleet, pass, call } = fleetOf(given, names);

  /** Killed when its calls have come to another sum than the store was told. */
  async function killed(share: number): Promise<void> {
    for (let count = 0; count < 5; count += 1) await call("a", 20);
    await pass(2 * ROUND_MS);
    expect(model.leases).toMatchObject([{ node: "a", used: 100 }]);
    for (let count = 0; count < 5; count += 1) fleet.settle("a", share);
    if (share === 1) fleet.exhaust("a");
    await turn();
    fleet.kill("a");
  }
  return { model, fleet, pass, call, killed };
}

describe("what a killed process has left", () => {
  test.each([
    ["less", 0.5],
    ["more", 1],
  ])("is told as the ledger has it, which is %s, by one that is closed at once", async (_which, share) => {
    const { model, fleet, pass, call, killed } = killableFleet(budget, ["a"]);
    await killed(share);
    const used = fleet.inWindow();
    expect(used).not.toBe(100);
    fleet.start("a");
    await fleet.leave("a");
    expect(model.leases).toMatchObject([{ node: "a", epoch: 2, units: used, used }]);
    fleet.start("b");
    expect(await call("b", 1)).toBe(true);
    await pass(LEASE_MS);
    expect(fleet.nodes.get("b")?.meter.standings()[0]?.used).toBeCloseTo(used / 1e9, 12);
  });

  test.each([
    ["less", 0.5],
    ["more", 1],
  ])("is told as the ledger has it, which is %s, though nobody calls", async (_which, share) => {
    const { model, fleet, pass, killed } = killableFleet(budget, ["a"]);
    await killed(share);
    const used = fleet.inWindow();
    fleet.start("a");
    await pass(2 * ROUND_MS);
    expect(model.leases).toMatchObject([{ node: "a", epoch: 2, units: used, used, orphan: false }]);
  });

  test("is told also where it was taken back, and long after", async () => {
    const { model, fleet, pass, call, killed } = killableFleet(budget, ["a", "b"]);
    await killed(0.5);
    await call("b", 1);
    await pass(3 * LEASE_MS);
    expect(model.leases.find(({ node }) => node === "a")).toMatchObject({ used: 100, orphan: true });
    fleet.start("a");
    await pass(2 * ROUND_MS);
    expect(model.leases.find(({ node }) => node === "a")).toMatchObject({ used: 50, orphan: false });
  });

  test("leaves its window while nobody calls", async () => {
    const { model, fleet, pass, killed } = killableFleet(rule({ metric: "tokens", amount: 1_000 }), ["a"]);
    await killed(0.5);
    fleet.start("a");
    await pass(2 * ROUND_MS);
    expect(model.leases).toMatchObject([{ used: 50, orphan: false }]);
    await pass(61_000);
    expect(model.leases).toEqual([]);
    expect(fleet.nodes.get("a")?.allowances.standing.counters).toBe(0);
  });

  test("goes on in the counter that the first call makes", async () => {
    const { model, fleet, pass, call, killed } = killableFleet(budget, ["a"]);
    await killed(0.5);
    fleet.start("a");
    await pass(2 * ROUND_MS);
    expect(await call("a", 30)).toBe(true);
    await pass(2 * ROUND_MS);
    expect(model.leases).toMatchObject([{ node: "a", used: 80 }]);
  });

  test("stays as it was told where the file is lost", async () => {
    const { model, fleet, pass, killed } = killableFleet(budget, ["a"]);
    await killed(0.5);
    fleet.start("a", "an empty file");
    await pass(2 * ROUND_MS);
    expect(model.leases).toMatchObject([{ node: "a", epoch: 1, used: 100 }]);
    await fleet.leave("a");
    expect(model.leases).toMatchObject([{ node: "a", epoch: 1, used: 100 }]);
  });

  test("of calls at once is free as soon as the node is back", async () => {
    const { model, fleet, pass, call } = killableFleet(rule({ metric: "concurrency", amount: 4 }), ["a"]);
    for (let count = 0; count < 4; count += 1) expect(await call("a", 1)).toBe(true);
    fleet.kill("a");
    fleet.start("a");
    await fleet.leave("a");
    expect(model.leases).toEqual([]);
    await pass(50);
  });

  test("is nothing: no name is taken before a call", async () => {
    const { model, fleet, pass } = killableFleet(budget, ["a"]);
    await pass(3 * LEASE_MS);
    expect(fleet.nodes.get("a")?.allowances.standing).toMatchObject({ statements: 1, counters: 0 });
    expect(model.leases).toEqual([]);
  });
});

describe("the standings of a node at rest", () => {
  test("have what others said to have in use, a round later at most", async () => {
    const { fleet, pass, call } = killableFleet(budget, ["a", "b"]);
    const seen = () => Math.round((fleet.nodes.get("b")?.meter.standings()[0]?.used ?? 0) * 1e9);
    await call("b", 10);
    await pass(30 * ROUND_MS);
    let used = seen();
    for (let count = 0; count < 10; count += 1) {
      expect(await call("a", 10)).toBe(true);
      used += 10;
      // One round until it is told, one until it is asked for; each is a tenth longer at most.
      await pass(2.2 * ROUND_MS);
      expect(seen()).toBe(used);
    }
  });

  test("cost a statement a round, however many there are", async () => {
    const { fleet, pass, call } = killableFleet(budget, ["a", "b"]);
    await call("a", 10);
    await call("b", 10);
    await pass(30 * ROUND_MS);
    const statements = () => fleet.nodes.get("b")?.allowances.standing.statements ?? 0;
    const before = statements();
    await pass(50 * 0.9 * ROUND_MS);
    // Half of them look for nodes that are gone.
    expect(statements() - before).toBeLessThanOrEqual(2 * 50);
    expect(statements() - before).toBeGreaterThanOrEqual(50);
  });
});
