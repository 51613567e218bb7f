import type { LimitRule } from "../../src/configuration.ts";
import { createManualMeterClock } from "../limits/manual-meter-clock.ts";
import { turn } from "../limits/metering.ts";
import { createFleet } from "./lease-fleet.ts";
import { createLeaseModel } from "./memory-lease-store.ts";

export const LEASE_MS = 3_000;

/** A fleet over one model of the store, by a clock that only the test moves. */
export function fleetOf(given: LimitRule, names: readonly string[]) {
  const clock = createManualMeterClock();
  const model = createLeaseModel({ leaseMs: LEASE_MS, now: clock.now });
  const fleet = createFleet({ rule: given, leaseMs: LEASE_MS, clock, storeOf: model.storeOf });
  for (const name of names) fleet.start(name);
  /** In small steps, so that answers come in between. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.pass(50);
      await turn();
    }
  }
  async function call(name: string, units: number): Promise<boolean> {
    const asked = fleet.call(name, units);
    await pass(300);
    return asked;
  }
  return { clock, model, fleet, pass, call };
}
