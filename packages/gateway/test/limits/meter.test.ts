import { describe, expect, test } from "vitest";
import { createMeter } from "../../src/limits/create-meter.ts";
import type { LimitWarning } from "../../src/limits/threshold-warnings.ts";
import { createManualMeterClock } from "./manual-meter-clock.ts";
import { amounts, calendar, metered, QUEUE, queue, refused, rule, standing, take, tokens, UNPRICED, usd } from "./metering.ts";

const HOUR = 3_600_000;

describe("which rules a call falls under", () => {
  test("every dimension that is named must have one of its values", () => {
    const { meter } = metered([rule({ name: "search", of: { team: ["search", "sales"], agent: ["planner"] } })]);
    expect(take(meter, amounts(), { team: "sales", agent: "planner" }).rules).toEqual(["search"]);
    expect(take(meter, amounts(), { team: "sales", agent: "coder" }).rules).toEqual([]);
    expect(take(meter, amounts(), { team: "sales" }).rules).toEqual([]);
  });

  test("a dimension that is absent matches no rule that counts each of it", () => {
    const { meter } = metered([rule({ each: ["session"] })]);
    expect(take(meter, amounts(), { key: "a" }).rules).toEqual([]);
  });

  test("a rule that names provider or model is asked before an attempt, any other before the call", () => {
    const { meter } = metered([
      rule({ name: "vendor", each: ["provider"] }),
      rule({ name: "model", of: { model: ["m"] } }),
      rule({ name: "all" }),
    ]);
    const call = { key: "a", provider: "openai", model: "m" };
    expect(take(meter, amounts(), call, "call").rules).toEqual(["all"]);
    expect(take(meter, amounts(), call, "attempt").rules).toEqual(["vendor", "model"]);
  });

  test("each value has a count of its own", () => {
    const { meter } = metered([rule({ amount: 1, each: ["key"] })]);
    take(meter, amounts(), { key: "a" });
    take(meter, amounts(), { key: "b" });
    expect(refused(() => take(meter, amounts(), { key: "a" })).detail).toContain("for key a");
  });

  test("values that run into one another are told apart", () => {
    const { meter } = metered([rule({ amount: 1, each: ["team", "agent"] })]);
    take(meter, amounts(), { team: "a", agent: "1:b" });
    take(meter, amounts(), { team: "a1:", agent: "b" });
    expect(meter.standings()).toHaveLength(2);
  });

  test("sessions of one name are told apart by who pays", () => {
    const { meter } = metered([rule({ amount: 1, each: ["session"] })]);
    take(meter, amounts(), { session: "s", key: "a" });
    take(meter, amounts(), { session: "s", key: "b" });
    take(meter, amounts(), { session: "s", key: "b", team: "t" });
    refused(() => take(meter, amounts(), { session: "s", key: "c", team: "t" }));
    expect(meter.standings().map(({ subject }) => subject)).toEqual([
      { key: "a", session: "s" },
      { key: "b", session: "s" },
      { team: "t", session: "s" },
    ]);
  });

  test("a rule among thousands is found", () => {
    const many = Array.from({ length: 3_000 }, (_, index) => rule({ name: `k${index}`, of: { key: [`k${index}`] } }));
    const { meter } = metered(many);
    expect(take(meter, amounts(), { key: "k1234" }).rules).toEqual(["k1234"]);
  });
});

