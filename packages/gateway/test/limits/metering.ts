/** What the tests of limits share: short ways to say a rule, a call, what it takes and what came of it. */
import { DragomanError } from "@dragoman/llm";
import { expect } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Amounts } from "../../src/ledger/call-record.ts";
import { createMeter, type MeterOptions } from "../../src/limits/create-meter.ts";
import type { Meter, MeteredCall, Reservation, Standing } from "../../src/limits/meter.ts";
import { createManualMeterClock } from "./manual-meter-clock.ts";

export const MINUTE: LimitRule["window"] = { type: "rolling", ms: 60_000 };
export const NOW: LimitRule["window"] = { type: "now" };
export const calendar = (unit: "hour" | "day" | "week" | "month" | "year", timeZone = "UTC"): LimitRule["window"] => ({
  type: "calendar",
  unit,
  timeZone,
});
export const QUEUE: Extract<LimitRule["overflow"], { readonly type: "queue" }> = {
  type: "queue",
  waitMaxMs: 10_000,
  lengthMax: 100,
};

/** Ten requests a minute for all, unless it says otherwise. */
export function rule(given: Partial<LimitRule> = {}): LimitRule {
  return {
    name: "limit",
    metric: "requests",
    amount: 10,
    window: given.metric === "concurrency" ? NOW : MINUTE,
    of: {},
    each: [],
    overflow: { type: "refuse" },
    unknownPrice: "block",
    warnAt: [],
    ...given,
  };
}

export function amounts(given: Partial<Amounts> = {}): Amounts {
  return { requests: 1, inputTokens: 0, outputTokens: 0, usd: 0, ...given };
}

export const tokens = (inputTokens: number, outputTokens = 0): Amounts => amounts({ inputTokens, outputTokens });
export const usd = (value: number): Amounts => amounts({ usd: value });
/** An answer whose price nobody knows. */
export const UNPRICED: Amounts = { requests: 1, inputTokens: 10, outputTokens: 10 };

/** A meter with its clock. */
export function metered(rules: readonly LimitRule[], options: Partial<MeterOptions> = {}) {
  const clock = createManualMeterClock();
  const meter = createMeter({ rules, clock, ...options });
  return { clock, meter };
}

/** Room that must be there at once. */
export function take(
  meter: Meter,
  taken: Amounts = amounts(),
  call: MeteredCall = {},
  stage: "call" | "attempt" = "call",
): Reservation {
  const reservation = meter.reserve(call, stage, taken);
  if (reservation instanceof Promise) throw new Error("the call waits");
  return reservation;
}

/** What stands against a call that must find no room at once. */
export function refused(act: () => unknown): DragomanError {
  try {
    act();
  } catch (thrown) {
    if (DragomanError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("it was let in");
}

/** A call that must wait, and what has become of it. */
export interface Waiting {
  reservation?: Reservation;
  error?: DragomanError;
  readonly over: Promise<void>;
}

export function queue(
  meter: Meter,
  call: MeteredCall = {},
  taken: Amounts = amounts(),
  signal?: AbortSignal,
  stage: "call" | "attempt" = "call",
): Waiting {
  const asked = meter.reserve(call, stage, taken, { signal });
  if (!(asked instanceof Promise)) throw new Error("it was let in at once");
  return follow(asked);
}

export function follow(asked: Promise<Reservation>): Waiting {
  const waiting: Waiting = {
    over: asked.then(
      (reservation) => {
        waiting.reservation = reservation;
      },
      (thrown: unknown) => {
        if (!DragomanError.is(thrown)) throw thrown;
        waiting.error = thrown;
      },
    ),
  };
  return waiting;
}

/** Lets promises have their turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function standing(meter: Meter, name = "limit"): Standing {
  const found = meter.standings().filter((one) => one.rule === name);
  expect(found).toHaveLength(1);
  const [only] = found;
  if (only === undefined) throw new Error(`no standing of ${name}`);
  return only;
}
