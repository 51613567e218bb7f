/**
 * The laws of limits, over random interleavings. Beside the meter runs a model that remembers every call with its times, and
 * knows nothing of cells, slices or lines.
 */
import { DragomanError } from "@dragoman/llm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Amounts } from "../../src/ledger/call-record.ts";
import { createMeter } from "../../src/limits/create-meter.ts";
import type { Meter, MeteredCall, Reservation, Standing } from "../../src/limits/meter.ts";
import { createManualMeterClock, type ManualMeterClock, NOON } from "./manual-meter-clock.ts";
import { amounts, calendar, MINUTE, QUEUE, rule } from "./metering.ts";

const WINDOW_MS = 60_000;
const SLICE_MS = 1_000;
const DAY_MS = 86_400_000;

/** What a call takes, at most one of the limits' amounts. */
const taken: fc.Arbitrary<Amounts> = fc.record({
  requests: fc.constant(1),
  inputTokens: fc.integer({ min: 0, max: 40 }),
  outputTokens: fc.integer({ min: 0, max: 40 }),
  usd: fc.integer({ min: 0, max: 40 }).map((cents) => cents / 100),
});
const caller = fc.record({ key: fc.constantFrom("a", "b", "c"), session: fc.constantFrom("s", "t") });
const which = fc.nat({ max: 20 });

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("reserve" as const), call: caller, amounts: taken }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("settle" as const), which, amounts: taken }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("grow" as const), which, amounts: taken }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("abort" as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("configure" as const), times: fc.constantFrom(1, 2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(1, 400, 5_000, 29_700, 59_500, 61_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One call of the model. */
interface ModelCall {
  readonly call: MeteredCall;
  readonly reservation: Reservation;
  readonly parts: { readonly now: number; readonly wall: number; amounts: Amounts }[];
  used?: Amounts;
}

const METRICS = {
  requests: (one: Amounts) => one.requests,
  tokens: (one: Amounts) => one.inputTokens + one.outputTokens,
  usd: (one: Amounts) => one.usd ?? 0,
} as const;

const RULES: readonly LimitRule[] = [
  rule({ name: "rate", metric: "requests", amount: 4, each: ["key"] }),
  rule({ name: "tokens", metric: "tokens", amount: 150, window: MINUTE }),
  rule({ name: "places", metric: "concurrency", amount: 3 }),
  rule({ name: "budget", metric: "usd", amount: 1.5, window: calendar("day"), each: ["session"] }),
];

/** Calls that may wait in one line. Those that wait in another already are not turned away. */
const LENGTH_MAX = 3;
/** Counters that a call of one key and session may wait for, over all keys and sessions. */
const LINES = 7;

/** Waits where there is a line, for a shorter time than any run lasts. */
const QUEUING = RULES.map(
  (one): LimitRule => (one.name === "budget" ? one : { ...one, overflow: { ...QUEUE, lengthMax: LENGTH_MAX } }),
);

interface Run {
  readonly clock: ManualMeterClock;
  readonly meter: Meter;
  readonly calls: ModelCall[];
  /** As they were given; now so many times as large. */
  readonly rules: readonly LimitRule[];
  times: number;
  waiting: number;
}

function rulesOf({ rules, times }: Run): readonly LimitRule[] {
  return rules.map((one) => ({ ...one, amount: one.amount * times }));
}

/** Does what a step says, and returns what was let in by it. What waits is let in later, by `onAdmit`. */
function act(run: Run, one: Step, controllers: AbortController[], onAdmit: (call: ModelCall) => void): "in" | "out" | "other" {
  const { meter, clock, calls } = run;
  if (one.type === "configure") {
    run.times = one.times;
    meter.configure(rulesOf(run));
  }
  const open = calls.filter(({ used }) => used === undefined);
  if (one.type === "pass") clock.pass(one.ms);
  if (one.type === "abort") controllers[one.which % Math.max(1, controllers.length)]?.abort();
  if (one.type === "settle") {
    const call = open[one.which % Math.max(1, open.length)];
    if (call === undefined) return "other";
    call.used = one.amounts;
    call.reservation.settle(one.amounts);
    call.reservation.settle(amounts({ requests: 50, usd: 50 }));
  }
  if (one.type === "grow") {
    const call = open[one.which % Math.max(1, open.length)];
    return call === undefined ? "other" : grow(run, call, one.amounts);
  }
  return one.type === "reserve" ? reserve(run, one, controllers, onAdmit) : "other";
}

function reserve(
  run: Run,
  { call, amounts: wanted }: Extract<Step, { readonly type: "reserve" }>,
  controllers: AbortController[],
  onAdmit: (call: ModelCall) => void,
): "in" | "out" | "other" {
  const { meter, clock, calls } = run;
  const controller = new AbortController();
  const admit = (reservation: Reservation): void => {
    const admitted = { call, reservation, parts: [{ now: clock.now(), wall: clock.wall(), amounts: wanted }] };
    calls.push(admitted);
    onAdmit(admitted);
  };
  let asked: ReturnType<Meter["reserve"]>;
  try {
    asked = meter.reserve(call, "call", wanted, { signal: controller.signal });
  } catch (thrown) {
    hold(DragomanError.is(thrown), "a refusal is an error of the table");
    return "out";
  }
  if (!(asked instanceof Promise)) {
    admit(asked);
    return "in";
  }
  controllers.push(controller);
  run.waiting += 1;
  asked
    .then(admit, (thrown: unknown) => expect(DragomanError.is(thrown)).toBe(true))
    .finally(() => {
      run.waiting -= 1;
    });
  return "other";
}

function grow({ clock }: Run, call: ModelCall, to: Amounts): "in" | "out" {
  try {
    call.reservation.grow(to);
  } catch {
    return "out";
  }
  const held = sum(call.parts.map((part) => part.amounts));
  const more = {
    requests: Math.max(0, to.requests - held.requests),
    inputTokens: Math.max(0, to.inputTokens + to.outputTokens - held.inputTokens - held.outputTokens),
    outputTokens: 0,
    usd: Math.max(0, (to.usd ?? 0) - (held.usd ?? 0)),
  };
  call.parts.push({ now: clock.now(), wall: clock.wall(), amounts: more });
  return "in";
}

function sum(all: readonly Amounts[]): Amounts {
  return all.reduce(
    (total, one) => ({
      requests: total.requests + one.requests,
      inputTokens: total.inputTokens + one.inputTokens,
      outputTokens: total.outputTokens + one.outputTokens,
      usd: (total.usd ?? 0) + (one.usd ?? 0),
    }),
    amounts({ requests: 0 }),
  );
}

/** What a call counts for in each of its parts: what it holds, or what it used, the first part filled first. */
function shares(call: ModelCall, of: (one: Amounts) => number): readonly number[] {
  const held = call.parts.map((part) => of(part.amounts));
  if (call.used === undefined) return held;
  let left = of(call.used);
  // What was used beyond stands where it grew last.
  const last = Math.max(
    0,
    held.findLastIndex((part) => part > 0),
  );
  return held.map((part, index) => {
    const share = index === last ? left : Math.min(left, part);
    left -= share;
    return share;
  });
}

type Metric = keyof typeof METRICS;

function counted(
  calls: readonly ModelCall[],
  metric: Metric,
  within: (part: { readonly now: number; readonly wall: number }) => boolean,
): number {
  const of = METRICS[metric];
  let total = 0;
  for (const call of calls) {
    shares(call, of).forEach((share, index) => {
      const part = call.parts[index];
      if (part !== undefined && within(part)) total += share;
    });
  }
  return total;
}

const inWindow = (now: number) => (part: { readonly now: number }) => part.now > now - WINDOW_MS;
const thisDay = (wall: number) => (part: { readonly wall: number }) =>
  Math.floor(part.wall / DAY_MS) === Math.floor(wall / DAY_MS);
/** Sums of hundredths in floating point, as the model has them. */
const EPSILON = 1e-6;

function start(rules: readonly LimitRule[]): Run {
  const clock = createManualMeterClock();
  return { clock, meter: createMeter({ rules, clock }), calls: [], rules, times: 1, waiting: 0 };
}

/** As `expect`, without its cost: these are asked a hundred thousand times. */
function hold(isSo: boolean, law: string): void {
  if (!isSo) throw new Error(`it does not hold that ${law}`);
}

/** No more than the amounts, in any window that ends now. What takes nothing of a limit is let in whatever was overspent. */
function expectWithinAmounts({ calls, clock, times }: Run, { call, parts }: ModelCall): void {
  const [now, wall] = [clock.now(), clock.wall()];
  const [first] = parts;
  const ofKey = calls.filter((one) => one.call.key === call.key);
  const ofSession = ofKey.filter((one) => one.call.session === call.session);
  const takes = (metric: Metric): boolean => first !== undefined && METRICS[metric](first.amounts) > 0;
  hold(counted(ofKey, "requests", inWindow(now)) <= 4 * times, "a key has four requests a minute");
  hold(!takes("tokens") || counted(calls, "tokens", inWindow(now)) <= 150 * times, "150 tokens are let in a minute");
  hold(calls.filter(({ used }) => used === undefined).length <= 3 * times, "three calls are under way");
  const ofDay = counted(ofSession, "usd", thisDay(wall));
  hold(!takes("usd") || ofDay <= 1.5 * times + EPSILON, "a session has 1.5 USD a day");
}

describe("whatever calls do", () => {
  test("nothing is let in beyond an amount, nothing is taken of a call that is not let in, and what is settled is what is counted", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const run = start(RULES);
        for (const one of steps) {
          const before = one.type === "reserve" || one.type === "grow" ? run.meter.standings() : [];
          const outcome = act(run, one, [], (call) => expectWithinAmounts(run, call));
          if (outcome === "out") hold(isWithin(before, run.meter.standings()), "a refused call takes nothing");
          expectStandingsOf(run);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a budget is overspent by no more than what calls under way used beyond their reservations", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const run = start([rule({ name: "budget", metric: "usd", amount: 1.5, window: calendar("day") })]);
        let timesMax = 1;
        for (const one of steps) {
          act(run, one, [], () => {});
          timesMax = Math.max(timesMax, run.times);
          const spent = counted(
            run.calls.filter(({ used }) => used !== undefined),
            "usd",
            thisDay(run.clock.wall()),
          );
          const beyond = run.calls.map(({ used, parts }) =>
            Math.max(0, (used?.usd ?? 0) - (sum(parts.map((part) => part.amounts)).usd ?? 0)),
          );
          const bound = 1.5 * timesMax + beyond.reduce((total, one) => total + one, 0);
          hold(spent <= bound + EPSILON, "no more is overspent than was used beyond reservations");
        }
      }),
      { numRuns: 400 },
    );
  });

  test("those who wait go in when there is room, and none waits for ever", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const run = start(
          QUEUING.map((one): LimitRule => ({ ...one, overflow: { ...QUEUE, lengthMax: LENGTH_MAX, waitMaxMs: 1e12 } })),
        );
        const controllers: AbortController[] = [];
        for (const one of steps) {
          act(run, one, controllers, () => {});
          await Promise.resolve();
          await Promise.resolve();
          for (const { waiting } of run.meter.standings()) hold(waiting <= LINES * LENGTH_MAX, "lines are bounded");
          hold(
            !hasRoomForAny(run.meter) || run.meter.standings().every(({ waiting }) => waiting === 0),
            "nobody waits where there is room",
          );
        }
        for (let round = 0; run.waiting > 0; round += 1) {
          expect(round).toBeLessThan(60);
          settleOpen(run);
          // Also the day's budget comes back.
          run.clock.pass(DAY_MS);
          await new Promise((resolve) => setImmediate(resolve));
        }
        settleOpen(run);
        expect(run.meter.standings().filter(({ reserved, waiting }) => reserved > 0 || waiting > 0)).toEqual([]);
        expect(run.clock.timers).toBe(0);
      }),
      { numRuns: 120 },
    );
  });

  test("in a line nobody is let in beyond an amount either", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const run = start(QUEUING);
        const controllers: AbortController[] = [];
        for (const one of steps) {
          if (one.type === "configure") continue;
          // What uses no more than it reserved leaves every limit within its amount, always.
          const modest: Step = one.type === "settle" ? { type: "settle", which: one.which, amounts: amounts() } : one;
          act(run, modest, controllers, () => {});
          for (const { rule: name, reserved, used, amount } of run.meter.standings()) {
            hold(used + reserved <= amount + EPSILON, `${name} stays within its amount`);
          }
          await Promise.resolve();
        }
        run.meter.close();
        await new Promise((resolve) => setImmediate(resolve));
        expect(run.waiting).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test("a clock that jumps about frees nothing of what its day has seen, and keeps nothing once a new day is over", () => {
    const jump = fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS });
    fc.assert(
      fc.property(fc.array(fc.tuple(taken, fc.option(jump, { freq: 2 })), { minLength: 2, maxLength: 25 }), (steps) => {
        const run = start([rule({ name: "budget", metric: "usd", amount: 1e6, window: calendar("day") })]);
        const days = new Set<number>();
        for (const [used, by] of steps) {
          if (by !== null) run.clock.setWall(NOON + by);
          days.add(Math.floor(run.clock.wall() / DAY_MS));
          act(run, { type: "reserve", call: { key: "a", session: "s" }, amounts: used }, [], () => {});
          act(run, { type: "settle", which: 0, amounts: used }, [], () => {});
          run.clock.pass(1_000);
        }
        const [standing] = run.meter.standings();
        const latest = run.calls.at(-1);
        // What was used since the clock was last put right, and what went before it on the same day without a jump between.
        const sinceJump = steps.slice(
          Math.max(
            0,
            steps.findLastIndex(([, by]) => by !== null),
          ),
        ).length;
        const ofLast = run.calls.slice(-sinceJump);
        expect(latest).toBeDefined();
        expect(standing?.used).toBeGreaterThanOrEqual(counted(ofLast, "usd", thisDay(run.clock.wall())) - EPSILON);
        expect(standing?.used).toBeLessThanOrEqual(counted(run.calls, "usd", () => true) + EPSILON);
        run.clock.setWall((Math.max(...days) + 2) * DAY_MS);
        expect(run.meter.standings()[0]?.used).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("restored from the ledger, every limit stands where it stood", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 50 }), (steps) => {
        const run = start(RULES);
        for (const one of steps) if (one.type !== "grow") act(run, one, [], () => {});
        settleOpen(run);
        const restored = createMeter({ rules: rulesOf(run), clock: run.clock, restore: ledgerOf(run) });
        for (const key of ["a", "b", "c"])
          for (const session of ["s", "t"]) restored.check({ key, session }, "call", amounts({ requests: 0 }));
        const stood = run.meter.standings().filter(({ used }) => used > 0);
        expect(restored.standings().filter(({ used }) => used > 0)).toEqual(expect.arrayContaining(stood));
        expect(restored.standings().filter(({ used }) => used > 0)).toHaveLength(stood.length);
      }),
      { numRuns: 150 },
    );
  });
});