describe("what is counted", () => {
  test.each([
    ["requests", 1],
    ["tokens", 30],
    ["input-tokens", 10],
    ["output-tokens", 20],
    ["usd", 0.5],
    ["concurrency", 1],
  ] as const)("%s", (metric, expected) => {
    const { meter } = metered([rule({ metric, amount: 100 })]);
    const reservation = take(meter, amounts({ inputTokens: 10, outputTokens: 20, usd: 0.5 }));
    expect(standing(meter)).toMatchObject({ amount: 100, used: 0, reserved: expected });
    reservation.settle(amounts({ inputTokens: 5, outputTokens: 5, usd: 0.25 }));
    const used = { requests: 1, tokens: 10, "input-tokens": 5, "output-tokens": 5, usd: 0.25, concurrency: 0 }[metric];
    expect(standing(meter)).toMatchObject({ used, reserved: 0 });
  });

  test("room is taken in all rules or in none", () => {
    const { meter } = metered([
      rule({ name: "wide" }),
      rule({ name: "narrow", metric: "tokens", amount: 100 }),
      rule({ name: "last" }),
    ]);
    refused(() => take(meter, tokens(101)));
    take(meter, tokens(60));
    refused(() => take(meter, tokens(60)));
    expect(standing(meter, "wide").reserved).toBe(1);
    expect(standing(meter, "last").reserved).toBe(1);
  });

  test("a reservation is settled once, with less or with more", () => {
    const { meter } = metered([rule({ metric: "tokens", amount: 100 })]);
    const less = take(meter, tokens(60));
    less.settle(tokens(10));
    less.settle(tokens(99));
    expect(standing(meter)).toMatchObject({ used: 10, reserved: 0 });
    const more = take(meter, tokens(90));
    more.settle(tokens(200));
    expect(standing(meter)).toMatchObject({ used: 210, reserved: 0 });
    refused(() => take(meter, tokens(1)));
  });

  test("a reservation grows, or stays as it is and says why", () => {
    const { meter } = metered([rule({ name: "count" }), rule({ metric: "tokens", amount: 100 })]);
    const reservation = take(meter, tokens(40));
    reservation.grow(tokens(80));
    reservation.grow(tokens(20));
    expect(standing(meter).reserved).toBe(80);
    expect(standing(meter, "count").reserved).toBe(1);
    expect(refused(() => reservation.grow(tokens(101))).code).toBe("quota_exceeded");
    take(meter, tokens(20));
    expect(refused(() => reservation.grow(tokens(81))).code).toBe("rate_limited");
    expect(standing(meter).reserved).toBe(100);
    reservation.settle(tokens(70));
    expect(standing(meter)).toMatchObject({ used: 70, reserved: 20 });
    expect(refused(() => reservation.grow(tokens(1))).code).toBe("internal");
  });

  test("a hundred thousand sums of a fraction of a cent do not drift", () => {
    const { meter } = metered([rule({ metric: "usd", amount: 1_000, window: calendar("month") })]);
    for (let count = 0; count < 100_000; count += 1) take(meter, usd(0.000_3)).settle(usd(0.000_1));
    expect(standing(meter)).toMatchObject({ used: 10, reserved: 0 });
  });

  test("a figure that is no number counts for nothing, and spoils nothing", () => {
    const { meter } = metered([rule({ metric: "tokens", amount: 100 })]);
    take(meter, tokens(50)).settle(tokens(Number.NaN, -5));
    expect(standing(meter)).toMatchObject({ used: 0, reserved: 0 });
  });
});

describe("what a call is told that finds no room", () => {
  test("a rate: when to come back, to the slice", () => {
    const { meter, clock } = metered([rule({ name: "rpm", amount: 2 })]);
    take(meter);
    clock.pass(30_000);
    take(meter);
    const error = refused(() => take(meter));
    expect(error).toMatchObject({ code: "rate_limited", retryable: true });
    expect(error.detail).toContain('limit "rpm" (2 requests per minute) has 0 requests left');
    const wait = error.retryAfterMs ?? 0;
    expect(wait).toBeGreaterThanOrEqual(30_000);
    expect(wait).toBeLessThanOrEqual(31_000);
    clock.pass(wait - 2);
    refused(() => take(meter));
    clock.pass(2);
    take(meter);
  });

  test("a budget that is used up: not to be retried, and when it begins anew", () => {
    const { meter } = metered([rule({ metric: "usd", amount: 1, window: calendar("day") })]);
    take(meter, usd(0.9)).settle(usd(0.95));
    const error = refused(() => take(meter, usd(0.1)));
    expect(error).toMatchObject({ code: "quota_exceeded", retryable: false, retryAfterMs: 12 * HOUR });
    expect(error.advice).toBe('raise the limit "limit", or wait until it begins anew in 12 h');
  });

  test("a budget whose rest is only set aside: to come back when the calls under way have ended", () => {
    const { meter, clock } = metered([rule({ metric: "usd", amount: 1, window: calendar("day") })]);
    const first = take(meter, usd(0.5));
    clock.pass(4_000);
    first.settle(usd(0.1));
    take(meter, usd(0.8));
    const error = refused(() => take(meter, usd(0.2)));
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 4_000 });
    expect(error.detail).toContain("0.8 USD set aside for calls under way");
  });

  test("concurrency: about as long as a call lasts", () => {
    const { meter, clock } = metered([rule({ metric: "concurrency", amount: 1 })]);
    const first = take(meter);
    clock.pass(2_500);
    first.settle(amounts());
    take(meter);
    expect(refused(() => take(meter))).toMatchObject({ code: "rate_limited", retryAfterMs: 2_500 });
  });

  test("of several rules the one that stands in the way for longest", () => {
    const { meter } = metered([
      rule({ name: "second", window: { type: "rolling", ms: 1_000 }, amount: 1 }),
      rule({ name: "minute", amount: 1 }),
    ]);
    take(meter);
    expect(refused(() => take(meter)).detail).toContain('"minute"');
  });

  test("check says the same, and takes nothing", () => {
    const { meter } = metered([rule({ amount: 1 })]);
    expect(meter.check({}, "call", amounts())).toBeUndefined();
    expect(standing(meter)).toMatchObject({ used: 0, reserved: 0 });
    take(meter);
    expect(meter.check({}, "call", amounts())?.code).toBe("rate_limited");
  });

  test("a call that was aborted, and a meter that was closed", () => {
    const { meter } = metered([]);
    expect(refused(() => meter.reserve({}, "call", amounts(), { signal: AbortSignal.abort() })).code).toBe("aborted");
    meter.close();
    expect(refused(() => take(meter)).code).toBe("provider_unavailable");
  });
});

