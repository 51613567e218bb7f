/** FailoverBench S15: a vendor that is down for a minute, then well. The time is the test's. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultVendors, startFaultVendors, startFaultWorld } from "./fault-world.ts";
import { callOf } from "./mounts.ts";
import { TARGETS } from "./scenario.ts";
import { footing } from "./scenarios/footing.ts";
import { answers } from "./scenarios/statuses.ts";

let vendors: FaultVendors;
beforeAll(async () => {
  vendors = await startFaultVendors();
});
afterAll(() => vendors.close());

const DOWN = { 1: [answers(503, "Service unavailable")] } as const;

test("every call of the minute is answered, the one at fault is hardly asked, and is asked again once it is well", async () => {
  const world = await startFaultWorld(vendors, { failing: { breaker: { failures: 3, openMs: 10_000 } } });
  const answeredBy: string[] = [];
  let asked = 0;
  for (let second = 0; second < 120; second += 4) {
    vendors.play(second < 60 ? DOWN : {});
    answeredBy.push((await world.gateway.complete(callOf(undefined))).origin.provider);
    if (second < 60) asked += vendors.asked()[1];
    world.later(4_000);
  }
  expect(answeredBy.slice(0, 15)).toEqual(Array(15).fill("anthropic"));
  // Two calls and their repetitions open it; then one probe after 10 s, and one after 20 s more.
  expect(asked).toBeLessThanOrEqual(6);
  expect(answeredBy.indexOf("openai") * 4).toBeLessThanOrEqual(60 + 30);
  expect(answeredBy.slice(answeredBy.indexOf("openai"))).not.toContain("anthropic");
  expect(world.gateway.health().find(({ target }) => target === TARGETS[1])).toMatchObject({ state: "closed", failures: 0 });
  await world.close();
});

test("calls at once open it once, and then one of them alone is the probe", async () => {
  const world = await startFaultWorld(vendors, { failing: { breaker: { failures: 3, openMs: 10_000 } } });
  const burst = () => Promise.all(Array.from({ length: 20 }, () => world.gateway.complete(callOf(undefined))));
  vendors.play(DOWN);
  await burst();
  const [{ openUntil = Number.NaN } = {}] = world.gateway.health();
  expect(openUntil - Date.now()).toBeLessThanOrEqual(11_000 + world.waits().reduce((sum, wait) => sum + wait, 0));
  world.later(12_000);
  vendors.play({ 1: [{ type: "delivery", how: "silence" }] });
  const probing = new AbortController();
  const probe = world.gateway.complete({ ...callOf(undefined), signal: probing.signal });
  await expect.poll(() => vendors.asked()[1], { interval: 2 }).toBe(1);
  await burst();
  expect(vendors.asked()).toMatchObject({ 1: 1, 2: 20 });
  probing.abort();
  await expect(probe).rejects.toMatchObject({ code: "aborted" });
  // The caller of the probe left: the next call is the probe.
  vendors.play({});
  expect((await world.gateway.complete(callOf(undefined))).origin.provider).toBe("openai");
  await world.close();
});

test("where all targets are left alone, the client is told when to come back, and nothing is sent", async () => {
  const world = await startFaultWorld(vendors, { failing: { breaker: { failures: 1, openMs: 10_000 } } });
  vendors.play({ 1: DOWN[1], 2: DOWN[1] });
  await expect(world.gateway.complete(callOf(undefined))).rejects.toMatchObject({ code: "overloaded" });
  vendors.play({ 1: DOWN[1], 2: DOWN[1] });
  const refused = world.gateway.complete(callOf(undefined));
  await expect(refused).rejects.toMatchObject({ code: "overloaded", retryAfterMs: expect.any(Number) });
  expect(vendors.asked()).toEqual({ 1: 0, 2: 0, 3: 0 });
  expect((await world.gateway.ledger.calls({ countMax: 1 })).calls[0]).toMatchObject({
    outcome: "refused",
    costUsd: 0,
    attempts: [
      { outcome: "skipped", detail: expect.stringContaining("left alone") },
      { outcome: "skipped", detail: expect.stringContaining("left alone") },
    ],
  });
  expect(world.gateway.meter.standings().filter(({ reserved }) => reserved !== 0)).toEqual([]);
  await world.close();
});

test("targets that are left alone use up none of the attempts", async () => {
  const world = await startFaultWorld(vendors, {
    route: { targets: [TARGETS[1]], fallback: [TARGETS[3], TARGETS[2]] },
    failing: { attemptsMax: 1, attemptsPerTarget: 1, breaker: { failures: 1, openMs: 60_000 } },
  });
  vendors.play({ 1: DOWN[1] });
  await expect(world.gateway.complete(callOf(undefined))).rejects.toMatchObject({ code: "overloaded" });
  vendors.play({ 1: DOWN[1] });
  expect((await world.gateway.complete(callOf(undefined))).origin.model).toContain("gpt-5-mini");
  await world.close();
});

test(footing("the clock is set back or forward"), async () => {
  const world = await startFaultWorld(vendors, { failing: { breaker: { failures: 1, openMs: 10_000 } } });
  vendors.play(DOWN);
  await world.gateway.complete(callOf(undefined));
  for (const jump of [-3_600_000, 7_200_000, -86_400_000]) {
    world.later(jump);
    vendors.play({});
    await world.gateway.complete(callOf(undefined));
  }
  // Set back by a day, it is left alone for ten seconds and not for a day.
  world.later(10_000);
  expect((await world.gateway.complete(callOf(undefined))).origin.provider).toBe("openai");
  const { calls } = await world.gateway.ledger.calls({});
  expect(calls).toHaveLength(5);
  for (const { durationMs, outcome } of calls) {
    expect(outcome).toBe("answered");
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(durationMs).toBeLessThan(60_000);
  }
  await world.close();
});
