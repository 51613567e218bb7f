/** A caller that leaves: before the head, before the first token, in the middle; as a program and over the wire. */
import { createFold } from "@dragoman/llm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultVendors, type FaultWorld, startFaultVendors, startFaultWorld, WELL } from "./fault-world.ts";
import { bodyOf, callOf, clientOf, ROUTE } from "./mounts.ts";
import type { Met } from "./scenario.ts";
import { footing } from "./scenarios/footing.ts";

let vendors: FaultVendors;
let world: FaultWorld;
beforeAll(async () => {
  vendors = await startFaultVendors();
  world = await startFaultWorld(vendors);
});
afterAll(async () => {
  await world.close();
  await vendors.close();
});

const MOMENTS: readonly { readonly when: string; readonly met: Met }[] = [
  { when: "before the head", met: { type: "delivery", how: "silence" } },
  { when: "before the first token", met: { type: "delivery", how: "silent-after-head" } },
  { when: "in the middle of the answer", met: { type: "delivery", how: "stall" } },
];

/** Ends the call once the vendor has it, or once a part of the answer is there. */
type Leaving = (leave: () => void, signal: AbortSignal) => Promise<unknown>;

const WAYS: readonly { readonly who: string; readonly run: Leaving; readonly waitsForText: boolean }[] = [
  {
    who: "a program that completes",
    waitsForText: false,
    run: (_leave, signal) => world.gateway.complete({ ...callOf(undefined), signal }),
  },
  {
    who: "a program that streams",
    waitsForText: true,
    run: async (leave, signal) => {
      const fold = createFold();
      for await (const event of world.gateway.stream({ ...callOf(undefined), signal })) {
        fold.push(event);
        if (event.type === "text-delta") leave();
      }
      expect(fold.terminal).toMatchObject({ type: "error", error: { code: "aborted" } });
    },
  },
  ...(["chat stream", "messages stream"] as const).map((mount) => ({
    who: `a client of ${mount}`,
    waitsForText: true,
    run: async (leave: () => void, signal: AbortSignal) => {
      const client = clientOf(mount);
      const body = JSON.stringify(bodyOf(client, true));
      const response = await fetch(`${world.url}${client.path({ model: ROUTE })}`, { method: "POST", body, signal });
      for await (const _piece of response.body ?? []) leave();
    },
  })),
];

describe.each(MOMENTS)(`${footing("a client leaves")} $when`, ({ met, when }) => {
  test.each(WAYS)("$who", async ({ run, waitsForText }) => {
    vendors.play({ 1: [met] });
    const before = vendors.openai.requests.length;
    const controller = new AbortController();
    const leave = (): void => controller.abort();
    const over = run(leave, controller.signal).catch(() => undefined);
    await expect.poll(() => vendors.openai.requests.length, { interval: 2 }).toBe(before + 1);
    const seesText = waitsForText && when === "in the middle of the answer";
    if (!seesText) leave();
    await over;
    await expect.poll(() => vendors.openai.requests.at(-1)?.aborted, { interval: 2 }).toBe(true);
    await expect.poll(() => world.gateway.running, { interval: 2 }).toBe(0);
    const [record] = (await world.gateway.ledger.calls({ countMax: 1 })).calls;
    // The vendor had it: what was set aside or has arrived is counted, and nobody else was asked.
    expect(record).toMatchObject({ outcome: "aborted", estimated: true, attempts: [{ outcome: "aborted" }] });
    expect(record?.costUsd).toBeGreaterThan(0);
    expect(vendors.asked()).toEqual({ 1: 1, 2: 0, 3: 0 });
    expect(world.gateway.meter.standings().filter(({ reserved }) => reserved !== 0)).toEqual([]);
    expect(world.gateway.health().filter(({ failures }) => failures > 0)).toEqual([]);
    await world.gateway.complete({ ...callOf(undefined), model: WELL });
  });
});

test("a caller that had left before anything was sent costs nothing", async () => {
  vendors.play({});
  const outcome = world.gateway.complete({ ...callOf(undefined), signal: AbortSignal.abort() });
  await expect(outcome).rejects.toMatchObject({ code: "aborted" });
  const [record] = (await world.gateway.ledger.calls({ countMax: 1 })).calls;
  expect(record).toMatchObject({ outcome: "aborted", costUsd: 0, attempts: [] });
  expect(vendors.asked()[1]).toBe(0);
});

test("a reader that takes what it needs and goes has the vendor stop, without a signal", async () => {
  vendors.play({ 1: [{ type: "delivery", how: "stall" }] });
  for await (const event of world.gateway.stream(callOf(undefined))) if (event.type === "text-delta") break;
  await expect.poll(() => vendors.openai.requests.at(-1)?.aborted, { interval: 2 }).toBe(true);
  expect(world.gateway.running).toBe(0);
});