describe("a call larger than the whole limit", () => {
  test("is refused for good by a budget, and by a rate that its prompt alone breaks", () => {
    const budget = metered([rule({ metric: "usd", amount: 1, window: calendar("month") })]).meter;
    const rate = metered([rule({ metric: "tokens", amount: 1_000 })]).meter;
    for (const error of [refused(() => take(budget, usd(1.01))), refused(() => take(rate, tokens(1_001, 1)))]) {
      expect(error).toMatchObject({ code: "quota_exceeded", retryable: false, retryAfterMs: undefined });
      expect(error.detail).toContain("never has that much");
    }
  });

  test("goes alone through a rate where only the guess at its answer is too large", () => {
    const { meter, clock } = metered([rule({ metric: "tokens", amount: 1_000 })]);
    const alone = take(meter, tokens(400, 5_000));
    expect(standing(meter).reserved).toBe(1_000);
    refused(() => take(meter, tokens(1)));
    alone.settle(tokens(400, 50));
    expect(refused(() => take(meter, tokens(400, 5_000))).retryAfterMs).toBe(61_000 - (clock.now() % 1_000));
    take(meter, tokens(550));
  });
});

describe("a price that is unknown", () => {
  const budget = (unknownPrice: "block" | "allow" | "flag") => [
    rule({ name: "b", metric: "usd", unknownPrice, window: calendar("day") }),
  ];

  test("block refuses, and names the rule", () => {
    const error = refused(() => take(metered(budget("block")).meter, UNPRICED));
    expect(error).toMatchObject({
      code: "quota_exceeded",
      vendorCode: "unknown_price",
      retryable: false,
      retryAfterMs: undefined,
    });
    expect(error.detail).toContain('unknown_price: the price of this call is not known, and limit "b"');
  });

  test("allow counts nothing until the price is known", () => {
    const warnings: LimitWarning[] = [];
    const { meter } = metered(budget("allow"), { onWarning: (one) => warnings.push(one) });
    const reservation = take(meter, UNPRICED);
    expect(reservation.warnings).toEqual([]);
    reservation.settle(usd(0.5));
    take(meter, UNPRICED).settle(UNPRICED);
    expect(standing(meter, "b")).toMatchObject({ used: 0.5, reserved: 0 });
    expect(warnings).toEqual([]);
  });

  test("flag says so on every call, and to the operator once a day", () => {
    const warnings: LimitWarning[] = [];
    const { meter, clock } = metered(budget("flag"), { onWarning: (one) => warnings.push(one) });
    expect(take(meter, UNPRICED).warnings).toEqual([expect.stringContaining("the price of this call is unknown")]);
    expect(take(meter, UNPRICED).warnings).toHaveLength(1);
    expect(warnings).toMatchObject([{ type: "unknown-price", rule: "b" }]);
    clock.pass(12 * HOUR);
    take(meter, UNPRICED);
    expect(warnings).toHaveLength(2);
  });

  test("what was reserved stands where the settlement knows no price", () => {
    const { meter } = metered(budget("allow"));
    take(meter, usd(2)).settle(UNPRICED);
    expect(standing(meter, "b").used).toBe(2);
  });

  test("growing into an unknown price is refused by block", () => {
    const { meter } = metered(budget("block"));
    const reservation = take(meter, usd(2));
    expect(refused(() => reservation.grow(UNPRICED)).vendorCode).toBe("unknown_price");
    expect(standing(meter, "b").reserved).toBe(2);
  });
});

