/** A gateway that is stopped or told anew while streams run. */
import type { StreamEvent } from "@dragoman/llm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import { type FaultVendors, startFaultVendors, startFaultWorld } from "./fault-world.ts";
import { ask, callOf } from "./mounts.ts";
import { TARGETS } from "./scenario.ts";
import { footing } from "./scenarios/footing.ts";

let vendors: FaultVendors;
beforeAll(async () => {
  vendors = await startFaultVendors({ chunkDelayMs: 2 });
});
afterAll(() => vendors.close());

async function begun(stream: AsyncIterable<StreamEvent>): Promise<AsyncIterator<StreamEvent>> {
  const events = stream[Symbol.asyncIterator]();
  for (let next = await events.next(); next.done !== true; next = await events.next())
    if (next.value.type === "text-delta") return events;
  throw new Error("the stream never began");
}

async function lastOf(events: AsyncIterator<StreamEvent>): Promise<StreamEvent | undefined> {
  let last: StreamEvent | undefined;
  for (let next = await events.next(); next.done !== true; next = await events.next()) last = next.value;
  return last;
}

const STALL = { 1: [{ type: "delivery", how: "stall" }] } as const;

test("it waits for the streams that run, and takes no other calls meanwhile", async () => {
  const world = await startFaultWorld(vendors);
  vendors.play({});
  const events = await begun(world.gateway.stream(callOf(undefined)));
  const drained = world.gateway.drain(10_000);
  const seen = await ask("chat", world);
  expect(seen).toMatchObject({ status: 503, complete: false });
  expect((await fetch(`${world.url}/ready`)).status).toBe(503);
  await expect(world.gateway.reconfigure(world.gateway.configuration)).rejects.toMatchObject({ code: "provider_unavailable" });
  expect(await lastOf(events)).toMatchObject({ type: "finish" });
  expect(await drained).toEqual({ cut: 0 });
  await world.close();
});

test(`${footing("the gateway is stopped")}: a stream that does not end is cut at the limit, with an error, and is settled`, async () => {
  const closed: CallRecord[] = [];
  const world = await startFaultWorld(vendors, {
    options: { observers: [{ callClosed: (record) => void closed.push(record) }] },
  });
  vendors.play(STALL);
  const events = await begun(world.gateway.stream(callOf(undefined)));
  expect(await world.gateway.drain(5)).toEqual({ cut: 1 });
  const end = lastOf(events);
  await world.gateway.close();
  expect(await end).toMatchObject({ type: "error" });
  expect(world.gateway.running).toBe(0);
  expect(closed).toMatchObject([{ outcome: "aborted", estimated: true, attempts: [{ outcome: "aborted" }] }]);
  expect(closed[0]?.costUsd).toBeGreaterThan(0);
  await world.close();
});

test("a stream that began under another configuration ends as it began, counts as running, and is waited for", async () => {
  const world = await startFaultWorld(vendors);
  vendors.play({});
  const events = await begun(world.gateway.stream(callOf(undefined)));
  const { configuration } = world.gateway;
  await world.gateway.reconfigure({ ...configuration, models: {} });
  expect(world.gateway.running).toBe(1);
  const drained = world.gateway.drain(10_000);
  expect(await lastOf(events)).toMatchObject({ type: "finish" });
  expect(await drained).toEqual({ cut: 0 });
  await world.close();
});

test("closing does not wait for a stream of a configuration that was replaced", async () => {
  const world = await startFaultWorld(vendors);
  vendors.play(STALL);
  const events = await begun(world.gateway.stream(callOf(undefined)));
  await world.gateway.reconfigure({ ...world.gateway.configuration, models: {} });
  const end = lastOf(events);
  await world.gateway.close();
  expect(await end).toMatchObject({ type: "error" });
  await world.close();
});

test("what is known of targets outlives a configuration", async () => {
  const world = await startFaultWorld(vendors, { failing: { breaker: { failures: 1, openMs: 60_000 } } });
  vendors.play({ 1: [{ type: "delivery", how: "reset" }] });
  await world.gateway.complete(callOf(undefined));
  await world.gateway.reconfigure({ ...world.gateway.configuration, preferred: {} });
  vendors.play({});
  await world.gateway.complete(callOf(undefined));
  expect(vendors.asked()[1]).toBe(0);
  expect(world.gateway.health().find(({ target }) => target === TARGETS[1])?.state).toBe("open");
  await world.close();
});