/** Whether the largest call of all would find room now, whoever sends it. */
function hasRoomForAny(meter: Meter): boolean {
  const most: Readonly<Record<string, number>> = { rate: 1, tokens: 80, places: 1, budget: 0.4 };
  return meter.standings().every(({ rule: name, amount, used, reserved }) => amount - used - reserved >= (most[name] ?? 0));
}

/** Whether every standing of before stands as it did. A call that is refused may make counters, with nothing in them. */
function isWithin(before: readonly Standing[], after: readonly Standing[]): boolean {
  const stands = new Set(after.map((one) => JSON.stringify(one)));
  return before.every((one) => stands.has(JSON.stringify(one)));
}

function settleOpen({ calls }: Run): void {
  for (const call of calls) {
    if (call.used !== undefined) continue;
    call.used = amounts({ inputTokens: 1, usd: 0.01 });
    call.reservation.settle(call.used);
  }
}

/** Every standing is what the model counts: of calendars exactly, of rolling windows to the slice. */
function expectStandingsOf({ meter, calls, clock }: Run): void {
  const [now, wall] = [clock.now(), clock.wall()];
  for (const { rule: name, subject, used, reserved } of meter.standings()) {
    const mine = calls.filter(({ call }) =>
      Object.entries(subject).every(([dimension, value]) => Reflect.get(call, dimension) === value),
    );
    const inUse = used + reserved;
    if (name === "places") hold(inUse === mine.filter((call) => call.used === undefined).length, "places are calls under way");
    if (name === "budget")
      hold(Math.abs(inUse - counted(mine, "usd", thisDay(wall))) < EPSILON, "a day counts what its calls used");
    const metric = name === "rate" ? "requests" : "tokens";
    if (name !== "rate" && name !== "tokens") continue;
    const withSlice = (part: { readonly now: number }): boolean => part.now > now - WINDOW_MS - SLICE_MS;
    hold(inUse >= counted(mine, metric, inWindow(now)), `all ${metric} of the window count`);
    hold(inUse <= counted(mine, metric, withSlice), `no ${metric} count that are older than window and slice`);
  }
}

/** What a ledger of these calls would say. */
function ledgerOf({ calls }: Run) {
  return (metric: LimitRule["metric"], of: MeteredCall, since: number) => {
    const counts = (one: Amounts): number => {
      if (metric === "requests" || metric === "tokens" || metric === "usd") return METRICS[metric](one);
      throw new Error(`the ledger was asked for ${metric}`);
    };
    const slices = calls
      .filter(({ call }) => Object.entries(of).every(([dimension, value]) => Reflect.get(call, dimension) === value))
      .flatMap(({ parts, used }) =>
        parts.slice(0, 1).map(({ wall }) => ({ at: wall, amount: used === undefined ? 0 : counts(used) })),
      )
      .filter(({ at }) => at >= since);
    return { amount: slices.reduce((total, slice) => total + slice.amount, 0), slices };
  };
}