describe("warnings at thresholds", () => {
  test("once for each threshold and window, on the reservation and to the operator", () => {
    const warnings: LimitWarning[] = [];
    const { meter, clock } = metered([rule({ warnAt: [0.9, 0.5], window: calendar("day") })], {
      onWarning: (one) => warnings.push(one),
    });
    const told = (): number[] => Array.from({ length: 10 }, () => take(meter).warnings.length);
    expect(told()).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect(warnings.map(({ share }) => share)).toEqual([0.5, 0.9]);
    expect(warnings[0]?.message).toContain("is used to 50 %: 5 requests");
    clock.pass(12 * HOUR);
    expect(told()).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
  });

  test("a settlement above the reservation crosses as well, and says the highest alone", () => {
    const warnings: LimitWarning[] = [];
    const { meter } = metered([rule({ metric: "usd", warnAt: [0.5, 0.8] })], { onWarning: (one) => warnings.push(one) });
    const reservation = take(meter, usd(1));
    reservation.settle(usd(9));
    expect(reservation.warnings).toHaveLength(1);
    expect(warnings).toMatchObject([{ type: "threshold", share: 0.9 }]);
    expect(take(meter, usd(0.1)).warnings).toEqual([]);
  });

  test("a rolling window warns again when the window is over", () => {
    const { meter, clock } = metered([rule({ amount: 2, warnAt: [0.5] })]);
    expect(take(meter).warnings).toHaveLength(1);
    clock.pass(30_000);
    expect(take(meter).warnings).toHaveLength(0);
    clock.pass(61_000);
    expect(take(meter).warnings).toHaveLength(1);
  });

  test("one who listens and fails harms no call", () => {
    const { meter } = metered([rule({ amount: 2, warnAt: [0.5] })], {
      onWarning: () => {
        throw new Error("no pager");
      },
    });
    take(meter).settle(amounts());
    expect(standing(meter)).toMatchObject({ used: 1, reserved: 0 });
  });
});

describe("another configuration", () => {
  test("keeps what is counted of rules that count as before, with their new amount", () => {
    const { meter } = metered([rule({ amount: 2 }), rule({ name: "gone", amount: 1 })]);
    const open = take(meter);
    refused(() => take(meter));
    meter.configure([rule({ amount: 3, warnAt: [0.5] }), rule({ name: "new", amount: 2, window: calendar("day") })]);
    expect(take(meter).warnings).toHaveLength(1);
    open.settle(amounts());
    expect(meter.standings().map(({ rule: name, used, reserved }) => [name, used, reserved])).toEqual([
      ["limit", 1, 1],
      ["new", 0, 1],
    ]);
  });

  test("knows a rule again that has another name, as one has that is called after its place", () => {
    const { meter } = metered([rule({ name: "limits[0]", amount: 2, each: ["key"] })]);
    take(meter, amounts(), { key: "a" }).settle(amounts());
    meter.configure([rule({ name: "limits[0]", amount: 5 }), rule({ name: "limits[1]", amount: 2, each: ["key"] })]);
    expect(meter.standings()).toMatchObject([
      { rule: "limits[1]", used: 1 },
      { rule: "limits[0]", used: 0 },
    ]);
  });

  test("counts anew where the window or the calls are others", () => {
    const { meter } = metered([rule({ name: "a", amount: 1 }), rule({ name: "b", amount: 1 })]);
    take(meter);
    meter.configure([
      rule({ name: "a", amount: 1, window: calendar("day") }),
      rule({ name: "b", amount: 1, of: { key: ["k"] } }),
    ]);
    take(meter, amounts(), { key: "k" });
  });

  test("a rule with which nothing can be counted changes nothing", () => {
    const { meter } = metered([rule({ amount: 1 })]);
    take(meter);
    const wrong = [
      rule({ amount: 0 }),
      rule({ amount: Number.NaN }),
      rule({ metric: "usd", amount: 1e-10 }),
      rule({ metric: "usd", amount: 1e7 }),
      rule({ window: { type: "rolling", ms: 0 } }),
      rule({ window: { type: "now" } }),
      rule({ metric: "concurrency", window: calendar("day") }),
      rule({ window: calendar("day", "Mars/Olympus") }),
    ];
    for (const one of wrong) expect(refused(() => meter.configure([one])).code).toBe("configuration");
    expect(refused(() => meter.configure([rule(), rule()])).detail).toContain("names are unique");
    refused(() => take(meter));
  });
});

