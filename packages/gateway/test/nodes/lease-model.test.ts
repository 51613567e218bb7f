/** Any interleaving of calls, kills, cut wires and lost answers, over a model of the store: what is used never exceeds the stated bound. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sliceMax } from "../../src/nodes/leases/slice-size.ts";
import { createManualMeterClock } from "../limits/manual-meter-clock.ts";
import { rule, turn } from "../limits/metering.ts";
import { createFleet, type Way } from "./lease-fleet.ts";
import { createLeaseModel } from "./memory-lease-store.ts";

const LEASE_MS = 3_000;
const NAMES = ["a", "b", "c", "d"];

type Step =
  | { readonly type: "call"; readonly node: string; readonly units: number; readonly times: number }
  | { readonly type: "settle"; readonly node: string; readonly share: number }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "exhaust" | "kill" | "leave" | "start"; readonly node: string }
  | { readonly type: "way"; readonly node: string; readonly way: Way };

const node = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("call"),
      node,
      units: fc.integer({ min: 1, max: 40 }),
      times: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("settle"), node, share: fc.constantFrom(0, 0.5, 1) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("pass"), ms: fc.constantFrom(15, 400, 1_100, 3_500, 30_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("exhaust", "kill", "leave", "start", "start"), node }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("way"), node, way: fc.constantFrom<Way>("open", "open", "cut", "deaf", "late") }),
  },
) as fc.Arbitrary<Step>;

const RULES = {
  "a budget that rolls": rule({ metric: "usd", amount: 1e-6, window: { type: "rolling", ms: 60_000 } }),
  "a budget without end": rule({ metric: "usd", amount: 1e-6, window: { type: "calendar", unit: "year", timeZone: "UTC" } }),
};
/** Of both, in billionths of a dollar. */
const AMOUNT = 1_000;

async function run(given: (typeof RULES)[keyof typeof RULES], steps: readonly Step[]): Promise<void> {
  const clock = createManualMeterClock();
  const model = createLeaseModel({ leaseMs: LEASE_MS, now: clock.now });
  const fleet = createFleet({ rule: given, leaseMs: LEASE_MS, clock, storeOf: model.storeOf });
  for (const name of NAMES.slice(0, 3)) fleet.start(name);
  function check(): void {
    const lost = model.takenBack.reduce((sum, units) => sum + units, 0);
    expect(fleet.inWindow()).toBeLessThanOrEqual(AMOUNT + lost);
    for (const units of model.takenBack) expect(units).toBeLessThanOrEqual(sliceMax(AMOUNT, 1));
  }
  for (const one of steps) {
    await take(fleet, clock, one);
    check();
  }
  // Whatever each believes to hold is spent, without another word to the store.
  for (const name of NAMES) fleet.exhaust(name);
  check();
  for (const name of NAMES) fleet.kill(name);
}

async function take(fleet: ReturnType<typeof createFleet>, clock: ReturnType<typeof createManualMeterClock>, one: Step) {
  switch (one.type) {
    case "call":
      for (let time = 0; time < one.times; time += 1) void fleet.call(one.node, one.units);
      break;
    case "settle":
      fleet.settle(one.node, one.share);
      break;
    case "pass":
      clock.pass(one.ms);
      break;
    case "exhaust":
      fleet.exhaust(one.node);
      break;
    case "kill":
      fleet.kill(one.node);
      break;
    case "leave":
      void fleet.leave(one.node);
      break;
    case "start":
      if (!fleet.nodes.has(one.node)) fleet.start(one.node);
      break;
    case "way": {
      const found = fleet.nodes.get(one.node);
      if (found !== undefined) found.way = one.way;
    }
  }
  await turn();
  clock.pass(1);
  await turn();
  clock.pass(15);
  await turn();
}

describe("limits that nodes share, over a model of the leases", () => {
  test.each(Object.entries(RULES))("%s is exceeded by no more than what was taken back from the lost", async (_name, given) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => run(given, steps)),
      { numRuns: 100 },
    );
  });
});
