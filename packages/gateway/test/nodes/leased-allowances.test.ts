/** What a node does with its slice: over the model of the store, in the test's time. */
import { describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { rule, turn } from "../limits/metering.ts";
import { fleetOf, LEASE_MS } from "./manual-fleet.ts";

const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };

const budget = rule({ metric: "usd", amount: 1e-6, window: DAY });
const rate = rule({ metric: "tokens", amount: 900 });

describe("a node's slice of a shared limit", () => {
  test("is asked for seldom: calls find room without a word to the store", async () => {
    const { fleet, call, clock, pass } = fleetOf(rule({ metric: "tokens", amount: 1_000_000 }), ["a"]);
    await call("a", 10);
    const { allowances } = fleet.nodes.get("a") ?? {};
    const before = allowances?.standing.statements ?? 0;
    let letIn = 0;
    for (let index = 0; index < 2_000; index += 1) {
      void fleet.call("a", 10).then((isIn) => {
        if (isIn) letIn += 1;
        fleet.settle("a", 1);
      });
      clock.pass(2);
      await turn();
    }
    await pass(LEASE_MS);
    expect(letIn).toBe(2_000);
    // Of four seconds; one call in fifty and less.
    expect((allowances?.standing.statements ?? 0) - before).toBeLessThan(40);
  });

  test("comes back when nobody calls, but for what is in use", async () => {
    const { model, call, pass } = fleetOf(budget, ["a"]);
    await call("a", 10);
    await pass(2 * LEASE_MS);
    // It is kept for a while: an eighth of the limit.
    expect(model.committed()).toBe(10 + 125);
    await pass(6 * LEASE_MS);
    expect(model.committed()).toBe(10);
  });

  test("of a node that dies comes back after its lease, but for what it said to be in use", async () => {
    const { model, fleet, call, pass } = fleetOf(budget, ["a", "b"]);
    await call("b", 10);
    await call("a", 10);
    fleet.kill("a");
    await pass(2.5 * LEASE_MS);
    expect(model.leases.find(({ node }) => node === "a")).toMatchObject({ units: 10, orphan: true });
    expect(model.takenBack.length).toBe(1);
  });

  test("of calls at once comes back whole with a node that dies", async () => {
    const { model, fleet, call, pass } = fleetOf(rule({ metric: "concurrency", amount: 4 }), ["a", "b"]);
    for (let index = 0; index < 4; index += 1) expect(await call("a", 1)).toBe(true);
    expect(await call("b", 1)).toBe(false);
    fleet.kill("a");
    await pass(2.5 * LEASE_MS);
    expect(model.leases.filter(({ node }) => node === "a")).toEqual([]);
    for (let index = 0; index < 4; index += 1) expect(await call("b", 1)).toBe(true);
    expect(await call("b", 1)).toBe(false);
  });

  test("is all that a budget has while the store is away; a rate has its node's share", async () => {
    for (const [given, most] of [
      [budget, 125],
      [rate, 300],
    ] as const) {
      const { fleet, call, pass } = fleetOf(given, ["a", "b", "c"]);
      for (const name of ["a", "b", "c"]) await call(name, 10);
      await pass(LEASE_MS);
      for (const node of fleet.nodes.values()) node.way = "cut";
      await pass(10 * LEASE_MS);
      const before = fleet.inWindow();
      fleet.exhaust("a");
      const spent = fleet.inWindow() - before + 10;
      expect(spent).toBeLessThanOrEqual(most);
      // What is leased is kept, however long the store is away.
      expect(spent).toBeGreaterThanOrEqual(given === rate ? most : 20);
      expect(await call("a", 10)).toBe(false);
      for (const node of fleet.nodes.values()) node.way = "open";
      await pass(LEASE_MS);
      expect(await call("a", 10)).toBe(true);
      expect(fleet.notices).toEqual(expect.arrayContaining(["a limits.cut-off", "a limits.shared-again"]));
    }
  });

  test("is lost by a node that slept beyond its lease, which then leases anew and spends nothing of others", async () => {
    const { model, fleet, call, pass } = fleetOf(budget, ["a", "b"]);
    await call("b", 10);
    await call("a", 10);
    const sleeper = fleet.nodes.get("a");
    if (sleeper === undefined) throw new Error("there is no such node");
    sleeper.way = "cut";
    await pass(3 * LEASE_MS);
    sleeper.way = "open";
    await pass(LEASE_MS);
    expect(fleet.notices).toContain("a limits.lease-lost");
    expect(model.leases.find(({ node }) => node === "a")).toMatchObject({ used: 10, orphan: false });
    expect(await call("a", 10)).toBe(true);
  });

  test("halves as the end comes near: both nodes get at the last of it", async () => {
    const { fleet, call, pass } = fleetOf(budget, ["a", "b"]);
    let refusedInARow = 0;
    for (let index = 0; refusedInARow < 8; index += 1) {
      const isIn = await call(index % 2 === 0 ? "a" : "b", 10);
      refusedInARow = isIn ? 0 : refusedInARow + 1;
      if (!isIn) await pass(LEASE_MS / 2);
    }
    expect(fleet.inWindow()).toBe(1_000);
  });
});