describe("the number of counters", () => {
  const eachSession = [rule({ each: ["session"], amount: 5 })];

  test("those in which nothing is counted are forgotten first", () => {
    const { meter, clock } = metered(eachSession, { countersMax: 10 });
    for (let index = 0; index < 10; index += 1) take(meter, amounts(), { session: `old ${index}` }).settle(amounts());
    clock.pass(61_000);
    for (let index = 0; index < 10; index += 1) take(meter, amounts(), { session: `new ${index}` }).settle(amounts());
    expect(meter.standings().map(({ subject }) => subject.session)).toEqual(
      Array.from({ length: 10 }, (_, index) => `new ${index}`),
    );
  });

  test("where all are in use a further one is refused rather than not counted", () => {
    const { meter, clock } = metered(eachSession, { countersMax: 10 });
    const open = Array.from({ length: 10 }, (_, index) => take(meter, amounts(), { session: `${index}` }));
    expect(refused(() => take(meter, amounts(), { session: "one more" })).code).toBe("rate_limited");
    take(meter, amounts(), { session: "3" });
    open[5]?.settle(amounts({ requests: 0 }));
    clock.pass(1);
    take(meter, amounts(), { session: "one more" });
    expect(meter.standings()).toHaveLength(10);
  });

  test("where the ledger remembers, any may be forgotten that nothing is under way in", () => {
    const { meter, clock } = metered(eachSession, {
      countersMax: 2,
      restore: (_metric, { session }) =>
        session === "a" && clock.now() > 1_000_000
          ? { amount: 4, slices: [{ at: clock.wall(), amount: 4 }] }
          : { amount: 0, slices: [] },
    });
    for (let count = 0; count < 4; count += 1) take(meter, amounts(), { session: "a" }).settle(amounts());
    for (const session of ["b", "c", "d"]) {
      clock.pass(1);
      take(meter, amounts(), { session }).settle(amounts());
    }
    clock.pass(1);
    expect(meter.standings().map(({ subject }) => subject.session)).not.toContain("a");
    take(meter, amounts(), { session: "a" });
    refused(() => take(meter, amounts(), { session: "a" }));
  });

  test("a counter of a call that waits is kept", async () => {
    const { meter } = metered(
      [rule({ metric: "concurrency", amount: 1, overflow: QUEUE }), ...eachSession.map((one) => ({ ...one, name: "each" }))],
      {
        countersMax: 1,
      },
    );
    const first = take(meter);
    const waiting = queue(meter, { session: "s" });
    expect(refused(() => take(meter, amounts(), { session: "another" })).detail).toContain("1 counts are in use already");
    first.settle(amounts());
    await waiting.over;
    expect(standing(meter, "each")).toMatchObject({ subject: { session: "s" }, reserved: 1 });
  });

  test("a call never makes its own counters forgotten", () => {
    const { meter } = metered([rule({ name: "one", each: ["session"] }), rule({ name: "two", each: ["session"] })], {
      countersMax: 1,
    });
    expect(refused(() => take(meter, amounts(), { session: "s" })).code).toBe("rate_limited");
    expect(meter.standings()).toMatchObject([{ rule: "one", used: 0, reserved: 0 }]);
  });
});

test("standings name every rule that counts all alike, also before the first call, restored", () => {
  const clock = createManualMeterClock();
  const used: unknown[][] = [];
  const meter = createMeter({
    clock,
    rules: [rule({ metric: "usd", amount: 5, window: calendar("month"), of: { team: ["a", "b"], route: ["fast"] } })],
    restore: (...asked) => {
      used.push(asked);
      return { amount: 1.25, slices: [] };
    },
  });
  expect(meter.standings()).toEqual([
    { rule: "limit", subject: {}, amount: 5, used: 2.5, reserved: 0, waiting: 0, resetsAt: Date.UTC(2026, 5, 1) },
  ]);
  const since = Date.UTC(2026, 4, 1);
  expect(used).toEqual([
    ["usd", { team: "a", route: "fast" }, since],
    ["usd", { team: "b", route: "fast" }, since],
  ]);
});
