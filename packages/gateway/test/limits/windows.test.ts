import { describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { type CalendarUnit, createCalendar } from "../../src/limits/calendar.ts";
import { NOON } from "./manual-meter-clock.ts";
import { amounts, calendar, metered, refused, rule, standing, take } from "./metering.ts";

const HOUR = 3_600_000;

/** A period as its zone writes it down. */
function period(unit: CalendarUnit, timeZone: string, at: string): readonly [start: string, end: string, hours: number] {
  const { start, end } = createCalendar(unit, timeZone).periodAt(Date.parse(at));
  return [new Date(start).toISOString(), new Date(end).toISOString(), (end - start) / HOUR];
}

describe("periods of the calendar", () => {
  test.each([
    ["hour", "UTC", "2026-05-13T12:34:56.789Z", "2026-05-13T12:00:00.000Z", 1],
    ["hour", "Asia/Kolkata", "2026-05-13T12:34:56.789Z", "2026-05-13T12:30:00.000Z", 1],
    ["day", "UTC", "2026-05-13T12:34:56Z", "2026-05-13T00:00:00.000Z", 24],
    ["day", "Asia/Kathmandu", "2026-05-13T12:34:56Z", "2026-05-12T18:15:00.000Z", 24],
    ["week", "UTC", "2026-05-17T23:59:59.999Z", "2026-05-11T00:00:00.000Z", 168],
    ["week", "Pacific/Kiritimati", "2026-05-17T23:59:59Z", "2026-05-17T10:00:00.000Z", 168],
    ["month", "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00.000Z", 29 * 24],
    ["year", "Europe/Berlin", "2026-07-01T12:00:00Z", "2025-12-31T23:00:00.000Z", 365 * 24],
  ] as const)("a %s in %s around %s", (unit, timeZone, at, start, hours) => {
    const [began, , lasts] = period(unit, timeZone, at);
    expect([began, lasts]).toEqual([start, hours]);
  });

  // Dates of the shifts: the IANA time zone database.
  test.each([
    ["a day of 23 hours", "day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["a day of 25 hours", "day", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    [
      "a month with a shift in it",
      "month",
      "Europe/Berlin",
      "2026-03-10T12:00:00Z",
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
    ],
    [
      "a day without midnight",
      "day",
      "America/Sao_Paulo",
      "2018-11-04T12:00:00Z",
      "2018-11-04T03:00:00.000Z",
      "2018-11-05T02:00:00.000Z",
    ],
    [
      "a day whose midnight comes twice",
      "day",
      "America/Sao_Paulo",
      "2018-02-18T12:00:00Z",
      "2018-02-18T03:00:00.000Z",
      "2018-02-19T03:00:00.000Z",
    ],
    [
      "the hour before that second midnight",
      "day",
      "America/Sao_Paulo",
      "2018-02-18T02:30:00Z",
      "2018-02-17T02:00:00.000Z",
      "2018-02-18T03:00:00.000Z",
    ],
    [
      "a minute of a day that goes back to the day before",
      "day",
      "America/St_Johns",
      "2006-10-29T02:45:00Z",
      "2006-10-29T02:30:00.000Z",
      "2006-10-30T03:30:00.000Z",
    ],
    [
      "a day that was left out",
      "day",
      "Pacific/Apia",
      "2011-12-30T11:00:00Z",
      "2011-12-30T10:00:00.000Z",
      "2011-12-31T10:00:00.000Z",
    ],
  ] as const)("%s", (_, unit, timeZone, at, start, end) => {
    expect(period(unit, timeZone, at).slice(0, 2)).toEqual([start, end]);
  });

  test.each(["America/Sao_Paulo", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Europe/Dublin"])(
    "days in %s follow one another without a gap, over three years",
    (timeZone) => {
      const days = createCalendar("day", timeZone);
      let end = days.periodAt(Date.UTC(2006, 0, 1)).end;
      while (end < Date.UTC(2009, 0, 1)) {
        const next = days.periodAt(end);
        expect(next.start).toBe(end);
        expect(days.periodAt(next.end - 1)).toEqual(next);
        end = next.end;
      }
    },
  );
});

describe("a window that rolls", () => {
  test("lets go of what is older than itself, at most a sixtieth of it late", () => {
    const { meter, clock } = metered([rule({ amount: 1 })]);
    for (let start = 0; start < 5; start += 1) {
      take(meter).settle(amounts());
      const takenAt = clock.now();
      while (meter.check({}, "call", amounts()) !== undefined) clock.pass(250);
      expect(clock.now() - takenAt).toBeGreaterThan(60_000);
      expect(clock.now() - takenAt).toBeLessThanOrEqual(61_250);
      clock.pass(start * 37);
    }
  });

  test("counts a call at the moment when it was let in, however long it lasts", () => {
    const { meter, clock } = metered([rule({ amount: 1 })]);
    const long = take(meter);
    clock.pass(61_000);
    take(meter);
    long.settle(amounts());
    expect(standing(meter)).toMatchObject({ used: 0, reserved: 1 });
  });

  test("counts what a call has grown by at the moment when it grew", () => {
    const { meter, clock } = metered([rule({ metric: "tokens", amount: 100 })]);
    const call = take(meter, amounts({ inputTokens: 40 }));
    clock.pass(50_000);
    call.grow(amounts({ inputTokens: 90 }));
    call.settle(amounts({ inputTokens: 80 }));
    clock.pass(11_000);
    expect(standing(meter)).toMatchObject({ used: 40, reserved: 0 });
  });

  test("goes by the clock that never goes back: one that jumps neither frees nor keeps anything", () => {
    const { meter, clock } = metered([rule({ amount: 1 })]);
    take(meter).settle(amounts());
    for (const wall of [NOON + 24 * HOUR, NOON - 24 * HOUR]) {
      clock.setWall(wall);
      expect(refused(() => take(meter)).retryAfterMs).toBeLessThanOrEqual(61_000);
    }
    clock.pass(61_000);
    take(meter);
  });
});

describe("a window of the calendar", () => {
  const day = [rule({ amount: 10, window: calendar("day") })];
  const midnight = Date.UTC(2026, 4, 14);

  test("begins anew at midnight", () => {
    const { meter, clock } = metered(day);
    take(meter, amounts({ requests: 10 })).settle(amounts({ requests: 10 }));
    expect(standing(meter).resetsAt).toBe(midnight);
    clock.pass(12 * HOUR - 1);
    refused(() => take(meter));
    clock.pass(1);
    take(meter, amounts({ requests: 10 }));
  });

  test("a call that goes on over midnight is settled in the day in which it was let in", () => {
    const { meter, clock } = metered(day);
    const long = take(meter, amounts({ requests: 8 }));
    clock.pass(12 * HOUR);
    expect(standing(meter)).toMatchObject({ used: 0, reserved: 0 });
    long.settle(amounts({ requests: 9 }));
    expect(standing(meter)).toMatchObject({ used: 0, reserved: 0 });
  });

  test("a clock that goes back over midnight frees nothing of the day before", () => {
    const { meter, clock } = metered(day);
    take(meter, amounts({ requests: 7 })).settle(amounts({ requests: 7 }));
    const open = take(meter, amounts({ requests: 2 }));
    clock.setWall(midnight);
    take(meter, amounts({ requests: 5 })).settle(amounts({ requests: 5 }));
    clock.setWall(midnight - 1_000);
    expect(standing(meter)).toMatchObject({ used: 12, reserved: 2 });
    open.settle(amounts({ requests: 3 }));
    refused(() => take(meter));
    clock.pass(1_000);
    expect(standing(meter)).toMatchObject({ used: 5, reserved: 0 });
  });

  test("a clock that was years ahead, and is put right, keeps nothing for years", () => {
    const { meter, clock } = metered(day);
    take(meter, amounts({ requests: 3 })).settle(amounts({ requests: 3 }));
    clock.setWall(Date.UTC(2036, 0, 1));
    take(meter, amounts({ requests: 4 })).settle(amounts({ requests: 4 }));
    clock.setWall(NOON);
    expect(standing(meter).used).toBe(7);
    clock.setWall(midnight);
    expect(standing(meter).used).toBe(0);
  });

  test("months of a zone end when its midnight comes", () => {
    const window: LimitRule["window"] = calendar("month", "America/New_York");
    const { meter, clock } = metered([rule({ amount: 1, window })]);
    clock.setWall(Date.parse("2026-06-01T03:59:59Z"));
    take(meter).settle(amounts());
    refused(() => take(meter));
    clock.pass(1_000);
    take(meter);
  });
});
